"""The shell commands, a module each: parse, call, print, exit code. No logic."""
