"""`# mockexam: ignore` and `# mockexam: ignore[pattern, …]` at the end of a line: nothing is told of that line."""

from __future__ import annotations

import re

from mockexam.inspections.findings import Edit, Finding
from mockexam.inspections.names.tree import Node
from mockexam.inspections.program import Program
from mockexam.inspections.reading import lines_of

_COMMENT = re.compile(r"#\s*mockexam:\s*ignore(?:\[([^\]\r\n]*)\])?", re.IGNORECASE)


def ignored(program: Program, found: list[Finding]) -> list[Finding]:
    """The findings without those that a comment on their line, or at the end of their statement's lines, leaves out."""
    if "mockexam:" not in program.source:
        return found
    left_out = {row: _left_out(comment) for row, comment in _comments(program).items()}
    return [one for one in found if not _is_left_out(one, left_out)]


def _is_left_out(one: Finding, left_out: dict[int, frozenset[str] | None]) -> bool:
    for row in {one.row, one.end_row}:
        if row in left_out:
            patterns = left_out[row]
            if patterns is None or one.pattern in patterns:
                return True
    return False


def _left_out(comment: re.Match[str]) -> frozenset[str] | None:
    """The patterns that a comment names, None for all."""
    names = comment.group(1)
    return None if names is None else frozenset(name.strip() for name in names.split(","))


def _comments(program: Program) -> dict[int, re.Match[str]]:
    """The comments that say so, by their row from 0: a text that looks like one is none."""
    found: dict[int, re.Match[str]] = {}
    leaf: Node = program.tree.get_first_leaf() if program.tree is not None else None
    while leaf is not None:
        if "mockexam" in leaf.prefix:
            start = leaf.get_start_pos_of_prefix()[0] - 1
            for offset, line in enumerate(lines_of(leaf.prefix)):
                if match := _COMMENT.search(line):
                    found[start + offset] = match
        leaf = leaf.get_next_leaf()
    return found


def ignore_edit(source: str, finding: Finding) -> Edit | None:
    """The comment that leaves out a finding, at the end of its line; None where a comment can't stand there."""
    lines = lines_of(source)
    for row in (finding.row, finding.end_row):
        if row >= len(lines):
            return None
        text = lines[row].rstrip("\r\n")
        if text.rstrip().endswith("\\"):
            continue
        program = Program(source)
        if (match := _comments(program).get(row)) is not None:
            if match.group(1) is None:
                return None
            end = text.index(match.group()) + match.end(1) - match.start()
            return Edit(row, end, row, end, f", {finding.pattern}")
        changed = [*lines]
        # untranslated: a program reads it
        comment = f"  # mockexam: ignore[{finding.pattern}]"
        changed[row] = text.rstrip() + comment + lines[row][len(text) :]
        if row in _comments(Program("".join(changed))):
            start = len(text.rstrip())
            return Edit(row, start, row, len(text), comment, text[start:])
    return None
