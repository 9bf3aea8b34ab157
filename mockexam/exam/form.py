"""The form of the exam: its categories, minutes, pass mark and tests. Everything that states them takes them from here.

A pack may set other minutes, points or waits (`[form]` in pack.toml); these are the defaults.
"""

from __future__ import annotations

from typing import NamedTuple

from graders.defaults import TESTS
from graders.sentences import Sentence, sentence

__all__ = [
    "CATEGORIES",
    "FIRST",
    "LAST",
    "MINUTES",
    "OTHERS",
    "PASS_MARK",
    "PATTERN",
    "RETAKE_DAYS",
    "TESTS",
    "WEIGHTS",
    "Category",
]


class Category(NamedTuple):
    """A kind of problem. `points` are out of 100; `sample` is the name of the one that `mockexam pack new` writes."""

    number: int
    name: Sentence
    title: Sentence
    points: int
    sample: str


CATEGORIES: dict[int, Category] = {
    each.number: each
    for each in (
        Category(1, sentence("basic model"), sentence("A basic model"), 10, "line"),
        Category(2, sentence("learning data set"), sentence("A model from a learning data set"), 15, "flowers"),
        Category(3, sentence("images"), sentence("Images and convolutions"), 20, "shapes"),
        Category(4, sentence("text"), sentence("Text"), 25, "reviews"),
        Category(5, sentence("sequences"), sentence("Sequences and time series"), 30, "tide"),
    )
}
"""By number. The numbers are consecutive and have one digit."""

FIRST, LAST = min(CATEGORIES), max(CATEGORIES)
PATTERN = f"^[{FIRST}-{LAST}]$"
"""The number of a category as a key of TOML or JSON, where keys are texts."""
OTHERS = "others"
"""The key of a table by category under which stands what holds for the categories that it doesn't name."""
WEIGHTS = {each.number: each.points for each in CATEGORIES.values()}

MINUTES = 300
PASS_MARK = 90
"""Of 100 points."""
RETAKE_DAYS = (14, 60, 365)
"""The waits of the original after the first failure in a row, the second, and each further one."""
