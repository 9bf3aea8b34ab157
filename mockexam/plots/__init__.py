"""The figures of a run: kept beside its log, read without trust, and encoded for a terminal by another process."""
