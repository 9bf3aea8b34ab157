"""What the editor area shows for files that aren't edited: rendered Markdown, facts about data and models."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from graders.formats import MODEL_SUFFIXES
from graders.sentences import sentence
from mockexam.language.catalogue import shown
from mockexam.tui.look import formatting, glyphs
from mockexam.tui.look.prose import Prose
from mockexam.workspace import layout

Kind = Literal["text", "markdown", "other"]

LARGEST_TEXT = 4_000_000
_RENDERED = frozenset({layout.STATEMENT, "README.md"})
_OTHER = frozenset({*MODEL_SUFFIXES, ".npz", ".npy", ".png", ".jpg", ".jpeg", ".gif", ".zip", ".gz", ".pb", ".pyc"})


def kind_of(path: Path) -> Kind:
    """Say how a file is shown."""
    try:
        status = path.stat()
    except OSError:
        return "text"
    size = status.st_size
    # A pipe is never read: that would wait for a writer.
    if not stat.S_ISREG(status.st_mode) or path.suffix.lower() in _OTHER or size > LARGEST_TEXT:
        return "other"
    if path.name in _RENDERED:
        return "markdown"
    try:
        with path.open("rb") as file:
            return "other" if b"\0" in file.read(4096) else "text"
    except OSError:
        return "text"  # reading it as text says why it can't be


def first_gap(lines: Sequence[str]) -> tuple[int, int]:
    """Return where the candidate's code belongs in a starter: at its first gap, else at the top."""
    for row, line in enumerate(lines):
        if "YOUR CODE HERE" in line:
            return row, len(line) - len(line.lstrip())
    return 0, 0


def named(path: Path, name: str) -> Content:
    """Return a file's name with its sign."""
    sign, style = glyphs.of_file(path)
    return Content.assemble((f"{sign} ", style), name)


class MarkdownPage(VerticalScroll):
    """A text rendered from Markdown."""

    def __init__(self, text: str) -> None:
        super().__init__(classes="markdown-page")
        self.text = text

    def compose(self) -> ComposeResult:
        """The text alone."""
        yield Prose(self.text)

    async def show(self, text: str) -> None:
        """Show another text."""
        self.text = text
        await self.query_one(Prose).update(text)


class FactsPage(VerticalScroll):
    """What is known of a file that isn't text."""

    def __init__(self, path: Path) -> None:
        super().__init__(classes="facts-page")
        self.path = path

    def compose(self) -> ComposeResult:
        """Name, kind, size."""
        yield Static(self._facts())

    def _facts(self) -> Content:
        try:
            size = formatting.size(self.path.stat().st_size)
        except OSError:
            size = shown(sentence("gone"))
        lines = [named(self.path, self.path.name), Content.styled(size, "$text-soft")]
        if self.path.suffix.lower() == ".png" and (shape := _png_size(self.path)):
            pixels = sentence("{width} × {height} pixels", width=shape[0], height=shape[1])
            lines.append(Content.styled(shown(pixels), "$text-soft"))
        if self.path.suffix.lower() in MODEL_SUFFIXES:
            lines.append(Content.styled(shown(sentence("Submit and Test grades this file.")), "$text-faint"))
        return Content("\n").join(lines)


def _png_size(path: Path) -> tuple[int, int] | None:
    try:
        with path.open("rb") as file:
            head = file.read(24)
    except OSError:
        return None
    if len(head) < 24 or head[:8] != b"\x89PNG\r\n\x1a\n":
        return None
    return int.from_bytes(head[16:20]), int.from_bytes(head[20:24])
