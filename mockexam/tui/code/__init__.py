"""The code editor and what it knows of Python: completion, syntax errors, searching."""
