"""Holds a model to its contract: the rules for its configuration, the shapes and values at its input and output."""
