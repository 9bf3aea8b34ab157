"""What locks the process that opens a model, per platform, and an honest report of what is in force."""
