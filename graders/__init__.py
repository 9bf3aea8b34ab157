"""Grade a model file against a task: `graders.grade(...)`, or a warm `graders.Service`."""
