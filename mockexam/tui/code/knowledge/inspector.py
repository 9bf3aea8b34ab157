"""Asks the reader what will fail in a text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from mockexam.inspections.findings import Finding
from mockexam.tui.code.knowledge.line_process import LineProcess

MOST_LINES = 5_000
"""A longer text isn't inspected: it would keep the reader from answering anything else."""


class Inspector:
    """`project` is the folder whose modules a program can import, beside those of its Python."""

    def __init__(self, reader: LineProcess, project: Path) -> None:
        self._reader = reader
        self._project = project

    async def findings(self, lines: Sequence[str]) -> list[Finding] | None:
        """Return what is found in a text; None when the reader doesn't answer, or the text is too long."""
        if len(lines) > MOST_LINES:
            return None
        question = {"call": "inspect", "source": "\n".join(lines), "project": str(self._project)}
        try:
            return msgspec.convert(await self._reader.ask(question), list[Finding])
        except msgspec.ValidationError:
            return None
