"""The language that people are shown: catalogues of translations, and where sentences become text."""
