"""The exam screen and its parts."""
