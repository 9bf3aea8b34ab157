"""The version of grader and application, which are handed out together; receipts name it."""

__version__ = "0.1.0"
