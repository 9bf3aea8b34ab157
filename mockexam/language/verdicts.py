"""A verdict's reason in the language that is chosen, whenever and wherever it was given."""

from __future__ import annotations

from typing import NamedTuple

from graders.verdict import Reason
from mockexam.language.catalogue import shown


class ShownReason(NamedTuple):
    """What a person reads of a reason."""

    expected: str
    found: str
    advice: str


def shown_reason(reason: Reason) -> ShownReason:
    """The three parts translated; in English those of which only the text was kept, as 0.1.0 did."""
    return ShownReason(*(shown(reason.words(part)) for part in ("expected", "found", "advice")))
