"""The console and a reference terminal read the same streams and must agree."""

from __future__ import annotations

import random

import pytest

from mockexam.running.console import Console
from mockexam.running.style import Style
from tests.running.streams import ROWS, Reference, comparable, random_stream, trimmed


def cells(console: Console) -> list[list[tuple[str, Style]]]:
    result = []
    for row in range(len(console)):
        text, marks = console.line(row)
        ends = [start for start, _ in marks[1:]] + [len(text)]
        result.append(
            [(char, comparable(style)) for (at, style), end in zip(marks, ends, strict=True) for char in text[at:end]]
        )
    return trimmed(result)


def visible(lines: list[list[tuple[str, Style]]]) -> list[list[tuple[str, Style]]]:
    """Lines with the styles of blanks left out: an erased cell keeps the background in one and not in the other."""
    return [[(char, style if char != " " else Style()) for char, style in line] for line in lines]


def text_of(lines: list[list[tuple[str, Style]]]) -> list[str]:
    return ["".join(char for char, _ in line) for line in lines]


@pytest.mark.parametrize("block", [*range(3), *(pytest.param(block, marks=pytest.mark.soak) for block in range(3, 10))])
def test_text_and_colours_equal_the_reference(block: int) -> None:
    for seed in range(block * 60, block * 60 + 60):
        stream = random_stream(seed)
        reference, console = Reference(), Console(rows=ROWS, max_lines=20_000)
        reference.feed(stream)
        draw = random.Random(seed)
        at = 0
        while at < len(stream):
            step = draw.choice([1, 3, 20, 1000])
            console.feed(stream[at : at + step])
            at += step
        expected, found = reference.lines(), cells(console)
        assert text_of(found) == text_of(expected), f"seed {seed}"
        assert visible(found) == visible(expected), f"seed {seed}"
