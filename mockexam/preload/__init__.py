"""What stands before a candidate's program: its parts, the switches, and the variables that bring them in."""
