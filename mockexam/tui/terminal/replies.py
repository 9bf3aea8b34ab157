"""Takes a terminal's answers out of what is typed.

Textual's parser knows none of them and would type them into the code. An answer may come in pieces, long after it was
asked for, or never; until it is clear what a beginning belongs to, it waits as long as Escape does.
"""

from __future__ import annotations

import re

from textual.constants import ESCAPE_DELAY

PATIENCE = 1.0
"""Seconds in which what can only be an answer must come to its end."""
LONGEST = 1024

_WHOLE = re.compile(
    r"\x1b\[\?[\d;]*[cS]"  # device attributes; sizes of Sixel graphics
    r"|\x1b\[[46];\d+;\d+t"  # pixels of the window, of a cell
    r"|\x1b_G[^\x1b]*\x1b\\"  # Kitty's protocol
    r"|\x1bP>\|[^\x1b]*\x1b\\"  # name and version
)
_BEGUN = re.compile(
    r"\x1b(\[(\?[\d;]*|[46](;\d*(;\d*)?)?)?"
    r"|_(G[^\x1b]*\x1b?)?"
    r"|P(>(\|[^\x1b]*\x1b?)?)?)?"
)
_CERTAIN = re.compile(r"\x1b(\[\?|_G|P>\|)")
_BROKEN = re.compile(r"\x1b(_G|P>\|)[^\x1b]*(?=\x1b[^\\])")


class Replies:
    """A sieve for the input of a terminal that was asked something; `awaited` is set then, for good."""

    def __init__(self) -> None:
        self.awaited = False
        self.deadline: float | None = None
        """When what is held back must be let go; None when nothing is."""
        self._held = ""

    def sift(self, text: str, now: float) -> tuple[str, list[str]]:
        """Return what is typed, and the whole answers, in the input up to here."""
        if not self.awaited:
            return text, []
        text, before = self._held + text, self._held
        self._held = ""
        typed, answers, at = [], [], 0
        while (start := text.find("\x1b", at)) >= 0:
            typed.append(text[at:start])
            if whole := _WHOLE.match(text, start):
                answers.append(whole.group())
                at = whole.end()
            elif broken := _BROKEN.match(text, start):
                at = broken.end()
            elif _BEGUN.fullmatch(text, start) and len(text) - start <= LONGEST:
                self._hold(text[start:], before, now)
                at = len(text)
            else:
                typed.append("\x1b")
                at = start + 1
        typed.append(text[at:])
        if not self._held:
            self.deadline = None
        return "".join(typed), answers

    def _hold(self, rest: str, before: str, now: float) -> None:
        self._held = rest
        if not _CERTAIN.match(rest):
            self.deadline = now + ESCAPE_DELAY
        elif not _CERTAIN.match(before) or self.deadline is None:
            self.deadline = now + PATIENCE

    def let_go(self, now: float) -> str:
        """Return what was held back for too long and is to be taken as typed; the stump of an answer is dropped."""
        if self.deadline is None or now < self.deadline:
            return ""
        held, self._held, self.deadline = self._held, "", None
        return "" if _CERTAIN.match(held) else held
