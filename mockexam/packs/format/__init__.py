"""What a pack is on disk: its files as structs, read fast when right, with every fault named when not."""
