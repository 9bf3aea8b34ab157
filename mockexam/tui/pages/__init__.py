"""Every screen outside the exam, from the welcome screen to the results."""
