"""The Pythons that candidates' programs run in: found by reading files, chosen, activated and described."""
