"""The pack format: what an instructor writes, as read from pack.toml and problem.toml."""
