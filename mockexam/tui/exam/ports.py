"""What the parts of the exam screen may ask of the screen itself: to say something, and to do something meanwhile."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, Protocol

from textual.notifications import SeverityLevel


class Notify(Protocol):
    """Says something in the corner of the screen."""

    def __call__(
        self, message: str, *, title: str = "", severity: SeverityLevel = "information", timeout: float | None = None
    ) -> None:
        """Show a sentence, by default for as long as Textual's notifications stay."""


class Start(Protocol):
    """Has something done while the screen goes on. A fault of ours in it is reported, and the exam goes on."""

    def __call__(self, work: Coroutine[Any, Any, object], *, group: str, exclusive: bool = False) -> None:
        """Begin; `exclusive` work replaces what is still being done in its group."""
