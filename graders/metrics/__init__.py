"""The metrics that a problem may ask for: a table of records, and the measurement that reads it."""
