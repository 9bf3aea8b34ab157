"""Two dialogs of the exam screen: choose a model file, read a receipt."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from graders import formats
from graders.recognition.names import is_litter, name_of
from graders.sentences import Words, sentence
from mockexam.language.catalogue import shown
from mockexam.language.verdicts import shown_reason
from mockexam.preload.rescued import is_rescued
from mockexam.tui.dismissal import Dialog
from mockexam.tui.exam.widgets.history import receipt_lines
from mockexam.tui.look import formatting, glyphs
from mockexam.tui.look.controls import PushButton
from mockexam.workspace.dropped import model_dropped, path_of

if TYPE_CHECKING:
    from mockexam.sitting.service import Submission

MOST_LISTED = 200

PARTS = (sentence("Expected"), sentence("Found"), sentence("Advice"))
"""The parts of a verdict's reason."""


class PathInput(Input):
    """A field for a path: a file dropped on the terminal takes the place of what stands there."""

    def _on_paste(self, event: events.Paste) -> None:
        if (model := model_dropped(event.text)) is not None:
            event.prevent_default()
            event.stop()
            self.value = str(model)
            self.cursor_position = len(self.value)


class ModelDialog(Dialog[Path | None]):
    """A path to type, paste or drop, and the folder it leads to, to walk through."""

    DEFAULT_CSS = """
    ModelDialog { align: center middle; background: $background 60%; }
    ModelDialog > Vertical {
        width: 76; max-width: 96%; height: 20; max-height: 90%; background: $chrome; padding: 1 2;
    }
    ModelDialog .dialog-title { text-style: bold; color: $text-strong; margin-bottom: 1; }
    ModelDialog OptionList { height: 1fr; background: $editor; margin: 0 0 1 0; }
    ModelDialog #complaint { color: $stop; height: auto; }
    ModelDialog Horizontal { height: 1; align-horizontal: right; }
    ModelDialog PushButton { margin-left: 2; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", show=False)]

    def __init__(self, category: int, start: Path) -> None:
        super().__init__()
        self.category = category
        self.start = start
        self.folder = start if start.is_dir() else start.parent

    def compose(self) -> ComposeResult:
        """Path, list, buttons."""
        with Vertical():
            title = sentence("Submit a model for Category{category}", category=self.category)
            yield Static(shown(title), classes="dialog-title")
            yield PathInput(f"{self.start}{os.sep if self.start.is_dir() else ''}", id="path", select_on_focus=False)
            yield Static("", id="complaint")
            yield OptionList(compact=True)
            with Horizontal():
                yield PushButton(sentence("Cancel"), id="cancel")
                yield PushButton(sentence("Submit and Test"), kind="primary", id="ok")

    def on_mount(self) -> None:
        """List the first folder."""
        self._list()
        self.query_one(Input).focus()

    @on(Input.Changed)
    def path_changed(self, event: Input.Changed) -> None:
        """List the folder the path leads to."""
        event.stop()
        path = self._path()
        folder = path if event.value.endswith(os.sep) else path.parent
        if folder != self.folder and folder.is_dir():
            self.folder = folder
        self._complain("")
        self._list("" if event.value.endswith(os.sep) else path.name)

    def _path(self) -> Path:
        return path_of(self.query_one(Input).value)

    def _list(self, start: str = "") -> None:
        entries: list[tuple[bool, str, Path]] = []
        try:
            with os.scandir(self.folder) as found:
                for entry in found:
                    folder = entry.is_dir()
                    if entry.name.startswith(".") or is_litter(entry.name) or not entry.name.startswith(start):
                        continue
                    if is_rescued(entry.name) and not start:
                        continue
                    if folder or name_of(entry.name).may_be_model:
                        entries.append((not folder, entry.name, Path(entry.path)))
        except OSError:
            pass
        entries.sort()
        listed = [self.folder.parent, *(path for _, _, path in entries[:MOST_LISTED])]
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([Option(self._line(path), id=str(path)) for path in listed])

    def _line(self, path: Path) -> Content:
        if path == self.folder.parent:
            return Content.assemble(("▸ ", "$text-soft"), "..")
        if _is_plain_folder(path):
            return Content.assemble(("▸ ", "$text-soft"), path.name)
        sign, style = glyphs.of_file(path)
        kind = formats.of_folder(path)
        size = kind.title if kind is not None else formatting.size(path.stat().st_size)
        return Content.assemble((f"{sign} ", style), path.name, (f"   {size}", "$text-faint"))

    @on(OptionList.OptionSelected)
    def entry_chosen(self, event: OptionList.OptionSelected) -> None:
        """Go into a folder, or take a file."""
        event.stop()
        path = Path(event.option_id or "")
        field = self.query_one(Input)
        is_folder = _is_plain_folder(path)
        field.value = f"{path}{os.sep}" if is_folder and str(path) != os.sep else str(path)
        field.cursor_position = len(field.value)
        if not is_folder:
            self.take()

    @on(Input.Submitted)
    @on(PushButton.Pressed, "#ok")
    def take(self) -> None:
        """Give back the path when there is something at it."""
        path = self._path()
        if not path.exists():
            self._complain(sentence("There is nothing at {path}.", path=path))
        elif _is_plain_folder(path):
            self._complain(sentence("This is a folder. Choose {formats}.", formats=formats.ANY))
        else:
            self.dismiss(path)

    def _complain(self, words: Words) -> None:
        self.query_one("#complaint", Static).update(shown(words))

    @on(PushButton.Pressed, "#cancel")
    def cancel(self) -> None:
        """Close without a choice."""
        self.dismiss(None)


def _is_plain_folder(path: Path) -> bool:
    return path.is_dir() and not formats.is_model_folder(path)


class ReceiptDialog(Dialog[None]):
    """Everything recorded about one submission."""

    DEFAULT_CSS = """
    ReceiptDialog { align: center middle; background: $background 60%; }
    ReceiptDialog > Vertical {
        width: 84; max-width: 96%; height: auto; max-height: 90%; background: $chrome; padding: 1 2;
    }
    ReceiptDialog .dialog-title { text-style: bold; color: $text-strong; margin-bottom: 1; }
    ReceiptDialog VerticalScroll { height: auto; max-height: 24; }
    ReceiptDialog Horizontal { height: 1; align-horizontal: right; margin-top: 1; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter", "dismiss(None)", show=False)]

    def __init__(self, submission: Submission, precision: int | None = None) -> None:
        super().__init__()
        self.submission = submission
        self.precision = precision

    def compose(self) -> ComposeResult:
        """A table of two columns."""
        one = self.submission
        lines = [
            Content.assemble((f"{shown(label):<11}", "$text-soft"), (shown(words), "$text-strong"))
            for label, words in receipt_lines(one, precision=self.precision)
        ]
        if one.verdict is not None and (reason := one.verdict.reason) is not None:
            for label, words in zip(PARTS, shown_reason(reason), strict=True):
                lines.append(Content.assemble((f"{shown(label):<11}", "$text-soft"), (words, "$amber")))
        title = sentence(
            "Receipt of submission #{number}, Category{category}", number=one.number, category=one.category
        )
        with Vertical():
            yield Static(shown(title), classes="dialog-title")
            with VerticalScroll():
                yield Static(Content("\n").join(lines))
            with Horizontal():
                yield PushButton(sentence("Close"), kind="primary", id="close")

    @on(PushButton.Pressed)
    def close(self) -> None:
        """Close."""
        self.dismiss(None)
