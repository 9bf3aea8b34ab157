"""Writing files whole or not at all, locking what a living process still makes, unpacking archives without trust."""
