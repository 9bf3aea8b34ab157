"""The folder on the path of programs, read by any Python from 3.7 on. Imports nothing of the application."""
