"""The exception that carries a reason from the trusted side's checks to the verdict."""

from __future__ import annotations

from graders.sentences import Words, each_text
from graders.verdict import Link, Reason


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not an error of ours
    """The model breaks a link of the chain; `reason` says which and what to do."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"{reason.link}/{reason.code}: {reason.found}")
        self.reason = reason


def refuse(link: Link, code: str, expected: Words, found: Words, advice: Words) -> Refused:
    """Return the exception for one broken link."""
    return Refused(Reason.of(link, code, expected, each_text(found, printable), advice))


def printable(text: str, limit: int = 400) -> str:
    """Return text from a candidate's file without control and direction characters, at most `limit` long."""
    return "".join(letter if letter.isprintable() else "�" for letter in text)[:limit]
