"""The candidate's project: an ordinary folder, which other editors and programs may change too."""
