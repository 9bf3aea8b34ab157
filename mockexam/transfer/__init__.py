"""An attempt, or a result, as one signed file: written, read without trust, tested again."""
