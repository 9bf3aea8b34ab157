"""Problem packs: their format, the data they prepare, the workers that run their code, the tools of their authors."""
