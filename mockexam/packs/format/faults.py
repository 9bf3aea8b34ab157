"""What is wrong in a pack: where, what was expected, what was found, and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from graders.sentences import Sentence, Words, sentence


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong. `line` is 1-based, None for a whole file; a warning doesn't make a pack unusable."""

    file: Path
    line: int | None
    code: str  # short and stable, as in "unknown-key"
    expected: Words
    found: Words
    advice: Words
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        return self.sentence.english

    @property
    def sentence(self) -> Sentence:
        """Where it is, and all three parts."""
        place = f"{self.file}:{self.line}" if self.line else str(self.file)
        return sentence("{place}: {fault}", place=place, fault=clause(self.expected, self.found, self.advice))


class PackError(Exception):
    """A pack can't be used; `faults` has every reason, warnings included."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


def clause(expected: Words, found: Words, advice: Words) -> Sentence:
    """What was expected, what was found and what to do, to be written after the place of the fault."""
    return sentence("expected {expected}; found {found}. {advice}", expected=expected, found=found, advice=advice)


def broken(faults: tuple[Fault, ...] | list[Fault]) -> bool:
    """Whether any of the faults is an error."""
    return any(fault.severity == "error" for fault in faults)
