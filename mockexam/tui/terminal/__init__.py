"""What lies between Textual and the terminal, or the browser, that shows it."""
