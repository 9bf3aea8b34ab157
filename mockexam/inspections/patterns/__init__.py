"""The entries of the table, a module for each part of the libraries that they are about."""
