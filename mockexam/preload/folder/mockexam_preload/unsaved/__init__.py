"""What the rescue of trained models is made of: who was trained, the files, the process that opens them again."""
