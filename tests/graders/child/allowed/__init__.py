"""The lists that the rules for names come to."""
