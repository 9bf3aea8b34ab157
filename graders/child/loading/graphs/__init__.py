"""Graphs of TensorFlow: what they need, and how they are loaded and run as when they were written."""
