"""The signs on the Linux console."""

from __future__ import annotations

import string

import pytest
from rich.cells import cell_len

from mockexam.sitting.service import Attempt
from mockexam.tui.app import MockExamApp
from mockexam.tui.terminal import console_font
from mockexam.tui.terminal.console_font import SIGNS
from tests.tui.exam.test_exam_runs import TRAINING, run
from tests.tui.exam_room import WIDE, sitting

# What both the kernel's own font (code page 437) and Debian's Lat15 and Uni2 fonts have, beside ASCII.
SAFE = set(string.printable) | set("─═│┌┐└┘├┤┬┴┼█░▒▓■≤≥•·←↑→↓")


def test_each_sign_is_replaced_by_one_of_its_width() -> None:
    for sign, plain in SIGNS.items():
        assert cell_len(plain) == cell_len(chr(sign)) == 1
        assert plain in SAFE


async def test_screens_on_the_linux_console_have_only_what_its_fonts_have(
    monkeypatch: pytest.MonkeyPatch, app: MockExamApp, running: Attempt
) -> None:
    # The fixture made the app before a test could say which terminal it is in.
    monkeypatch.setattr(app, "_signs", [console_font.ConsoleFont()])
    async with sitting(app, running, WIDE) as room:
        await run(room, TRAINING, expect="exit code 0")
        await room.until(lambda: "bar 1.000" in room.text, "the curves")
        assert set(room.text) - SAFE == set()
        await room.press("f1")
        await room.until(lambda: "Esc closes" in room.text, "the keys")
        assert set(room.text) - SAFE == set()


@pytest.mark.parametrize(("term", "console"), [("linux", True), ("xterm-256color", False), ("linux-16color", False)])
def test_the_linux_console_is_known_by_its_name(monkeypatch: pytest.MonkeyPatch, term: str, console: bool) -> None:
    monkeypatch.setenv("TERM", term)
    assert console_font.on_console() is console
