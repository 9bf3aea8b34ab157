"""Which lines are TensorFlow's noise, by recorded runs and by lines of other releases and machines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from mockexam.running.console import Console
from mockexam.running.output.noise import NOISE, Kind, is_interrupt, kind_of, lead_of

RECORDED = Path(__file__).parents[1] / "recorded"


def kinds(lines: Iterable[str]) -> list[tuple[Kind, str]]:
    found, kind = [], Kind.OUTPUT
    for line in lines:
        kind = kind_of(line, kind)
        found.append((kind, line))
    return found


def recorded(name: str) -> list[tuple[Kind, str]]:
    console = Console()
    console.feed((RECORDED / f"{name}.raw").read_bytes().decode())
    return kinds(console.lines)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("noise_keras3", {Kind.START_UP: 7, Kind.INPUT_SHAPE: 2, Kind.HDF5: 1}),
        ("noise_keras3_verbose", {Kind.START_UP: 9, Kind.INPUT_SHAPE: 2, Kind.HDF5: 1}),
        ("noise_keras2", {Kind.START_UP: 7, Kind.HDF5: 2}),
        ("noise_keras2_verbose", {Kind.START_UP: 9, Kind.HDF5: 2}),
    ],
)
def test_of_a_recorded_run_the_training_is_left(name: str, expected: dict[Kind, int]) -> None:
    found = recorded(name)
    assert Counter(kind for kind, _ in found if kind in NOISE) == expected
    left = [line.split(" ")[0] for kind, line in found if kind not in NOISE]
    assert left == ["1/1", ""]


# As other releases and machines write them: noise, and what looks like it. A tab begins some.
NOISY = (RECORDED / "noise_elsewhere.txt").read_text("utf-8").splitlines()
MATTERING = (RECORDED / "no_noise.txt").read_text("utf-8").splitlines()


@pytest.mark.parametrize("line", NOISY, ids=range(len(NOISY)))
def test_lines_of_other_releases_are_known(line: str) -> None:
    assert kind_of(line) == Kind.START_UP


@pytest.mark.parametrize("line", [*MATTERING, *(f"{line} and more" for line in NOISY[3:5])])
def test_lines_that_matter_or_stand_alone_are_none(line: str) -> None:
    assert kind_of(line) not in NOISE


@pytest.mark.parametrize("line", [line.replace(": I ", ": F ").replace("I0000 ", "F0000 ") for line in NOISY[-5:-1]])
def test_what_ends_the_program_is_no_noise(line: str) -> None:
    assert kind_of(line) == Kind.ERROR


def test_the_source_line_of_a_warning_belongs_to_it_once() -> None:
    shape = next(line for kind, line in recorded("noise_keras3") if kind == Kind.INPUT_SHAPE)
    source = "  super().__init__(activity_regularizer=activity_regularizer, **kwargs)"
    assert [kind for kind, _ in kinds([shape, source, "  indented output"])] == [
        Kind.INPUT_SHAPE,
        Kind.INPUT_SHAPE,
        Kind.OUTPUT,
    ]


TRACEBACK = """\
before
10/20 ━━━━ 1s loss: 0.5Traceback (most recent call last):
  File "starter.py", line 3, in <module>
    f()
    ^^^
ValueError: Exception encountered when calling Sequential.call().

Cannot take the length of shape with unknown rank.

Arguments received by Sequential.call():
  • inputs=tf.Tensor(shape=(None, 3), dtype=float32)
after
 1/20 ━━━━ 1s loss: 0.4
""".splitlines()


def test_a_traceback_is_an_error_up_to_the_words_of_its_exception() -> None:
    found = [kind for kind, _ in kinds(TRACEBACK)]
    called = [Kind.FAILED_CALL] * 4
    assert found == [
        Kind.OUTPUT, *[Kind.TRACE] * 4, *called, Kind.ERROR, Kind.ERROR, Kind.OUTPUT, Kind.OUTPUT
    ]  # fmt: skip
    assert TRACEBACK[1][: lead_of(TRACEBACK[1])] == "10/20 ━━━━ 1s loss: 0.5"
    assert lead_of(TRACEBACK[2]) == 0


@pytest.mark.parametrize(
    "line",
    [
        "ERROR:tensorflow:x",
        "E0000 00:00:1740000000.123456   12345 x.cc:1] a fault",
        "SyntaxError: '(' was never closed",
    ],
)
def test_errors_that_are_logged_are_errors(line: str) -> None:
    assert kind_of(line, Kind.TRACE if line.startswith("Syntax") else Kind.OUTPUT) == Kind.ERROR


def test_a_syntax_error_has_no_header() -> None:
    lines = ['  File "/x/starter.py", line 1', "    f(", "     ^", "SyntaxError: '(' was never closed"]
    assert [kind for kind, _ in kinds(lines)] == [Kind.TRACE] * 3 + [Kind.ERROR]


@pytest.mark.parametrize("name", ["stopped_keras3", "stopped_keras2"])
def test_a_recorded_stop_ends_with_an_interrupt(name: str) -> None:
    found = [one for one in recorded(name) if one[1]]
    kind, line = found[-1]
    assert kind == Kind.ERROR
    assert is_interrupt(line)
    assert sum(kind == Kind.TRACE for kind, _ in found) > 10
    assert not is_interrupt("KeyboardInterrupted: no")
