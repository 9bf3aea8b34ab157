"""The one key table: what can be done, by which keys, and in which words help, palette and bindings say it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from textual.binding import Binding, BindingType

from mockexam.tui.tool_windows import WINDOWS, ToolWindow

Scope = Literal["app", "exam", "editor", "run"]

GROUPS = ("Run and submit", "Windows", "Tabs and files", "Editing", "Finding", "The exam", "Everywhere")


@dataclass(frozen=True)
class Action:
    """One thing a candidate can do.

    `keys` work in every terminal and the first is the one shown; `pycharm` are the keys PyCharm users know, which some
    terminals keep for themselves. `priority` keys are seen before the focused widget gets them.
    """

    name: str
    scope: Scope
    group: str
    title: str
    about: str
    keys: tuple[str, ...] = ()
    pycharm: tuple[str, ...] = ()
    priority: bool = False
    palette: bool = True
    call: str = ""
    """What Textual calls: `action_<name>`, unless one action does several rows."""


_RUN, _WINDOWS, _TABS, _EDITING, _FINDING, _EXAM, _EVERYWHERE = GROUPS


def _window_row(window: ToolWindow) -> Action:
    title, call = window.listed or window.title, f"toggle_window('{window.id}')"
    return Action(window.action, "exam", _WINDOWS, title, window.about, (window.key,), (), True, call=call)


TABLE: tuple[Action, ...] = (
    Action(
        "run", "exam", _RUN, "Run", "Run the starter of this problem", ("f5",), ("shift+f10", "ctrl+shift+f10"), True
    ),
    Action("stop", "exam", _RUN, "Stop", "Stop the running program", ("shift+f5",), ("ctrl+f2",), True),
    Action("submit", "exam", _RUN, "Submit and Test", "Grade the saved model of this problem", ("f9",), (), True),
    Action("choose_model", "exam", _RUN, "Submit Another File…", "Grade a model from anywhere, such as one from Colab"),
    Action("error_place", "exam", _RUN, "Go to Error", "Go to your line of the last traceback", ("f4",), (), True),
    Action("curves", "run", _RUN, "Curves", "Show or hide the curves of loss and metrics"),
    Action("rerun", "run", _RUN, "Rerun", "Run the same program again", ("ctrl+f5",), (), False),
    Action("scroll_end", "run", _RUN, "Scroll to the End", "Follow the output again", ("ctrl+end",)),
    Action("clear_output", "run", _RUN, "Clear Output", "Empty this run's window; the log file stays"),
    *map(_window_row, WINDOWS),
    Action(
        "next_window",
        "exam",
        _WINDOWS,
        "Next Window",
        "Move to the next window",
        ("f6",),
        (),
        True,
        call="cycle_windows(1)",
    ),
    Action(
        "previous_window",
        "exam",
        _WINDOWS,
        "Previous Window",
        "Move back a window",
        ("shift+f6",),
        (),
        True,
        call="cycle_windows(-1)",
    ),
    Action("last_window", "exam", _WINDOWS, "Last Window", "Return to the window left last", ("f12",), (), True),
    Action("to_editor", "exam", _WINDOWS, "Back to the Editor", "Leave a window for the code", ("escape",)),
    Action(
        "hide_windows",
        "exam",
        _WINDOWS,
        "Hide All Windows",
        "Give the code the whole screen",
        (),
        ("ctrl+shift+f12",),
        True,
    ),
    Action(
        "stretch_up",
        "exam",
        _WINDOWS,
        "Run Window Higher",
        "Or drag its title",
        ("ctrl+shift+up",),
        call="stretch(0, -1)",
    ),
    Action(
        "stretch_down",
        "exam",
        _WINDOWS,
        "Run Window Lower",
        "Or drag its title",
        ("ctrl+shift+down",),
        call="stretch(0, 1)",
    ),
    Action(
        "stretch_left",
        "exam",
        _WINDOWS,
        "Stretch Left",
        "Exam wider, Project narrower",
        ("ctrl+alt+left",),
        call="stretch(-1, 0)",
    ),
    Action(
        "stretch_right",
        "exam",
        _WINDOWS,
        "Stretch Right",
        "Project wider, Exam narrower",
        ("ctrl+alt+right",),
        call="stretch(1, 0)",
    ),
    Action(
        "next_tab",
        "exam",
        _TABS,
        "Next Tab",
        "Go to the tab at the right",
        ("ctrl+pagedown",),
        ("alt+right",),
        True,
        call="step_tab(1)",
    ),
    Action(
        "previous_tab",
        "exam",
        _TABS,
        "Previous Tab",
        "Go to the tab at the left",
        ("ctrl+pageup",),
        ("alt+left",),
        True,
        call="step_tab(-1)",
    ),
    Action("close_tab", "exam", _TABS, "Close Tab", "Close this tab; the file is saved", ("ctrl+f4",), (), True),
    Action("recent_files", "exam", _TABS, "Recent Files", "Pick one of the files opened last", ("ctrl+e",), (), True),
    Action("save", "exam", _TABS, "Save All", "Files are also saved a second after typing", ("ctrl+s",), (), True),
    Action("reset_starter", "exam", _TABS, "Reset Starter…", "Put the original starter back, after a question"),
    Action("open_outside", "exam", _TABS, "Open in $EDITOR", "Edit this file in your own editor"),
    Action("undo", "editor", _EDITING, "Undo", "Take the last change back", ("ctrl+z",)),
    Action("redo", "editor", _EDITING, "Redo", "Make the change again", ("alt+shift+z",), ("ctrl+shift+z",)),
    Action("complete", "editor", _EDITING, "Complete", "Offer names that fit here", ("ctrl+space", "ctrl+@")),
    Action(
        "comment",
        "editor",
        _EDITING,
        "Comment",
        "Comment the lines or uncomment them",
        ("ctrl+underscore",),
        ("ctrl+slash",),
    ),
    Action("duplicate", "editor", _EDITING, "Duplicate", "Duplicate the line or the selection", ("ctrl+d",)),
    Action("delete_line", "editor", _EDITING, "Delete Line", "Delete the lines of the selection", ("ctrl+y",)),
    Action("move_line_up", "editor", _EDITING, "Move Line Up", "Move the lines up", ("alt+shift+up",)),
    Action("move_line_down", "editor", _EDITING, "Move Line Down", "Move the lines down", ("alt+shift+down",)),
    Action("indent", "editor", _EDITING, "Indent", "Indent the lines of the selection", ("tab",)),
    Action("dedent", "editor", _EDITING, "Unindent", "Take one indent away", ("shift+tab",)),
    Action("select_all", "editor", _EDITING, "Select All", "Select the whole file", ("ctrl+a",)),
    Action("find", "editor", _FINDING, "Find", "Find in this file; regular expressions too", ("ctrl+f",)),
    Action("find_next", "editor", _FINDING, "Find Next", "Go to the next place found", ("f3",)),
    Action(
        "find_previous", "editor", _FINDING, "Find Previous", "Go to the place found before", ("f15",), ("shift+f3",)
    ),
    Action("replace", "editor", _FINDING, "Replace", "Replace in this file", ("ctrl+r",)),
    Action("go_to_line", "editor", _FINDING, "Go to Line", "Go to a line and column", ("ctrl+g",)),
    Action("next_error", "editor", _FINDING, "Next Error", "Go to the next syntax error", ("f2",)),
    Action(
        "next_problem",
        "exam",
        _EXAM,
        "Next Problem",
        "Go to the next category",
        ("alt+down",),
        (),
        True,
        call="step_problem(1)",
    ),
    Action(
        "previous_problem",
        "exam",
        _EXAM,
        "Previous Problem",
        "Go to the category before",
        ("alt+up",),
        (),
        True,
        call="step_problem(-1)",
    ),
    Action("instructions", "exam", _EXAM, "View Instructions", "The rules of the exam; the clock keeps running"),
    Action("end_exam", "exam", _EXAM, "End Exam…", "End the exam for good, after a question"),
    Action(
        "search_everywhere",
        "app",
        _EVERYWHERE,
        "Search Everywhere",
        "Find any action, file or problem by name",
        ("ctrl+p",),
        ("ctrl+shift+a",),
        True,
        False,
    ),
    Action("help", "app", _EVERYWHERE, "Keys", "All keys", ("f1",), (), True),
    Action("screen_reader", "app", _EVERYWHERE, "Screen Reader Mode", "Words instead of signs and boxes, on or off"),
    Action("themes", "app", _EVERYWHERE, "Theme…", "Choose the colours"),
    Action(
        "quit_app", "app", _EVERYWHERE, "Quit", "Close the app; a running clock keeps running", ("ctrl+q",), (), True
    ),
)

SILENT = frozenset({"f15", "ctrl+@"})
"""What some terminals send for Shift+F3 and Ctrl+Space: bound, never printed."""

_BY_NAME = {row.name: row for row in TABLE}

_WORDS = {
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "escape": "Esc",
    "underscore": "/",
    "slash": "/",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "space": "Space",
}


def find(name: str) -> Action:
    """The row of an action; KeyError when the table has none."""
    return _BY_NAME[name]


def call(row: Action) -> str:
    """The action of a row as Textual calls it."""
    return row.call or row.name


def actions(scope: Scope | None = None) -> Iterator[Action]:
    """The rows of a scope, or all, in the order of the table."""
    return (row for row in TABLE if scope is None or row.scope == scope)


def bindings(scope: Scope) -> list[BindingType]:
    """Textual's bindings for a scope: each key of each row calls the row's action there."""
    return [
        Binding(",".join(row.keys + row.pycharm), call(row), row.title, show=False, priority=row.priority, id=row.name)
        for row in actions(scope)
        if row.keys or row.pycharm
    ]


def spelled(key: str) -> str:
    """A key as printed on a keyboard: "ctrl+shift+f12" is "Ctrl+Shift+F12"."""
    parts = key.split("+")
    return "+".join(_WORDS.get(part, part.upper() if len(part) == 1 else part.capitalize()) for part in parts)


def spellings(name: str) -> list[str]:
    """All keys of an action as printed, those that always work first."""
    row = _BY_NAME[name]
    return list(dict.fromkeys(spelled(key) for key in row.keys + row.pycharm if key not in SILENT))


def shown(name: str) -> str:
    """The key printed beside an action's button, or "" when it has none."""
    keys = spellings(name)
    return keys[0] if keys else ""
