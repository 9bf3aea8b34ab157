"""Writing files and folders whole or not at all, and locking what a living process is still making."""
