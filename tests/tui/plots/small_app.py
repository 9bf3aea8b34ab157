"""An app with one figure and a line for what was typed: python -m tests.tui.plots.small_app FOLDER; q ends it."""

from __future__ import annotations

import sys
from pathlib import Path

from textual import events
from textual.app import ComposeResult
from textual.widgets import Static

from mockexam.plots.figures import figures
from mockexam.tui.look import theme
from mockexam.tui.plots.picture import Picture
from mockexam.tui.terminal import compat
from mockexam.tui.terminal.terminal_app import TerminalApp


class SmallApp(TerminalApp[None]):
    """Shows the newest figure of a folder."""

    CSS = "Picture { background: black; } #typed { height: 1; }"

    def __init__(self, folder: Path) -> None:
        compat.apply()
        super().__init__()
        self.figure = figures(folder)[0]
        self.typed = ""
        self.animation_level = "none"

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Declare our variables."""
        return theme.variables(theme.DEFAULT)

    def compose(self) -> ComposeResult:
        """The figure over the line."""
        yield Picture()
        yield Static("typed:", id="typed")

    def on_mount(self) -> None:
        """Show it."""
        self.query_one(Picture).show(self.figure)

    def on_key(self, event: events.Key) -> None:
        """Note a key."""
        if event.key == "q":
            self.exit()
        self.typed += f" {event.key}"
        self.query_one("#typed", Static).update(f"typed:{self.typed} end")


if __name__ == "__main__":
    SmallApp(Path(sys.argv[1])).run()
