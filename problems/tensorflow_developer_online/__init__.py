"""The pack with the original's own data sets: TOML, Markdown, stubs. Data is downloaded, nothing is imported."""
