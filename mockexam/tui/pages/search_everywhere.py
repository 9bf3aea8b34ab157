"""Search Everywhere: any action, file or problem by a few letters of its name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, cast

from rich.cells import cell_len
from textual import on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.dom import DOMNode
from textual.fuzzy import Matcher
from textual.screen import Screen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from graders.sentences import sentence
from mockexam.language.catalogue import shown
from mockexam.tui import keymap
from mockexam.tui.dismissal import Dialog
from mockexam.tui.host import Searchable, Workbench, host_of
from mockexam.tui.look import formatting, theme

SHOWN = 200
"""More than the actions and the files of a project, so that a mouse alone can reach them all by scrolling."""


@dataclass(frozen=True)
class Entry:
    """Something to be found: its name, what it does, its key, and the call that does it."""

    title: str
    about: str
    run: Callable[[], Awaitable[object] | object]
    key: str = ""


class Found(Option):
    """A row of the list, with the entry it was made for: the list may have changed before a click arrives."""

    def __init__(self, entry: Entry, row: Content) -> None:
        super().__init__(row)
        self.entry = entry


class SearchEverywhere(Dialog[None]):
    """A field and what matches; Enter does it, after the search has closed."""

    CSS_PATH = "search_everywhere.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+p", "dismiss", show=False),
        Binding("down", "move('down')", show=False),
        Binding("up", "move('up')", show=False),
        Binding("pagedown", "move('page_down')", show=False),
        Binding("pageup", "move('page_up')", show=False),
    ]

    def __init__(self, below: Screen[Any]) -> None:
        super().__init__()
        self.below = below
        self.entries: list[Entry] = []
        self.found: list[Entry] = []

    def compose(self) -> ComposeResult:
        """Field and list."""
        with Vertical(id="search"):
            yield Input(placeholder=shown(sentence("Search everywhere: actions, files, problems")), id="search-field")
            yield OptionList(id="search-found")
            yield Static(shown(sentence("↑↓ choose   Enter do it   Esc close")), id="search-legend")

    def on_mount(self) -> None:
        """Gather what there is to find, and focus the field."""
        self.entries = list(entries(self.app, self.below))
        self.query_one(OptionList).can_focus = False
        self.query_one(Input).focus()
        # The list knows its width only after the first layout.
        self.call_after_refresh(self._show_typed)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._show(event.value)

    def _show_typed(self) -> None:
        """Show what matches; something may have been typed before the list was laid out."""
        if self.standing:
            self._show(self.query_one(Input).value)

    def _show(self, query: str) -> None:
        options = self.query_one(OptionList)
        self.found = matching(self.entries, query)[:SHOWN]
        matcher = Matcher(query) if query.strip() else None
        width = max(30, options.size.width - 6)
        options.clear_options()
        options.add_options([Found(entry, _row(entry, matcher, width)) for entry in self.found])
        options.highlighted = 0 if self.found else None

    def action_move(self, way: str) -> None:
        """Move in the list while the field keeps the focus."""
        options = self.query_one(OptionList)
        # Before its first layout the list has no lines, and Textual would fail to find those of a page.
        if not options.scrollable_content_region.height:
            return
        steps: dict[str, Callable[[], None]] = {
            "down": options.action_cursor_down,
            "up": options.action_cursor_up,
            "page_down": options.action_page_down,
            "page_up": options.action_page_up,
        }
        steps[way]()

    @on(Input.Submitted)
    def _entered(self) -> None:
        place = self.query_one(OptionList).highlighted
        if place is not None:
            self._do(self.found[place])

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        self._do(cast("Found", event.option).entry)

    def _do(self, entry: Entry) -> None:
        app = self.app
        self.dismiss()
        app.call_next(entry.run)


def matching(found: Iterable[Entry], query: str) -> list[Entry]:
    """The entries that hold the letters of `query` in order, best first; all for an empty query."""
    if not query.strip():
        return list(found)
    matcher = Matcher(query)
    scored = [(matcher.match(entry.title) or matcher.match(entry.about) / 4, entry) for entry in found]
    return [entry for score, entry in sorted(scored, key=lambda pair: -pair[0]) if score > 0]


def entries(app: App[Any], below: Screen[Any]) -> Iterator[Entry]:
    """What can be done from the screen below: its own things, its actions, themes, and the app's."""
    if isinstance(below, Searchable):
        for title, about, callback in below.palette_commands():
            yield Entry(shown(title), shown(about), callback)
    for row in keymap.TABLE:
        target = _target(app, below, row)
        if row.palette and target is not None:
            run = partial(app.run_action, keymap.call(row), target)
            yield Entry(shown(row.title), shown(row.about), run, keymap.shown(row.name))
    for look in theme.LOOKS.values():
        yield Entry(
            shown(sentence("Theme: {title}", title=look.title)),
            shown(sentence("Change the colours")),
            partial(_wear, app, look.name),
        )


def _target(app: App[Any], below: Screen[Any], row: keymap.Action) -> DOMNode | None:
    if row.scope == "app":
        return app
    return below.action_target(row.scope) if isinstance(below, Workbench) else None


def _wear(app: App[Any], name: str) -> None:
    app.theme = name
    host_of(app).keep(theme=name)


def _row(entry: Entry, matcher: Matcher | None, width: int) -> Content:
    title = matcher.highlight(entry.title) if matcher else Content(entry.title)
    room = max(1, width - cell_len(entry.title) - len(entry.key) - 4)
    about = formatting.fitted(entry.about, room)
    return Content.assemble(title, "  ", (about, "$text-faint"), "  ", (entry.key, "$text-soft"))
