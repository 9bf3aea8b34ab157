"""A hands-on TensorFlow mock exam in the terminal."""

__version__ = "0.1.0"
