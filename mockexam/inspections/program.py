"""A program as its inspections see it."""

from __future__ import annotations


class Program:
    """A text, its tree and what its names stand for."""

    def __init__(self, source: str) -> None:
        self.source = source
