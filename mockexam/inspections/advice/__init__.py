"""What to tell about a program that failed, by the end of its output: what arrived, what was wanted, what to write."""
