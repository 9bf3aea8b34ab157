"""What today's TensorFlow no longer takes, found in a program before it runs, with the changes that mend it."""
