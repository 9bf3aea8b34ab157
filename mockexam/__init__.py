"""The application: a hands-on TensorFlow mock exam in the terminal. Uses the grader."""

__version__ = "0.1.0"
