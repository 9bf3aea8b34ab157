"""The workbench in the terminal. Only the commands that open a screen import it."""
