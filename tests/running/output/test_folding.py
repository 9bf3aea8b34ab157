"""Which rows of a console are shown as one, as it grows and forgets."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockexam.running.console import Console
from mockexam.running.output.folding import Folding
from mockexam.running.output.noise import Kind

RECORDED = Path(__file__).parents[1] / "recorded"
NOISE = (
    "I0000 00:00:1796048781.953309   11839 cudart_stub.cc:31] "
    "Could not find cuda drivers on your machine, GPU will not be used.\n"
)
INTERRUPT = 'Traceback (most recent call last):\n  File "starter.py", line 1, in <module>\n    f()\nKeyboardInterrupt\n'


def shown(console: Console, folding: Folding) -> list[str]:
    """What a view would show."""
    folding.forget()
    folding.follow(len(console) if console.dirty is None else console.dirty)
    console.clean()
    lines = []
    for row in range(len(console)):
        fold = folding.folds[row]
        if (begun := folding.begins(row)) is not None:
            lines.append(f"[{begun.count}]")
        if fold is None or fold.opened:
            lines.append(console.text(row)[: folding.cut(row)])
    return lines


@pytest.fixture
def console() -> Console:
    return Console(max_lines=100)


@pytest.fixture
def folding(console: Console) -> Folding:
    return Folding(console)


def test_neighbouring_noise_is_one_fold_that_grows(console: Console, folding: Folding) -> None:
    console.feed("hello\n" + NOISE * 2)
    assert shown(console, folding) == ["hello", "[2]", ""]
    fold = folding.begins(1)
    assert fold is not None
    console.feed(NOISE + "done\n" + NOISE)
    assert shown(console, folding) == ["hello", "[3]", "done", "[1]", ""]
    assert folding.begins(1) is fold
    assert fold.kinds == {Kind.START_UP}


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_the_folds_do_not_depend_on_how_output_arrives(console: Console, folding: Folding, size: int) -> None:
    text = "hello\n" + NOISE * 3 + "10%\r100%\n" + NOISE + "\x1b[31mred\x1b[0m"
    for at in range(0, len(text), size):
        console.feed(text[at : at + size])
        shown(console, folding)
    assert shown(console, folding) == ["hello", "[3]", "100%", "[1]", "red"]


def test_what_was_written_over_is_folded_no_more(console: Console, folding: Folding) -> None:
    console.feed(NOISE * 3)
    assert shown(console, folding) == ["[3]", ""]
    console.feed("\x1b[2A\x1b[2Kmine")
    assert shown(console, folding) == ["[1]", "mine", "[1]", ""]


def test_open_folds_show_their_lines_and_stay_open(console: Console, folding: Folding) -> None:
    console.feed(NOISE * 2)
    shown(console, folding)
    folding.toggle_all()
    console.feed(NOISE)
    line = NOISE.rstrip()
    assert shown(console, folding) == ["[3]", line, line, line, ""]
    folding.toggle_all()
    assert shown(console, folding) == ["[3]", ""]


def test_folds_move_up_with_what_is_forgotten(console: Console, folding: Folding) -> None:
    console.feed(NOISE * 50)
    assert shown(console, folding) == ["[50]", ""]
    console.feed("".join(f"{i}\n" for i in range(70)))
    lines = shown(console, folding)
    assert lines == ["[50]", *(str(i) for i in range(70)), ""]
    assert 0 < console.dropped < 50
    console.feed("".join(f"{i}\n" for i in range(90)))
    assert shown(console, folding) == console.lines
    assert len(folding.folds) == len(folding.kinds) == len(console)


def test_the_rows_to_draw_again_are_the_changed_ones(console: Console, folding: Folding) -> None:
    console.feed("hello\n" + NOISE * 2 + "1/2")
    shown(console, folding)
    console.feed("\r2/2")
    assert folding.follow(3) == 3
    console.feed("\r" + NOISE)
    assert folding.follow(3) == 1


def test_where_a_program_was_when_it_was_stopped_is_folded(console: Console, folding: Folding) -> None:
    console.feed(INTERRUPT + "1/9 loss: 0.5")
    folding.expect_interrupt(console.dropped + console.row)
    console.feed(INTERRUPT + "\nException ignored in: <module 'threading'>\n" + INTERRUPT + INTERRUPT)
    lines = shown(console, folding)
    assert lines == [*INTERRUPT.splitlines(), "1/9 loss: 0.5", "[3]", "", "[9]", ""]
    folding.toggle_all()
    traceback = INTERRUPT.splitlines()
    ignored = "Exception ignored in: <module 'threading'>"
    opened = [*traceback, "1/9 loss: 0.5" + traceback[0], "[3]", *traceback[1:], ""]
    assert shown(console, folding) == [*opened, "[9]", ignored, *traceback, *traceback, ""]


@pytest.mark.parametrize("size", [64, 100_000])
@pytest.mark.parametrize("name", ["stopped_keras3", "stopped_keras2"])
def test_of_a_recorded_stop_the_training_is_left(name: str, size: int) -> None:
    console = Console()
    folding = Folding(console)
    folding.expect_interrupt(0)
    text = (RECORDED / f"{name}.raw").read_bytes().decode()
    for at in range(0, len(text), size):
        console.feed(text[at : at + size])
        shown(console, folding)
    left = [line for line in shown(console, folding) if not line.startswith("[")]
    assert left[0].startswith("Epoch 1/2000")
    assert "Traceback" not in " ".join(left)
    assert "File" not in " ".join(left)


def test_other_errors_are_not_folded(console: Console, folding: Folding) -> None:
    folding.expect_interrupt(0)
    error = INTERRUPT.replace("KeyboardInterrupt", "ValueError: stopped")
    console.feed(error)
    assert shown(console, folding) == [*error.splitlines(), ""]
