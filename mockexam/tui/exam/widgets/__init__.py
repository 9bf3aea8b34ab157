"""The widgets that the exam screen is made of."""
