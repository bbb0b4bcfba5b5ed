"""Synthetic patients over MongoDB."""
