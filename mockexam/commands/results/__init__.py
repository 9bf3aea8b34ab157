"""`mockexam results` and its sub-commands."""
