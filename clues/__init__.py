"""Clues: findings become ranked, explained reasons to look, and files to hand over."""
