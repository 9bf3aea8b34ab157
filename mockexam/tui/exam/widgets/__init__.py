"""What the exam screen is laid out of."""
