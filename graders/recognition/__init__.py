"""Which file of a folder, project or archive is the model that a person means: for the application and the grader."""
