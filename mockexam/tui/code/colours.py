"""The styles that the editor draws with beside those of the text area's own theme, and what lies over its text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from rich.color import Color
from rich.style import Style

from mockexam.tui.look import theme

if TYPE_CHECKING:
    from textual.app import App


class Colours(NamedTuple):
    """Styles that the text area's own theme has no name for."""

    arrow: Style
    guide: Style
    fault: Style
    finding: Style
    found: Style
    found_here: Style
    offered: Style
    chosen: Style
    thumb: Style
    plain: Style
    fault_sign: Style
    finding_sign: Style

    @classmethod
    def of(cls, app: App[Any]) -> Colours:
        """The styles in the app's present theme."""

        def named(name: str) -> Color:
            return Color.parse(theme.colour(app, name))

        return cls(
            arrow=Style.from_color(named("run")),
            guide=Style.from_color(named("divider")),
            # Two lines and one: where there are no colours they are still told apart.
            fault=Style(color=named("stop"), underline2=True, underline=True),
            finding=Style(color=named("amber"), underline=True),
            found=Style.from_color(bgcolor=named("selection-inactive")),
            found_here=Style.from_color(named("editor"), named("amber")),
            offered=Style.from_color(named("text-strong"), named("chrome")),
            chosen=Style(reverse=True)
            if app.current_theme.ansi
            else Style.from_color(named("text-strong"), named("selection")),
            thumb=Style.from_color(named("thumb"), named("chrome")),
            plain=Style.from_color(named("text-soft"), named("editor")),
            fault_sign=Style.from_color(named("stop")),
            finding_sign=Style.from_color(named("amber")),
        )


class OverlayLine(NamedTuple):
    """A line over the text: what it says, whether it is the chosen one, and whether the scroll bar's thumb is there."""

    text: str
    chosen: bool
    thumb: bool


class Overlay(NamedTuple):
    """Lines over the text: the widget's cell and the document's row where they begin, and their width in cells."""

    left: int
    top: int
    width: int
    lines: tuple[OverlayLine, ...]
