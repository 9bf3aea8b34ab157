"""The one key table: what can be done, by which keys, and how help and palette word it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from textual.binding import Binding, BindingType

from graders.sentences import Sentence, Words, sentence
from mockexam.tui.tool_windows import WINDOWS, ToolWindow

Scope = Literal["app", "exam", "editor", "run", "plots"]

GROUPS = (
    sentence("Run and submit"),
    sentence("Windows"),
    sentence("Plots"),
    sentence("Tabs and files"),
    sentence("Editing"),
    sentence("Finding"),
    sentence("The exam"),
    sentence("Everywhere"),
)


@dataclass(frozen=True)
class Action:
    """One thing a candidate can do.

    `keys` work in every terminal and the first is the one shown; `pycharm` are the keys PyCharm users know, which some
    terminals keep for themselves. `priority` keys are seen before the focused widget gets them.
    """

    name: str
    scope: Scope
    group: Sentence
    title: Words
    about: Words
    keys: tuple[str, ...] = ()
    pycharm: tuple[str, ...] = ()
    priority: bool = False
    palette: bool = True
    call: str = ""
    """What Textual calls: `action_<name>`, unless one action does several rows."""


_RUN, _WINDOWS, _PLOTS, _TABS, _EDITING, _FINDING, _EXAM, _EVERYWHERE = GROUPS


def _window_row(window: ToolWindow) -> Action:
    title, call = window.listed or window.title, f"toggle_window('{window.id}')"
    return Action(window.action, "exam", _WINDOWS, title, window.about, (window.key,), (), True, call=call)


TABLE: tuple[Action, ...] = (
    Action("run", "exam", _RUN, sentence("Run"),
           sentence("Run the starter of this problem"), ("f5",), ("shift+f10", "ctrl+shift+f10"), True),
    Action("stop", "exam", _RUN, sentence("Stop"),
           sentence("Stop the running program"), ("shift+f5",), ("ctrl+f2",), True),
    Action("submit", "exam", _RUN, sentence("Submit and Test"),
           sentence("Grade the saved model of this problem"), ("f9",), (), True),
    Action("choose_model", "exam", _RUN, sentence("Submit Another File…"),
           sentence("Grade a model from anywhere, such as one from Colab")),
    Action("error_place", "exam", _RUN, sentence("Go to Error"),
           sentence("Go to your line in the last traceback"), ("f4",), (), True),
    Action("curves", "run", _RUN, sentence("Curves"), sentence("Show or hide the curves of loss and metrics")),
    Action("rerun", "run", _RUN, sentence("Rerun"), sentence("Run the same program again"), ("ctrl+f5",), (), False),
    Action("scroll_end", "run", _RUN, sentence("Scroll to the End"),
           sentence("Follow the output again"), ("ctrl+end",)),
    Action("fold_messages", "run", _RUN, sentence("Folded Messages"),
           sentence("Open or close what is folded in the output"), ("ctrl+o",)),
    Action("interpreter", "exam", _RUN, sentence("Project Interpreter…"),
           sentence("Choose the Python that programs run in"), ("f7",), (), True, call="ask('interpreter')"),
    Action("advice_fix", "exam", _RUN, sentence("Apply the Advice"),
           sentence("Mend what the advice under the output is about"), ("shift+f8",), (), True,
           call="advice('advice_fix')"),
    Action("run_keras_2", "exam", _RUN, sentence("Run Once with Keras 2"),
           sentence("Run the program that is shown with Keras 2, this once"), ("shift+f7",), (), True,
           call="advice('run_keras_2')"),
    Action("keep_keras_2", "exam", _RUN, sentence("Keep Keras 2"),
           sentence("Go on with Keras 2 after a run with it"), ("ctrl+f7",), (), True, call="advice('keep_keras_2')"),
    Action("advice_page", "exam", _RUN, sentence("Code from the Courses"),
           sentence("What has changed since the courses, and what to write"), call="advice('advice_page')"),
    Action("clear_output", "run", _RUN, sentence("Clear Output"),
           sentence("Empty this run's window; the log file stays")),
    *map(_window_row, WINDOWS),
    Action("next_window", "exam", _WINDOWS, sentence("Next Window"),
           sentence("Move to the next window"), ("f6",), (), True, call="cycle_windows(1)"),
    Action("previous_window", "exam", _WINDOWS, sentence("Previous Window"),
           sentence("Move to the previous window"), ("shift+f6",), (), True, call="cycle_windows(-1)"),
    Action("last_window", "exam", _WINDOWS, sentence("Last Window"),
           sentence("Return to the window you were in last"), ("f12",), (), True),
    Action("to_editor", "exam", _WINDOWS, sentence("Back to the Editor"),
           sentence("Leave a window for the code"), ("escape",)),
    Action("hide_windows", "exam", _WINDOWS, sentence("Hide All Windows"),
           sentence("Give the code the whole screen"), (), ("ctrl+shift+f12",), True),
    Action("stretch_up", "exam", _WINDOWS, sentence("Run Window Higher"),
           sentence("Or drag its title"), ("ctrl+shift+up",), call="stretch(0, -1)"),
    Action("stretch_down", "exam", _WINDOWS, sentence("Run Window Lower"),
           sentence("Or drag its title"), ("ctrl+shift+down",), call="stretch(0, 1)"),
    Action("stretch_left", "exam", _WINDOWS, sentence("Stretch Left"),
           sentence("Exam wider, Project narrower"), ("ctrl+alt+left",), call="stretch(-1, 0)"),
    Action("stretch_right", "exam", _WINDOWS, sentence("Stretch Right"),
           sentence("Project wider, Exam narrower"), ("ctrl+alt+right",), call="stretch(1, 0)"),
    Action("plot_newer", "plots", _PLOTS, sentence("Newer Figure"),
           sentence("Show the next newer figure"), ("pageup",)),
    Action("plot_older", "plots", _PLOTS, sentence("Older Figure"),
           sentence("Show the next older figure"), ("pagedown",)),
    Action("plot_nearer", "plots", _PLOTS, sentence("Zoom In"),
           sentence("Look at the figure from nearer; so does the mouse wheel"), ("plus",), ("equals_sign",)),
    Action("plot_farther", "plots", _PLOTS, sentence("Zoom Out"),
           sentence("Look at the figure from farther"), ("minus",)),
    Action("plot_whole", "plots", _PLOTS, sentence("Whole Figure"), sentence("Fit the figure into the window"), ("0",)),
    Action("plot_left", "plots", _PLOTS, sentence("Figure Left"),
           sentence("Move over a figure that is zoomed, else show a newer one"),
           ("left",), call="plot_move(-1, 0)"),
    Action("plot_right", "plots", _PLOTS, sentence("Figure Right"),
           sentence("Move over a figure that is zoomed, else show an older one"),
           ("right",), call="plot_move(1, 0)"),
    Action("plot_up", "plots", _PLOTS, sentence("Figure Up"), sentence("Move over a figure that is zoomed"),
           ("up",), call="plot_move(0, -1)"),
    Action("plot_down", "plots", _PLOTS, sentence("Figure Down"), sentence("Move over a figure that is zoomed"),
           ("down",), call="plot_move(0, 1)"),
    Action("plot_outside", "plots", _PLOTS, sentence("Open Figure Outside"),
           sentence("Open the figure in the desktop's own program"), ("o",)),
    Action("plot_export", "plots", _PLOTS, sentence("Export Figure…"),
           sentence("Copy the figure to a file, by default beside the starter"), ("e",)),
    Action("next_tab", "exam", _TABS, sentence("Next Tab"),
           sentence("Go to the tab on the right"), ("ctrl+pagedown",), ("alt+right",), True, call="step_tab(1)"),
    Action("previous_tab", "exam", _TABS, sentence("Previous Tab"),
           sentence("Go to the tab on the left"), ("ctrl+pageup",), ("alt+left",), True, call="step_tab(-1)"),
    Action("close_tab", "exam", _TABS, sentence("Close Tab"),
           sentence("Close this tab; the file is saved"), ("ctrl+f4",), (), True),
    Action("recent_files", "exam", _TABS, sentence("Recent Files"),
           sentence("Pick a file opened recently"), ("ctrl+e",), (), True, call="ask('recent_files')"),
    Action("save", "exam", _TABS, sentence("Save All"),
           sentence("Files are also saved a second after typing"), ("ctrl+s",), (), True),
    Action("reset_starter", "exam", _TABS, sentence("Reset Starter…"),
           sentence("Restore the original starter, after asking"),
           call="ask('reset_starter')"),
    Action("open_outside", "exam", _TABS, sentence("Open in $EDITOR"), sentence("Edit this file in your own editor")),
    Action("undo", "editor", _EDITING, sentence("Undo"), sentence("Undo the last change"), ("ctrl+z",), ("super+z",)),
    Action("redo", "editor", _EDITING, sentence("Redo"),
           sentence("Redo the change undone last"), ("alt+shift+z",), ("ctrl+shift+z",)),
    Action("complete", "editor", _EDITING, sentence("Complete"),
           sentence("Offer names that fit here"), ("ctrl+space", "ctrl+@")),
    Action("remedies", "editor", _EDITING, sentence("Show Fixes"),
           sentence("Offer what can be done about what is marked here"), ("f8",), ("alt+enter",)),
    Action("comment", "editor", _EDITING, sentence("Comment"),
           sentence("Comment or uncomment the selected lines"), ("ctrl+underscore",), ("ctrl+slash",)),
    Action("duplicate", "editor", _EDITING, sentence("Duplicate"),
           sentence("Duplicate the line or the selection"), ("ctrl+d",)),
    Action("delete_line", "editor", _EDITING, sentence("Delete Line"),
           sentence("Delete the selected lines"), ("ctrl+y",)),
    Action("move_line_up", "editor", _EDITING, sentence("Move Line Up"),
           sentence("Move the lines up"), ("alt+shift+up",)),
    Action("move_line_down", "editor", _EDITING, sentence("Move Line Down"),
           sentence("Move the lines down"), ("alt+shift+down",)),
    Action("indent", "editor", _EDITING, sentence("Indent"), sentence("Indent the selected lines"), ("tab",)),
    Action("dedent", "editor", _EDITING, sentence("Unindent"), sentence("Remove one indent"), ("shift+tab",)),
    Action("extend_selection", "editor", _EDITING, sentence("Extend Selection"),
           sentence("Select the word, then more, up to the whole file"), ("ctrl+w",)),
    Action("shrink_selection", "editor", _EDITING, sentence("Shrink Selection"),
           sentence("Go back to what was selected before"), ("alt+shift+w",), ("ctrl+shift+w",)),
    Action("cut", "editor", _EDITING, sentence("Cut"),
           sentence("Cut the selection, or the line"), ("ctrl+x",), ("super+x",)),
    Action("copy", "editor", _EDITING, sentence("Copy"),
           sentence("Copy the selection, or the line"), ("ctrl+c",), ("super+c",)),
    Action("paste", "editor", _EDITING, sentence("Paste"), sentence("Insert what was copied last"), ("ctrl+v",)),
    Action("delete_word_left", "editor", _EDITING, sentence("Delete Word"),
           sentence("Delete to the start of the word"), ("alt+backspace",), ("ctrl+backspace",)),
    Action("delete_word_right", "editor", _EDITING, sentence("Delete Word Ahead"),
           sentence("Delete to the end of the word"), ("alt+delete",), ("ctrl+delete",)),
    Action("select_all", "editor", _EDITING, sentence("Select All"), sentence("Select the whole file"), ("ctrl+a",)),
    Action("find", "editor", _FINDING, sentence("Find"),
           sentence("Find in this file; regular expressions too"), ("ctrl+f",)),
    Action("find_next", "editor", _FINDING, sentence("Find Next"), sentence("Go to the next match"), ("f3",)),
    Action("find_previous", "editor", _FINDING, sentence("Find Previous"),
           sentence("Go to the previous match"), ("f15",), ("shift+f3",)),
    Action("replace", "editor", _FINDING, sentence("Replace"), sentence("Replace in this file"), ("ctrl+r",)),
    Action("go_to_line", "editor", _FINDING, sentence("Go to Line"), sentence("Go to a line and column"), ("ctrl+g",)),
    Action("next_error", "editor", _FINDING, sentence("Next Error"),
           sentence("Go to the next error or warning"), ("f2",)),
    Action("previous_error", "editor", _FINDING, sentence("Previous Error"),
           sentence("Go to the error or warning before"), ("f14", "shift+f2")),
    Action("next_problem", "exam", _EXAM, sentence("Next Problem"),
           sentence("Go to the next category"), ("alt+down",), (), True, call="step_problem(1)"),
    Action("previous_problem", "exam", _EXAM, sentence("Previous Problem"),
           sentence("Go to the previous category"), ("alt+up",), (), True, call="step_problem(-1)"),
    Action("instructions", "exam", _EXAM, sentence("View Instructions"),
           sentence("The rules of the exam; the clock keeps running")),
    Action("end_exam", "exam", _EXAM, sentence("End Exam…"), sentence("End the exam for good, after asking"),
           call="ask('end_exam')"),
    Action("search_everywhere", "app", _EVERYWHERE, sentence("Search Everywhere"),
           sentence("Find any action, file or problem by name"), ("ctrl+p",), ("ctrl+shift+a",), True, False),
    Action("help", "app", _EVERYWHERE, sentence("Keys"), sentence("All keys"), ("f1",), (), True),
    Action("screen_reader", "app", _EVERYWHERE, sentence("Screen Reader Mode"),
           sentence("Words instead of signs and boxes, on or off")),
    Action("before_programs", "app", _EVERYWHERE, sentence("Before Programs…"),
           sentence("Show or switch off plots and the rescue of models")),
    Action("themes", "app", _EVERYWHERE, sentence("Theme…"), sentence("Choose the colours")),
    Action("quit_app", "app", _EVERYWHERE, sentence("Quit"),
           sentence("Close the app; a running clock keeps running"), ("ctrl+q",), (), True),
)  # fmt: skip

TEXT_KEYS = {
    "up": "cursor_up",
    "down": "cursor_down",
    "left": "cursor_left",
    "right": "cursor_right",
    "ctrl+left": "cursor_word_left",
    "ctrl+right": "cursor_word_right",
    "home": "smart_home",
    "end": "cursor_line_end",
    "pageup": "cursor_page_up",
    "pagedown": "cursor_page_down",
    "ctrl+home": "document_start",
    "ctrl+end": "document_end",
    "shift+up": "cursor_up(True)",
    "shift+down": "cursor_down(True)",
    "shift+left": "cursor_left(True)",
    "shift+right": "cursor_right(True)",
    "ctrl+shift+left": "cursor_word_left(True)",
    "ctrl+shift+right": "cursor_word_right(True)",
    "shift+home": "smart_home(True)",
    "shift+end": "cursor_line_end(True)",
    "ctrl+shift+home": "document_start(True)",
    "ctrl+shift+end": "document_end(True)",
    "backspace": "delete_left",
    "delete": "delete_right",
}
"""The keys that move, select and delete in every text field, which no table needs to name."""

SILENT = frozenset({"f14", "f15", "ctrl+@", "super+c", "super+x", "super+z"})
"""What some terminals send for Shift+F2, Shift+F3 and Ctrl+Space, and Macs' own keys: bound, never printed."""

_BY_NAME = {row.name: row for row in TABLE}

_WORDS = {
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "escape": "Esc",
    "underscore": "/",
    "slash": "/",
    "plus": "+",
    "minus": "-",
    "equals_sign": "=",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "space": "Space",
}


def find(name: str) -> Action:
    """The row of an action. Raises KeyError when the table has none."""
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
        Binding(",".join(row.keys + row.pycharm), call(row), show=False, priority=row.priority, id=row.name)
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
