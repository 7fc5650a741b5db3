"""Leases and disposals of collective assets."""
