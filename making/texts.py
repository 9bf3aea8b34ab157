"""What the text problems share: words, a vocabulary of the commonest, and texts as rows of word numbers."""

from __future__ import annotations

import collections
import json
import re
from collections.abc import Iterable
from pathlib import Path

PADDING, UNKNOWN = 0, 1

# Dictionaries and speeches hold insults, and speak of people as was usual long ago: texts with these words are left
# out. One on a line; a star stands for any ending.
UNWELCOME = re.compile(
    "|".join(
        rf"\b{re.escape(line.rstrip('*'))}" + ("" if line.endswith("*") else r"\b")
        for line in (Path(__file__).parent / "unwelcome.txt").read_text(encoding="utf-8").split("\n")
        if line
    ),
    re.IGNORECASE,
)


def words(text: str) -> list[str]:
    """Lower-case runs of letters: the same rule as in the problems' starters."""
    return re.findall(r"[a-z]+", text.lower())


def vocabulary(texts: Iterable[str], size: int) -> list[str]:
    """The commonest words, ties in alphabetical order; a word's place is its number, 0 and 1 are taken."""
    counts = collections.Counter(word for text in texts for word in words(text))
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    return ["", "<unknown>", *ranked[: size - 2]]


def encode(text: str, numbers: dict[str, int], length: int) -> tuple[int, ...]:
    """Word numbers, cut or padded at the end to `length`."""
    found = [numbers.get(word, UNKNOWN) for word in words(text)][:length]
    return tuple(found + [PADDING] * (length - len(found)))


def write_json(path: Path, rows: list[str] | list[dict[str, str]]) -> None:
    """Write a list with one row on each line, so that people can read it."""
    body = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text(f"[\n{body}\n]\n", encoding="utf-8")
