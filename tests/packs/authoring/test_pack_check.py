"""`pack check`: what only a look at all the files of a pack finds."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from graders.contract import Contract, Scoring, Threshold
from graders.metrics.table import METRICS
from mockexam.packs.authoring import proof
from mockexam.packs.authoring.check import check, leaked_lines
from mockexam.packs.authoring.proof import Finding, Proof
from mockexam.packs.format.model import Expected
from mockexam.packs.format.reading import read_pack
from mockexam.packs.workers.child import RefusedError
from mockexam.packs.workers.hidden_set import check_arrays, inspect_pictures, missing_classes
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


@pytest.mark.parametrize("depth", [2000, 50_000])
def test_brackets_in_brackets_are_told_as_any_fault(clean: Path, depth: int) -> None:
    (clean / "line" / "weak.py").write_text("x = " + "(-" * depth + "1" + ")" * depth + "\n")
    (fault,) = check(clean).faults
    assert (fault.code, fault.file.name) == ("syntax", "weak.py")


def test_scripts_must_save_the_model_and_the_starter_show_its_gap(clean: Path) -> None:
    (clean / "line" / "starter.py").write_text("model = 1\n")
    (clean / "line" / "solution.py").write_text("model = 1\n")
    assert codes(clean) == [("no-save", "solution.py"), ("no-gap", "starter.py"), ("no-save", "starter.py")]


def test_hidden_files_among_the_public_ones_are_told(clean: Path) -> None:
    shutil.copy(clean / "line" / "hidden" / "hidden.npz", clean / "line" / "data" / "hidden.npz")
    shutil.copy(clean / "line" / "hidden" / "hidden.npz", clean / "line" / "data" / "more.bin")
    assert codes(clean) == [("hidden-public", "hidden.npz"), ("hidden-public", "more.bin")]


def test_links_and_names_that_cannot_travel_are_told(clean: Path) -> None:
    (clean / "line" / "data" / "link.csv").symlink_to("points.csv")
    (clean / "line" / "data" / "POINTS.csv").write_text("0,0\n")
    (clean / "line" / "data" / "a:b.csv").write_text("0,0\n")
    assert codes(clean) == [("bad-name", "a:b.csv"), ("link", "link.csv"), ("same-name", "points.csv")]


def test_names_that_other_systems_confuse_are_told(clean: Path) -> None:
    for name in ("café.csv", "cafe\u0301.csv", "nul.csv", b"\xff.csv".decode("utf-8", "surrogateescape")):
        (clean / "line" / "data" / name).write_text("0,0\n")
    assert sorted(code for code, _ in codes(clean)) == ["bad-name", "bad-name", "same-name"]


def test_a_misspelt_skill_is_told_and_an_own_one_is_not(clean: Path) -> None:
    problem = clean / "line" / "problem.toml"
    problem.write_text(problem.read_text().replace('"Train a model"', '"Use word embeding", "Cool a cup of tea"'))
    (fault,) = check(clean).faults
    assert (fault.code, fault.severity, fault.line) == ("misspelt-skill", "warning", 6)
    assert str(fault.advice) == 'Did you mean "Use word embeddings"?'


def test_files_that_are_never_read_are_told(clean: Path) -> None:
    shutil.copytree(clean / "line", clean / "more" / "curve")
    (clean / "line" / "statement.ko.md").write_text("{{target}}", "utf-8")
    found = [(fault.code, fault.severity) for fault in check(clean).faults]
    assert found == [("stray-problem", "warning"), ("stray-statement", "warning")]


@pytest.mark.parametrize(
    ("inputs", "labels", "expected"),
    [
        (np.zeros((200, 2)), np.zeros((200, 1)), "inputs shaped (1)"),
        (np.zeros((200, 1)), np.zeros((200, 3)), "labels shaped (1), or class numbers shaped ()"),
        (np.full((200, 1), np.nan), np.zeros((200, 1)), "finite inputs"),
        (np.zeros((200, 1), complex), np.zeros((200, 1)), "inputs of float32"),
        (np.zeros((200, 1)), np.array(["a"] * 200), "numbers as labels"),
        (np.zeros((10, 1)), np.zeros((10, 1)), "at least draw_size = 20 hidden rows"),
        (np.zeros((40, 1)), np.zeros((40, 1)), "at least 100 hidden rows"),
    ],
)
def test_hidden_sets_must_fit_the_contract(clean: Path, inputs: np.ndarray, labels: np.ndarray, expected: str) -> None:
    np.savez(clean / "line" / "hidden" / "hidden.npz", inputs=inputs, labels=labels)
    assert [str(fault.expected) for fault in check(clean).faults] == [expected]


TIMES: dict[str, tuple[np.ndarray, str | None, str]] = {
    "whole numbers in any order": (np.arange(200)[::-1], None, ""),
    "floats": (np.linspace(-1.5, 9.5, 200), None, ""),
    "the same for all": (np.zeros(200), None, ""),
    "too few": (np.arange(199), "time shaped (200)", "(199)"),
    "one a step": (np.zeros((200, 2)), "time shaped (200)", "(200, 2)"),
    "no array": (np.array(3), "time shaped (200)", "()"),
    "texts": (np.array(["2010-01"] * 200), "whole numbers or floats as time", "<U7"),
    "dates": (np.array(["2010-01"] * 200, "datetime64[D]"), "whole numbers or floats as time", "datetime64[D]"),
    "gaps": (np.array([np.nan, np.inf, *range(198)]), "a finite time", "2 NaN or infinite"),
}


@pytest.mark.parametrize("name", TIMES)
def test_times_of_hidden_rows_are_checked(clean: Path, name: str) -> None:
    time, expected, found = TIMES[name]
    inputs = np.linspace(0, 1, 200, dtype=np.float32)[:, None]
    np.savez(clean / "line" / "hidden" / "hidden.npz", inputs=inputs, labels=3 * inputs, time=time)
    faults = check(clean).faults
    assert [(str(fault.expected), str(fault.found)) for fault in faults] == (
        [] if expected is None else [(expected, found)]
    )


def test_other_arrays_are_no_part_of_a_hidden_set(clean: Path) -> None:
    inputs = np.linspace(0, 1, 200, dtype=np.float32)[:, None]
    np.savez(
        clean / "line" / "hidden" / "hidden.npz", inputs=inputs, labels=3 * inputs, time=inputs[:, 0], times=inputs
    )
    (fault,) = check(clean).faults
    assert str(fault.found) == "inputs, labels, time, times"


def test_a_proof_that_is_older_than_what_is_tried_is_told(clean: Path) -> None:
    folder = clean / "line"
    problem = read_pack(clean).problems[0]
    parts = proof.parts_of(problem, 4)
    control = Finding(kind="control", name="always zero", expected="below", found="0/5", right=True)
    kept = Proof(problem="line", mockexam="0", seed=4, seconds=1, parts=parts, findings=(control,))
    proof.write(kept, folder)
    assert check(clean).faults == ()
    older = {kind: digest for kind, digest in parts.items() if kind != "contract"}
    for written, found in (
        (msgspec.structs.replace(kept, parts=older), "proven; not tried: contract"),
        (msgspec.structs.replace(kept, parts=parts | {"starter": "another"}), "no proof of what it is now (starter)"),
        (msgspec.structs.replace(kept, findings=(msgspec.structs.replace(control, right=False),)), "NOT proven"),
        (msgspec.structs.replace(kept, parts=dict.fromkeys(parts, "another")), "no proof of what it is now"),
    ):
        proof.write(written, folder)
        (fault,) = check(clean).faults
        assert (fault.code, fault.severity, str(fault.found)) == ("old-proof", "warning", found)


@pytest.mark.parametrize("content", [b"PK\x03\x04 and then nothing", b"", b"nothing"])
def test_a_damaged_hidden_set_is_told(clean: Path, content: bytes) -> None:
    (clean / "line" / "hidden" / "hidden.npz").write_bytes(content)
    (fault,) = check(clean).faults
    assert str(fault.expected) == "an .npz of plain arrays"


CLASSES = Expected(Contract(input_shape=(1,), output_shape=(3,)), classifies=True)


@pytest.mark.parametrize(
    ("units", "labels", "expected"),
    [
        (3, np.arange(9) % 4, "class numbers 0 to 2"),
        (3, np.arange(9) % 3 - 1, "class numbers 0 to 2"),
        (3, np.full((9, 3), 7.0), "one-hot labels"),
        (1, np.arange(9) % 3, "labels 0 and 1"),
        (3, np.eye(3)[np.arange(9) % 3], None),
        (1, np.arange(9) % 2, None),
    ],
)
def test_labels_of_classes_must_be_classes(units: int, labels: np.ndarray, expected: str | None) -> None:
    contract = Contract(input_shape=(1,), output_shape=(units,))
    with pytest.raises(RefusedError, match=expected) if expected else contextlib.nullcontext():
        check_arrays(np.zeros((9, 1), np.float32), labels, Expected(contract, classifies=True))


def test_classes_without_rows_are_told() -> None:
    assert missing_classes(np.array([0, 2, 2]), CLASSES) == (1,)
    assert missing_classes(np.eye(3)[[0, 1]], CLASSES) == (2,)
    assert missing_classes(np.zeros((4, 1)), Expected(CLASSES.contract, classifies=False)) == ()


def test_labels_of_which_a_metric_can_not_be_computed_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(METRICS, "accuracy", msgspec.structs.replace(METRICS["accuracy"], labels_vary=True))
    scoring = Scoring(thresholds=(Threshold(metric="accuracy", at_least=0.5),), draw_size=20)
    expected = Expected(Contract(input_shape=(1,), output_shape=(1,)), classifies=True, scoring=scoring)
    inputs, rows = np.zeros((200, 1), np.float32), np.arange(200)
    rare, common = (rows % 20 == 0).astype(int), (rows % 5 == 0).astype(int)
    with pytest.raises(RefusedError, match="or these metrics are undefined: accuracy"):
        check_arrays(inputs, rare, expected)
    check_arrays(inputs, common, expected)
    check_arrays(inputs[:10], rare[:10], expected)  # too few rows for draw_size, which is told elsewhere


def test_folders_of_pictures_are_classes_unless_hidden(tmp_path: Path) -> None:
    for name in ("a", "b", ".cache"):
        (tmp_path / name).mkdir()
        Image.new("RGB", (4, 4)).save(tmp_path / name / "1.png")
    contract = Contract(input_shape=(4, 4, 3), output_shape=(2,))
    assert inspect_pictures(tmp_path, Expected(contract, classifies=True)).rows == 2
    (tmp_path / "aa").mkdir()
    with pytest.raises(RefusedError, match="none in aa"):
        inspect_pictures(tmp_path, Expected(contract, classifies=True))


def test_generators_are_run_and_their_values_compared_with_the_texts(write_generator_pack: Write) -> None:
    root = write_generator_pack(GENERATOR)
    for name in ("starter.py", "solution.py"):
        (root / "line" / name).write_text(SAVED)
    statement = root / "line" / "statement.md"
    statement.write_text("Slope {{slope}}, {{target}}\n\nand {{slop}}.\n")
    faults = [fault for fault in check(root).faults if fault.severity == "error"]
    assert [(fault.code, fault.file, fault.line) for fault in faults] == [("unknown-value", statement, 3)]
    (root / "line" / "generator.py").write_text("def generate(*_):\n    raise KeyError('seed')\n")
    assert any("KeyError: 'seed'" in str(fault.found) for fault in check(root).faults)
    (root / "line" / "generator.py").write_text(GENERATOR.replace("default_rng(seed)", "default_rng()"))
    assert any(str(fault.expected) == "the same files from the same seed" for fault in check(root).faults)


def test_a_generator_that_ends_the_process_is_told_apart(write_generator_pack: Write) -> None:
    root = write_generator_pack("import os\ndef generate(*_):\n    os._exit(3)\n")
    shutil.copytree(root / "line", root / "other")
    text = (root / "line" / "problem.toml").read_text()
    (root / "other" / "problem.toml").write_text(text.replace('"line"', '"other"').replace("6f0c", "7f0c"))
    (root / "other" / "generator.py").write_text(GENERATOR)
    found = [fault for fault in check(root).faults if fault.code == "data"]
    assert [(fault.file.name, str(fault.expected)) for fault in found] == [("generator.py", "an orderly end")]


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
    assert list(leaked_lines("try\nmodel = Dense(1,\n  use_bias=True)", solution, "")) == [
        (2, solution.splitlines()[1])
    ]


def test_every_file_is_looked_at_though_another_is_wrong(clean: Path) -> None:
    folder = clean / "line"
    (clean / "pack.toml").write_text((clean / "pack.toml").read_text().replace("minutes", "minuts"))
    text = (folder / "problem.toml").read_text()
    (folder / "problem.toml").write_text(text.replace("difficulty", "dificulty"))
    (folder / "solution.py").write_text("def mymodel(:\n")
    (folder / "starter.py").unlink()
    with np.load(folder / "hidden" / "hidden.npz") as arrays:
        inputs, labels = arrays["inputs"], arrays["labels"]
    np.savez(folder / "hidden" / "hidden.npz", inputs=inputs, labels=labels * np.nan)
    examined = check(clean)
    assert examined.pack is None
    assert [(fault.code, fault.file.name, fault.line) for fault in examined.faults] == [
        ("unknown-key", "pack.toml", 9),
        ("unknown-key", "problem.toml", 7),
        ("missing-file", "problem.toml", None),
        ("syntax", "solution.py", 1),
        ("data", "hidden.npz", None),
    ]
    # What takes the place of a contract that can't be used is no measure for the hidden set.
    (folder / "problem.toml").write_text(text.replace("input_shape = [1]", "input_shape = [0]"))
    assert "data" not in [fault.code for fault in check(clean).faults]


def test_a_generator_is_told_where_it_fails_and_gets_no_answer(write_generator_pack: Write) -> None:
    root = write_generator_pack("def generate(seed, public, hidden):\n    input('How many rows? ')\n")
    (fault,) = (fault for fault in check(root).faults if fault.code == "data")
    assert (fault.file.name, fault.line, str(fault.found)) == ("generator.py", 2, "EOFError: EOF when reading a line")


def test_a_problem_without_its_file_is_told(clean: Path) -> None:
    (clean / "curve").mkdir()
    (clean / "curve" / "statement.md").write_text("{{target}}")
    assert ("no-problem-file", "curve") in codes(clean)
    (clean / "curve" / "problem.toml").mkdir()
    assert ("unreadable", "problem.toml") in codes(clean)


def test_tables_with_gaps_are_told_with_their_lines(clean: Path) -> None:
    data = clean / "line" / "data"
    (data / "points.csv").write_text("x,y\n0,0\n1,\n2,6,8\n3,NaN\n")
    (data / "nothing.csv").write_text("\n")
    (data / "other.csv").write_bytes("이름,값\n".encode("cp949"))
    assert [(fault.code, fault.file.name, fault.line, str(fault.found)) for fault in check(clean).faults] == [
        ("empty-table", "nothing.csv", None, "nothing"),
        ("gap-in-table", "points.csv", 3, "an empty cell 2 (2 rows are like that)"),
    ]


def test_more_files_than_an_archive_may_hold_are_told(clean: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockexam.packs.authoring.check.MOST_MEMBERS", 6)
    assert ("many-files", clean.name) in codes(clean)
