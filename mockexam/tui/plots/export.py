"""Copying a figure to a file, and opening it in the desktop's own program."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Static

from graders.sentences import Sentence, Words, sentence
from mockexam.files.writing import LASTING, write
from mockexam.language.catalogue import shown
from mockexam.plots.figures import picture
from mockexam.tui.dismissal import Dialog
from mockexam.tui.look.controls import PushButton

LONGEST = 60


class ExportDialog(Dialog[Path | None]):
    """Asks for the name of a file; one that is there already must be confirmed by pressing again."""

    DEFAULT_CSS = """
    ExportDialog { align: center middle; background: $background 60%; }
    ExportDialog > Vertical {
        width: 76; max-width: 96%; height: auto; max-height: 90%; background: $chrome; padding: 1 2;
    }
    ExportDialog .dialog-title { text-style: bold; color: $text-strong; margin-bottom: 1; }
    ExportDialog #complaint { color: $stop; height: auto; }
    ExportDialog Horizontal { height: 1; align-horizontal: right; margin-top: 1; }
    ExportDialog PushButton { margin-left: 2; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", show=False)]

    def __init__(self, proposed: Path) -> None:
        super().__init__()
        self.proposed = proposed
        self._confirmed: Path | None = None

    def compose(self) -> ComposeResult:
        """Path and buttons."""
        with Vertical():
            yield Static(shown(sentence("Export the figure as PNG")), classes="dialog-title")
            yield Input(str(self.proposed), id="path", select_on_focus=False)
            yield Static("", id="complaint")
            with Horizontal():
                yield PushButton(sentence("Cancel"), id="cancel")
                yield PushButton(sentence("Export"), kind="primary", id="ok")

    def on_mount(self) -> None:
        """Type at once."""
        self.query_one(Input).focus()

    @on(Input.Submitted)
    @on(PushButton.Pressed, "#ok")
    def take(self) -> None:
        """Give back the path, once it is one that can be written to."""
        typed = self.query_one(Input).value.strip()
        path = self.proposed.parent / Path(typed).expanduser()
        path = path if path.suffix.lower() == ".png" else path.with_name(f"{path.name}.png")
        if not typed or not path.parent.is_dir():
            self._complain(sentence("There is no folder {folder}. Type another path.", folder=path.parent))
        elif path.is_dir():
            self._complain(sentence("{file} is a folder. Type another name.", file=path))
        elif path.exists() and path != self._confirmed:
            self._confirmed = path
            self._complain(sentence("{file} is there already. Press Enter again to replace it.", file=path.name))
        else:
            self.dismiss(path)

    def _complain(self, words: Words) -> None:
        self.query_one("#complaint", Static).update(shown(words))

    @on(PushButton.Pressed, "#cancel")
    def cancel(self) -> None:
        """Close without a choice."""
        self.dismiss(None)


def proposed(folder: Path, title: str) -> Path:
    """A name for a copy that no file in the folder has yet."""
    stem = re.sub(r"[^\w()-]+", "-", title[:LONGEST]).strip("-") or "figure"
    names = [f"{stem}.png", *(f"{stem}-{number}.png" for number in range(2, 1000))]
    return next((folder / name for name in names if not (folder / name).exists()), folder / names[0])


async def exported(source: Path, target: Path) -> Sentence | None:
    """Copy a figure; what went wrong, or None."""
    content = await asyncio.to_thread(picture, source)
    if content is None:
        return sentence("The figure isn't there any more.")
    try:
        await asyncio.to_thread(write, target, content, LASTING)
    except OSError as error:
        return sentence("{file} can't be written: {reason}.", file=target, reason=error.strerror or error)
    return None


async def opened_outside(path: Path, environment: Mapping[str, str] | None = None) -> Sentence | None:
    """Open a figure in the desktop's own program; why that can't be, or None. The program outlives the app."""
    environment = os.environ if environment is None else environment
    mac = sys.platform == "darwin"
    program = shutil.which("open" if mac else "xdg-open", path=environment.get("PATH"))
    # Without a desktop xdg-open would look for a browser that takes the terminal.
    if program is None or not (mac or environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")):
        return sentence("There is no desktop here to open it. The figure is {file}", file=path)
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        program, str(path), stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
    )
    try:
        async with asyncio.timeout(5):
            code = await process.wait()
    except TimeoutError:
        return None  # it is still showing it
    return sentence("The desktop has no program for it. The figure is {file}", file=path) if code else None
