"""A pack on disk: its files as structs, read fast when they are right, with every fault named when they aren't."""
