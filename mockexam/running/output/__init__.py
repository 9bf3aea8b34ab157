"""What a program's output says: epochs, places in files, errors, and TensorFlow's noise."""
