"""Problem packs: their format, the data they prepare, the workers that run their code, and their authors' tools."""
