"""Which of the other Pythons on this machine have a module that the chosen one lacks; looked for meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from threading import Thread

from mockexam.interpreters.discovery import found

PATIENCE = 2.0
"""Seconds for which somebody who asks what can be done is kept waiting."""


class Neighbours:
    """Reads files only, in a thread that is no reason to stay: it may take seconds."""

    def __init__(self, project: Path | None) -> None:
        self._project = project
        self._known: dict[str, str] = {}
        self._thread = Thread(target=self._look, daemon=True)
        self._thread.start()

    def known(self) -> Mapping[str, str]:
        """The name of a Python that has it, by module; what is known by now."""
        return dict(self._known)

    def wait(self) -> None:
        """Wait until all are known, for as long as a person waits."""
        self._thread.join(PATIENCE)

    def _look(self) -> None:
        known: dict[str, str] = {}
        for interpreter in found(self._project):
            if interpreter.keras is None:
                continue  # what runs there lacks TensorFlow
            name = f"{interpreter.name().english}, {interpreter.executable}"
            for module in interpreter.modules():
                known.setdefault(module, name)
        self._known = known
