"""What the editor learns of Python from processes of its own: names, syntax errors, findings."""
