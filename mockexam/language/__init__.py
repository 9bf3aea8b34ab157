"""The language that people are shown: catalogues of translations, and the place where sentences become text."""
