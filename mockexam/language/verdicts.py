"""A verdict's reason in the chosen language, whenever and wherever the verdict was given."""

from __future__ import annotations

from typing import NamedTuple

from graders.verdict import Reason
from mockexam.language.catalogue import shown


class ShownReason(NamedTuple):
    """A reason as a person reads it."""

    expected: str
    found: str
    advice: str


def shown_reason(reason: Reason) -> ShownReason:
    """The three parts, translated; those kept as plain text, as release 0.1.0 did, stay in English."""
    return ShownReason(*(shown(reason.words(part)) for part in ("expected", "found", "advice")))
