"""Prepares a problem's data and keeps it, checked, in the cache."""
