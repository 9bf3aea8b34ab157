"""The window that shows what stands before programs, and switches it on and off."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from graders.sentences import sentence
from mockexam.language.catalogue import shown
from mockexam.preload.switches import FOLDER, OPTIONAL, Part, every_part, switched_off
from mockexam.tui.dismissal import Dialog
from mockexam.tui.host import host_of
from mockexam.tui.look import glyphs
from mockexam.tui.look.formatting import homely


class BeforePrograms(Dialog[None]):
    """Each part with what it does; Enter switches one on or off for the programs that are started from then on."""

    CSS_PATH = "before_programs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", show=False)]

    def compose(self) -> ComposeResult:
        """Title, the list, and the files of the part that is highlighted."""
        with Vertical(id="before"):
            yield Static(shown(sentence("Parts Before Programs")), id="before-title")
            yield OptionList(id="before-parts")
            yield Static("", id="before-files")

    def on_mount(self) -> None:
        """Show the parts."""
        self._parts = every_part()
        self._list(0)
        self.query_one(OptionList).focus()

    def _list(self, highlighted: int) -> None:
        off = switched_off(host_of(self).settings)
        parts = self.query_one(OptionList)
        parts.clear_options()
        parts.add_options([Option(_row(part, part.switch in off), part.switch) for part in self._parts])
        parts.highlighted = highlighted

    @on(OptionList.OptionHighlighted)
    def _show_files(self, event: OptionList.OptionHighlighted) -> None:
        names = "  ".join(file.relative_to(FOLDER).as_posix() for file in self._parts[event.option_index].files)
        where = sentence("{files}\nin {folder}", files=names, folder=homely(FOLDER))
        self.query_one("#before-files", Static).update(Content(shown(where)))

    @on(OptionList.OptionSelected)
    def _switch(self, event: OptionList.OptionSelected) -> None:
        switch = self._parts[event.option_index].switch
        if switch in OPTIONAL:
            now_off = switch in switched_off(host_of(self).settings)
            host_of(self).keep(**{switch: now_off})
            self._list(event.option_index)
        elif switch:
            self.notify(
                shown(sentence("Which Keras programs get is chosen with their Python: Project Interpreter, F7."))
            )

    def action_back(self) -> None:
        """Close."""
        self.dismiss()


def _row(part: Part, off: bool) -> Content:
    """Whether a part is on, and what it does; those that can't be switched here have no mark."""
    mark = glyphs.sign("  ")
    if part.switch in OPTIONAL:
        mark = glyphs.sign("○ ", shown(sentence("off: "))) if off else glyphs.sign("● ", shown(sentence("on: ")))
    return Content.assemble((mark, "$text-faint" if off else "$run"), (shown(part.does), "$text-faint" if off else ""))
