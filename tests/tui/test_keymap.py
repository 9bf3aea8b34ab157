"""The key table against what terminals really send."""

from __future__ import annotations

import pytest
from textual._xterm_parser import XTermParser
from textual.events import Key

from mockexam.tui import keymap, tool_windows
from mockexam.tui.terminal import compat

# What each terminal sends for the keys that the table promises, as recorded in xterm 379, Konsole 22.12, VTE (GNOME
# Terminal 3.46, xfce4), kitty 0.26 and tmux 3.3a. Alt+digit is the meta form (xterm with metaSendsEscape).
XTERM = {
    "run": "\x1b[15~",
    "stop": "\x1b[15;2~",
    "submit": "\x1b[20~",
    "window_project": "\x1b1",
    "window_run": "\x1b4",
    "window_problem": "\x1b6",
    "window_inspections": "\x1b7",
    "window_exam": "\x1b0",
    "next_window": "\x1b[17~",
    "last_window": "\x1b[24~",
    "to_editor": "\x1b",
    "next_tab": "\x1b[6;5~",
    "previous_tab": "\x1b[5;5~",
    "close_tab": "\x1b[1;5S",
    "recent_files": "\x05",
    "save": "\x13",
    "find": "\x06",
    "find_next": "\x1bOR",
    "go_to_line": "\x07",
    "next_error": "\x1bOQ",
    "previous_error": "\x1b[1;2Q",
    "remedies": "\x1b[19~",
    "comment": "\x1f",
    "duplicate": "\x04",
    "delete_line": "\x19",
    "move_line_up": "\x1b[1;4A",
    "move_line_down": "\x1b[1;4B",
    "search_everywhere": "\x10",
    "help": "\x1bOP",
    "quit_app": "\x11",
}
PYCHARM = {
    "run": "\x1b[21;2~",  # Shift+F10
    "stop": "\x1b[1;5Q",  # Ctrl+F2
    "next_tab": "\x1b[1;3C",
    "previous_tab": "\x1b[1;3D",
    "remedies": "\x1b\r",  # Alt+Enter
}
TERMINALS = {
    "xterm": XTERM | PYCHARM,
    "VTE": XTERM | {"remedies": "\x1b\r"},
    "tmux": XTERM | {"run": "\x1b[21;2~", "stop": "\x1b[1;5Q", "remedies": "\x1b\r"},
    "Konsole": XTERM | {"stop": "\x1bO5Q", "find_next": "\x1bOR", "previous_error": "\x1bO2Q"},
    "kitty": XTERM
    | {
        "window_project": "\x1b[49;3u",
        "window_run": "\x1b[52;3u",
        "comment": "\x1b[47;5u",
        "search_everywhere": "\x1b[97;6u",  # Ctrl+Shift+A
        "remedies": "\x1b[13;3u",
        "redo": "\x1b[122;6u",  # Ctrl+Shift+Z
        "to_editor": "\x1b[27u",
    },
}


@pytest.fixture(autouse=True)
def corrected() -> None:
    compat.apply("linux")


def keys_of(sequence: str) -> list[str]:
    parser = XTermParser()
    events = [*parser.feed(sequence), *parser.feed("")]
    return [event.key for event in events if isinstance(event, Key)]


@pytest.mark.parametrize(
    ("terminal", "name", "sequence"),
    [(terminal, name, sent) for terminal, table in TERMINALS.items() for name, sent in table.items()],
)
def test_terminals_send_a_key_of_the_table(terminal: str, name: str, sequence: str) -> None:
    row = keymap.find(name)
    assert keys_of(sequence)[:1][0] in row.keys + row.pycharm


def test_without_the_corrections_alt_digit_types_a_character(monkeypatch: pytest.MonkeyPatch) -> None:
    from textual import _ansi_sequences

    monkeypatch.setitem(_ansi_sequences.ANSI_SEQUENCES_KEYS, "\x1b1", "¡")  # as Textual ships it
    assert keys_of("\x1b1") != ["alt+1"]


@pytest.mark.parametrize(
    "after", ["\x1b", "\x1b[A", "\x1b[<35;20;10M", "\x1b6"], ids=["Esc", "arrow", "mouse", "Alt+6"]
)
@pytest.mark.parametrize(("sequence", "key"), [("\x1b4", "alt+4"), ("\x1bZ", "alt+shift+z")])
def test_alt_keys_are_known_at_once_whatever_follows(sequence: str, key: str, after: str) -> None:
    assert keys_of(sequence + after)[0] == key
    assert "circumflex_accent" not in keys_of(sequence + after)


@pytest.mark.parametrize("after", ["", "x", "\r", "\x1b[A"])
def test_alt_enter_is_one_key_and_breaks_no_line(after: str) -> None:
    assert keys_of("\x1b\r" + after)[0] == "alt+enter"
    assert keys_of("\x1b\r").count("enter") == 0


@pytest.mark.parametrize(("control", "key"), [("\x10", "ctrl+p"), ("\x06", "ctrl+f"), ("\x1f", "ctrl+underscore")])
def test_escape_and_a_control_key_right_after_it_are_two_keys(control: str, key: str) -> None:
    assert keys_of("\x1b" + control) == ["escape", key]


def test_macos_keeps_its_option_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    from textual import _ansi_sequences

    monkeypatch.setitem(_ansi_sequences.ANSI_SEQUENCES_KEYS, "\x1b1", "¡")
    compat.apply("darwin")
    assert _ansi_sequences.ANSI_SEQUENCES_KEYS["\x1b1"] == "¡"


def test_names_are_unique_and_groups_known() -> None:
    names = [row.name for row in keymap.TABLE]
    assert len(names) == len(set(names))
    assert {row.group for row in keymap.TABLE} <= set(keymap.GROUPS)


def test_no_key_means_two_things_in_one_place() -> None:
    # The exam's keys are seen together with the app's and those of the widget in focus.
    for scope in ("editor", "run", "plots"):
        owners: dict[str, str] = {}
        for row in keymap.TABLE:
            if row.scope in (scope, "exam", "app"):
                for key in row.keys + row.pycharm:
                    assert owners.setdefault(key, row.name) == row.name, key


def test_window_keys_are_seen_before_the_editor_can_type_them() -> None:
    alt_digits = [row for row in keymap.TABLE for key in row.keys if key.startswith("alt+") and key[-1].isdigit()]
    assert len(alt_digits) == len(tool_windows.WINDOWS)
    assert all(row.priority for row in alt_digits)


def test_ending_the_exam_has_no_key() -> None:
    assert keymap.shown("end_exam") == ""
    assert keymap.find("end_exam").palette


@pytest.mark.parametrize(
    ("key", "printed"),
    [("ctrl+shift+f12", "Ctrl+Shift+F12"), ("ctrl+underscore", "Ctrl+/"), ("pageup", "PgUp"), ("alt+1", "Alt+1")],
)
def test_keys_are_printed_as_on_a_keyboard(key: str, printed: str) -> None:
    assert keymap.spelled(key) == printed


def test_silent_keys_are_bound_and_never_printed() -> None:
    assert keymap.spellings("find_previous") == ["Shift+F3"]
    bound = {key for binding in keymap.bindings("editor") for key in binding.key.split(",")}  # type: ignore[union-attr]
    assert "f15" in bound
