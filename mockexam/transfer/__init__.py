"""An attempt, or a result, as one signed file: written, read without trusting it, tested again."""
