"""Proves that a model answers for one row at a time: the sample asked alone, the order in time, the comparison."""
