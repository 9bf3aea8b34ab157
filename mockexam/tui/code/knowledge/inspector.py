"""Asks the reader what will fail in a text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from mockexam.inspections.findings import Finding
from mockexam.tui.code.knowledge.line_process import LineProcess
from mockexam.tui.code.knowledge.offer import Offer

MOST_LINES = 5_000
"""A longer text isn't inspected: it would keep the reader from answering anything else."""


class Inspector:
    """`folder` is where a program lies: it can import the modules there too. None for one that lies nowhere."""

    def __init__(self, reader: LineProcess) -> None:
        self._reader = reader

    async def findings(self, lines: Sequence[str], folder: Path | None) -> list[Finding] | None:
        """Return what is found in a text; None when the reader doesn't answer, or the text is too long."""
        if len(lines) > MOST_LINES:
            return None
        try:
            return msgspec.convert(await self._ask("inspect", lines, folder), list[Finding])
        except msgspec.ValidationError:
            return None

    async def offers(self, lines: Sequence[str], folder: Path | None, rows: Iterable[int]) -> list[Offer]:
        """Return what can be offered for what begins in some rows of a text; nothing when the reader doesn't answer."""
        try:
            return msgspec.convert(await self._ask("offer", lines, folder, rows=list(rows)), list[Offer])
        except msgspec.ValidationError:
            return []

    async def _ask(self, call: str, lines: Sequence[str], folder: Path | None, **more: object) -> object:
        project = str(folder) if folder is not None else None
        return await self._reader.ask({"call": call, "source": "\n".join(lines), "project": project, **more})
