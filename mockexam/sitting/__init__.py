"""What the screen and the shell both do with an exam: create, provision, start, submit, grade, end."""
