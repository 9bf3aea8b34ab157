"""Colours, words and controls that every screen shares."""
