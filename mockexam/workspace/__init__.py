"""The candidate's project: an ordinary folder, which other editors and programs change too."""
