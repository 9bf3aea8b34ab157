"""`mockexam run`, and the options that choose a Python for programs."""
