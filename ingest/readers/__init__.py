"""Readers: bytes in, raw rows with the row numbers a person sees out."""
