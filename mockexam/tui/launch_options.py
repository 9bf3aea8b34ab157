"""What `mockexam start` was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graders.sentences import Sentence
    from mockexam.interpreters.interpreter import Interpreter


@dataclass(frozen=True)
class LaunchOptions:
    """What the command line asked for: form fields to fill in beforehand, or an attempt to go to.

    `python` is for the programs of a new exam; `confirmed` are the doubts about it that were accepted.
    """

    project: Path | None = None
    name: str | None = None
    pack: str | None = None
    attempt: str | None = None
    language: str | None = None
    python: Interpreter | None = None
    confirmed: tuple[Sentence, ...] = ()

    @property
    def form(self) -> bool:
        """Whether to open the form of a new exam at once."""
        return any(one is not None for one in (self.project, self.name, self.pack, self.language, self.python))
