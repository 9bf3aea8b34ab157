"""What holds where a task says nothing else; light enough for those who only tell of it."""

from __future__ import annotations

TESTS = 5
"""How often a model is scored, unless a problem says otherwise."""
