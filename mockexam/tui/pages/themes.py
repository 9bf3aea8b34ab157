"""The choice of colours, previewed while moving through the list."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from graders.sentences import sentence
from mockexam.language.catalogue import shown
from mockexam.tui.dismissal import Dialog
from mockexam.tui.host import host_of
from mockexam.tui.look import theme


class ThemesScreen(Dialog[None]):
    """Enter keeps a theme and remembers it; Escape goes back to the one before."""

    CSS_PATH = "themes.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", show=False)]

    def compose(self) -> ComposeResult:
        """The list."""
        self.before = self.app.theme
        with Vertical(id="themes"):
            yield Static(shown(sentence("Theme")), id="themes-title")
            yield OptionList(*(Option(shown(look.title), look.name) for look in theme.LOOKS.values()))

    def on_mount(self) -> None:
        """Start on the present theme."""
        options = self.query_one(OptionList)
        options.highlighted = list(theme.LOOKS).index(self.before) if self.before in theme.LOOKS else 0
        options.focus()

    @on(OptionList.OptionHighlighted)
    def _try(self, event: OptionList.OptionHighlighted) -> None:
        self.app.theme = event.option_id or self.before

    @on(OptionList.OptionSelected)
    def _keep(self, event: OptionList.OptionSelected) -> None:
        chosen = event.option_id or self.before
        self.app.theme = chosen
        host_of(self).keep(theme=chosen)
        self.dismiss()

    def action_back(self) -> None:
        """Put the colours back as they were."""
        self.app.theme = self.before
        self.dismiss()
