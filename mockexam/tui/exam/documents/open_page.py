"""An open file of the exam screen."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from textual.widget import Widget

from mockexam.tui.code.editor import Editor
from mockexam.workspace.open_file import OpenFile


@dataclass
class OpenPage:
    """An open file and the widget that shows it; `editor` is None for what can't be edited here.

    `base` is the digest of the text on the disk that the editor's text is based on, `trouble` why the last save failed.
    """

    path: Path
    view: Widget
    file: OpenFile | None = None
    editor: Editor | None = None
    saved: str = ""
    base: str = ""
    first_change: float | None = None
    last_change: float = 0.0
    rescued_at: float = 0.0
    unchecked: bool = True
    conflict: bool = False
    gone: bool = False
    trouble: str = ""
    saving: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def unsaved(self) -> bool:
        """Whether there is text that the disk doesn't have."""
        return self.first_change is not None
