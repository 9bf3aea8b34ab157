"""`pack check`: what only a look at all the files of a pack finds."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mockexam.packs.check import check, leaked_lines
from tests.packs.small_pack import GENERATOR, write_hidden

Write = Callable[..., Path]
SAVED = 'model = 1  # YOUR CODE HERE\nmodel.save("mymodel.h5")\n'


@pytest.fixture
def clean(write_pack: Write) -> Path:
    """A pack that `check` finds nothing in."""
    root = write_pack()
    (root / "line" / "starter.py").write_text(SAVED)
    (root / "line" / "solution.py").write_text(SAVED)
    write_hidden(root / "line" / "hidden" / "hidden.npz", 200)
    return root


def codes(root: Path) -> list[tuple[str, str]]:
    return [(fault.code, fault.file.name) for fault in check(root).faults]


def test_a_clean_pack_has_no_faults(clean: Path) -> None:
    assert codes(clean) == []


def test_python_that_does_not_parse_is_told_with_its_line(clean: Path) -> None:
    (clean / "line" / "starter.py").write_text(SAVED + "def model(:\n")
    (fault,) = check(clean).faults
    assert (fault.code, fault.file.name, fault.line) == ("syntax", "starter.py", 3)


def test_scripts_must_save_the_model_and_the_starter_show_its_gap(clean: Path) -> None:
    (clean / "line" / "starter.py").write_text("model = 1\n")
    (clean / "line" / "solution.py").write_text("model = 1\n")
    assert codes(clean) == [("no-gap", "starter.py"), ("no-save", "starter.py"), ("no-save", "solution.py")]


def test_hidden_files_among_the_public_ones_are_told(clean: Path) -> None:
    shutil.copy(clean / "line" / "hidden" / "hidden.npz", clean / "line" / "data" / "hidden.npz")
    shutil.copy(clean / "line" / "hidden" / "hidden.npz", clean / "line" / "data" / "more.bin")
    assert codes(clean) == [("hidden-public", "hidden.npz"), ("hidden-public", "more.bin")]


def test_links_and_names_that_cannot_travel_are_told(clean: Path) -> None:
    (clean / "line" / "data" / "link.csv").symlink_to("points.csv")
    (clean / "line" / "data" / "POINTS.csv").write_text("0,0\n")
    (clean / "line" / "data" / "a:b.csv").write_text("0,0\n")
    assert codes(clean) == [("bad-name", "a:b.csv"), ("link", "link.csv"), ("same-name", "points.csv")]


@pytest.mark.parametrize(
    ("inputs", "labels", "expected"),
    [
        (np.zeros((200, 2)), np.zeros((200, 1)), "inputs shaped (1)"),
        (np.zeros((200, 1)), np.zeros((200, 3)), "labels shaped (1), or class numbers shaped ()"),
        (np.full((200, 1), np.nan), np.zeros((200, 1)), "finite inputs"),
        (np.zeros((10, 1)), np.zeros((10, 1)), "at least draw_size = 20 hidden rows"),
        (np.zeros((40, 1)), np.zeros((40, 1)), "at least 100 hidden rows"),
    ],
)
def test_hidden_sets_must_fit_the_contract(clean: Path, inputs: object, labels: object, expected: str) -> None:
    np.savez(clean / "line" / "hidden" / "hidden.npz", inputs=inputs, labels=labels)
    assert [fault.expected for fault in check(clean).faults] == [expected]


def test_a_damaged_hidden_set_is_told(clean: Path) -> None:
    (clean / "line" / "hidden" / "hidden.npz").write_bytes(b"PK\x03\x04 and then nothing")
    (fault,) = check(clean).faults
    assert fault.expected == "an .npz of plain arrays"


def test_generators_are_run_and_their_values_compared_with_the_texts(write_generator_pack: Write) -> None:
    root = write_generator_pack(GENERATOR)
    for name in ("starter.py", "solution.py"):
        (root / "line" / name).write_text(SAVED)
    statement = root / "line" / "statement.md"
    statement.write_text("Slope {{slope}}, {{target}}\n\nand {{slop}}.\n")
    faults = [fault for fault in check(root).faults if fault.severity == "error"]
    assert [(fault.code, fault.file, fault.line) for fault in faults] == [("unknown-value", statement, 3)]
    (root / "line" / "generator.py").write_text("def generate(*_):\n    raise KeyError('seed')\n")
    assert any("KeyError: 'seed'" in fault.found for fault in check(root).faults)


def test_hints_that_quote_the_solution_are_told(clean: Path) -> None:
    (clean / "line" / "solution.py").write_text(SAVED + 'model.compile(optimizer="adam", loss="mse")\n')
    (clean / "line" / "hints.md").write_text("Think.\n\n    model.compile( optimizer='x' )\n")
    assert codes(clean) == []
    (clean / "line" / "hints.md").write_text('Think.\n\n`model.compile(optimizer="adam",  loss="mse")` helps.\n')
    (fault,) = check(clean).faults
    assert (fault.code, fault.file.name, fault.line) == ("leak", "hints.md", 3)


def test_what_the_starter_shows_anyway_is_no_leak() -> None:
    solution = "points = load(DATA / 'points.csv')\nmodel = Dense(1, use_bias=True)\nx = 1\n"
    assert list(leaked_lines("x = 1\npoints = load(DATA / 'points.csv')", solution, solution.splitlines()[0])) == []
    assert list(leaked_lines("try model = Dense(1, use_bias=True)", solution, "")) == [(1, solution.splitlines()[1])]
