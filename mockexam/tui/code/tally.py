"""How much is wrong in a text, as signs in the editor's corner, or in words for people who have the screen read."""

from __future__ import annotations

from typing import Literal, NamedTuple

from graders.sentences import joined, sentence, sentences
from mockexam.language.catalogue import shown
from mockexam.tui.look import formatting

FAULT, FINDING, NOTHING = "✗", "▲", "✓"

Kind = Literal["fault", "finding", "none"]


class Corner(NamedTuple):
    """What stands in the corner: texts, each with the kind of mark that it counts."""

    parts: tuple[tuple[str, Kind], ...]

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(text for text, _ in self.parts)


def corner(faults: int, findings: int) -> Corner:
    """The count of syntax errors and of findings."""
    if formatting.spoken():
        return Corner(((f" {in_words(faults, findings)} ", "none"),))
    parts: list[tuple[str, Kind]] = []
    if faults:
        parts.append((f" {FAULT} {faults}", "fault"))
    if findings:
        parts.append((f" {FINDING} {findings}", "finding"))
    return Corner((*(parts or [(f" {NOTHING}", "none")]), (" ", "none")))


def in_words(faults: int, findings: int) -> str:
    """The count as a phrase."""
    counted = [
        sentences("{count} syntax error", "{count} syntax errors", count=faults) if faults else None,
        sentences("{count} warning", "{count} warnings", count=findings) if findings else None,
    ]
    told = [words for words in counted if words is not None]
    return shown(joined(told, ", ") if told else sentence("no warnings"))
