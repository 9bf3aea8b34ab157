"""The Run window: a program's output and its curves."""
