"""Intake: department files in, clean typed tables out, each row with its source."""
