"""The screens of what exams came to, and their text."""
