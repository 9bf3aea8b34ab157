"""The project interpreter: what can be chosen, what is known of it, and the one that the exam's programs run in."""
