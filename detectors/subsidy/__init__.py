"""Subsidies paid to the wrong people, or favouring kin."""
