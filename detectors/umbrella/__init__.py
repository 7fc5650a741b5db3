"""Ties between officials and gangs, and lenient handling."""
