"""What the names of a program stand for, read from its text: what Keras made, or nothing where that isn't sure."""
