"""From predictions and labels to five scored tests, and to the probability that other draws would pass."""
