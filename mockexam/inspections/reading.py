"""From a text to a tree, also while a line is half typed."""

from __future__ import annotations

import re
from functools import lru_cache

from parso.grammar import load_grammar
from parso.python.tree import Module

from mockexam.inspections.names.bindings import every

MOST_LINES = 10_000
MOST_CHARACTERS = 500_000
"""A longer text isn't read: it would take seconds. Programs of people are a hundredth of it."""

_REPAIRS = 3
_CLOSERS = {"(": ")", "[": "]", "{": "}"}
_PIECE = re.compile(
    r"""#[^\r\n]*|(?:[rRbBuUfF]{0,2})(?:'''(?:\\.|[^\\])*?(?:'''|$)|\"{3}(?:\\.|[^\\])*?(?:\"{3}|$)"""
    r"""|'(?:\\.|[^\\'\r\n])*'?|"(?:\\.|[^\\"\r\n])*"?)|[()\[\]{}]""",
    re.DOTALL,
)
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")


def lines_of(source: str) -> list[str]:
    """The lines with their ends. Only `\\n`, `\\r\\n` and `\\r` end one."""
    return [line for line in _LINE.findall(source) if line] or [""]


@lru_cache(maxsize=2)
def tree_of(source: str) -> Module | None:
    """The tree of a text, None where it is longer, or its brackets deeper, than anyone writes.

    A bracket that isn't closed yet would swallow the statements below it: it is closed at the end of its line first.
    All places in the text stay what they are.
    """
    if len(source) > MOST_CHARACTERS or source.count("\n") + source.count("\r") > MOST_LINES:
        return None
    try:
        tree: Module = load_grammar().parse(source)
        for _ in range(_REPAIRS):
            repaired = _closed(source, tree)
            if repaired is None:
                break
            source, tree = repaired, load_grammar().parse(repaired)
    except RecursionError:
        return None
    return tree


def _closed(source: str, tree: Module) -> str | None:
    """The text with the first bracket closed that swallows statements; None where none does."""
    for node in every(tree, "error_node"):
        row, end_row = node.start_pos[0], node.end_pos[0]
        if end_row <= row:
            continue
        lines = lines_of(source)
        margin = len(lines[row - 1]) - len(lines[row - 1].lstrip(" \t\f"))
        for last in range(row, min(end_row, len(lines))):
            line = lines[last]
            text = line.lstrip(" \t\f")
            if text.strip() and text[0] not in ")]}#" and len(line) - len(text) <= margin:
                closed = _with_closers(lines, row - 1, last - 1)
                return "".join(closed) if closed else None
    return None


def _with_closers(lines: list[str], first: int, last: int) -> list[str] | None:
    """The lines with what is open after those from `first` to `last` closed at the end of `last`."""
    open_brackets: list[str] = []
    for piece in _PIECE.finditer("".join(lines[first : last + 1])):
        mark = piece.group()
        if mark in _CLOSERS:
            open_brackets.append(_CLOSERS[mark])
        elif open_brackets and mark == open_brackets[-1]:
            open_brackets.pop()
    if not open_brackets:
        return None
    text = lines[last].rstrip("\r\n")
    end = lines[last][len(text) :]
    return [*lines[:last], _before_comment(text, "".join(reversed(open_brackets))) + end, *lines[last + 1 :]]


def _before_comment(text: str, closers: str) -> str:
    comments = [piece for piece in _PIECE.finditer(text) if piece.group().startswith("#")]
    if not comments:
        return text + closers
    # A comment gives its place to the brackets, and what is left of it is cut: nothing before it moves.
    return text[: comments[0].start()] + closers
