"""Bid rigging: registers, hardware, money and co-bidding statistics."""
