"""Procurement irregularities."""
