"""Short-lived processes that run a pack's code or need NumPy and TensorFlow, and the client that starts them."""
