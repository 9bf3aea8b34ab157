"""What can be read at any time: the keys, and the page on code from the courses."""
