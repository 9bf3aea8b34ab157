"""What is asked of a terminal, and what is made of its answers."""

from __future__ import annotations

import pytest

from mockexam.tui.terminal.graphics import USUAL_CELL, Asking, Graphics

XTERM = {"TERM": "xterm-256color"}
END = "\x1b[?62;22c"
SIXEL = "\x1b[?62;4;22c"


def named(name: str) -> str:
    return f"\x1bP>|{name}\x1b\\"


OK = "\x1b_Gi=31;OK\x1b\\"


def asked(environment: dict[str, str], *answers: str) -> Graphics:
    asking = Asking(environment)
    asking.begin()
    for answer in answers:
        asking.take(answer)
    assert asking.complete
    return asking.graphics((100, 30), (0, 0))


@pytest.mark.parametrize(
    ("answers", "protocol"),
    [
        ([named("kitty(0.35.2)"), END, OK, END], "kitty"),
        ([named("kitty(0.26.5)"), END, OK, END], "halves"),
        ([named("ghostty 1.2.0"), END, OK, END], "kitty"),
        ([named("ghostty 1.2.0"), END, "\x1b_Gi=31;ENOTSUPPORTED\x1b\\", END], "halves"),
        ([named("WezTerm 20240203"), SIXEL, OK, SIXEL], "iterm2"),
        ([named("iTerm2 3.5.0"), SIXEL, SIXEL], "iterm2"),
        ([named("XTerm(379)"), SIXEL, SIXEL], "sixel"),
        ([named("XTerm(379)"), END, END], "halves"),
        ([SIXEL, SIXEL], "sixel"),
        ([named("tmux 3.4"), SIXEL], "halves"),
        ([END, END], "halves"),
    ],
)
def test_the_way_of_drawing(answers: list[str], protocol: str) -> None:
    assert asked(XTERM, *answers).protocol == protocol


@pytest.mark.parametrize(
    ("environment", "protocol"),
    [
        ({"TERM": "linux"}, "cells"),
        ({"TERM": "dumb"}, "halves"),
        (XTERM | {"TERM_PROGRAM": "Apple_Terminal"}, "halves"),
    ],
)
def test_terminals_that_print_what_they_do_not_know_are_not_asked(environment: dict[str, str], protocol: str) -> None:
    asking = Asking(environment)
    assert asking.begin() == ""
    assert asking.complete
    assert asking.graphics((80, 25), (0, 0)).protocol == protocol


@pytest.mark.parametrize(
    "environment",
    [
        XTERM | {"TMUX": "/tmp/x"},
        {"TERM": "tmux-256color"},
        {"TERM": "screen"},
        XTERM | {"STY": "1"},
        XTERM | {"ZELLIJ": "0"},
    ],
)
def test_within_another_program_kittys_question_is_never_put(environment: dict[str, str]) -> None:
    asking = Asking(environment)
    asking.begin()
    assert asking.take(SIXEL) == ""
    assert asking.complete
    assert asking.graphics((80, 25), (0, 0)).protocol == "halves"


def test_tmux_is_known_by_its_name_too() -> None:
    asking = Asking(XTERM)
    asking.begin()
    asking.take(named("tmux 3.4"))
    assert asking.take(SIXEL) == ""


def test_the_size_of_a_cell() -> None:
    assert asked(XTERM, END, "\x1b[6;22;11t", "\x1b[4;600;1000t", END).cell == (11, 22)
    assert asked(XTERM, END, "\x1b[4;600;1000t", END).cell == (10, 20)
    assert asked(XTERM, END, END).cell == USUAL_CELL
    assert asked(XTERM, END, "\x1b[6;0;0t", "\x1b[4;0;0t", END).cell == USUAL_CELL
    asking = Asking(XTERM)
    assert asking.graphics((100, 30), (900, 540)).cell == (9, 18)
    assert asking.graphics((0, 0), (900, 540)).cell == USUAL_CELL
    assert asking.graphics((100, 30), (99, 0)).cell == USUAL_CELL


def test_the_limits_of_a_sixel_terminal() -> None:
    found = asked(XTERM, SIXEL, "\x1b[?1;0;16S", "\x1b[?2;0;1000;800S", SIXEL)
    assert (found.colours, found.largest) == (16, (1000, 800))
    assert asked(XTERM, SIXEL, "\x1b[?1;3;0S", SIXEL).colours == 256


def test_an_end_that_comes_late_or_never() -> None:
    asking = Asking(XTERM)
    asking.begin()
    asking.take(named("XTerm(379)"))
    assert not asking.complete
    asking.take(SIXEL)
    asking.take(SIXEL)
    assert asking.complete
    assert asking.graphics((80, 24), (0, 0)).protocol == "sixel"
