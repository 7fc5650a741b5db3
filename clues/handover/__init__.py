"""Handover files: letters, annexes and pictures that leave the office."""
