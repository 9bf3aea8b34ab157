"""`mockexam pack` and its sub-commands."""
