"""What is wrong in a pack: where, what was expected, what was found, and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong. `line` is 1-based, None for a whole file; a warning does not make a pack unusable."""

    file: Path
    line: int | None
    code: str  # short and stable, as in "unknown-key"
    expected: str
    found: str
    advice: str
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else str(self.file)
        return f"{place}: expected {self.expected}; found {self.found}. {self.advice}"


class PackError(Exception):
    """A pack can't be used; `faults` has every reason, warnings included."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


def broken(faults: tuple[Fault, ...] | list[Fault]) -> bool:
    """Whether any of the faults is an error."""
    return any(fault.severity == "error" for fault in faults)
