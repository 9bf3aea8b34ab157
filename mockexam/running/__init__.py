"""A candidate's program in a pseudo-terminal, and what its output says."""
