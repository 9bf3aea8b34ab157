"""The application's handle on the grader: starts the supervisor, sends it submissions, keeps it alive. No NumPy."""
