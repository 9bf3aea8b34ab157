"""The application: a hands-on TensorFlow mock exam in the terminal. Uses the grader."""

from graders.version import __version__ as __version__
