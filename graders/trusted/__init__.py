"""The process that holds the labels: stages submissions, starts and watches children, makes verdicts of answers."""
