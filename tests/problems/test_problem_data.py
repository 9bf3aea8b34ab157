"""Public and hidden data: they fit the contract, have no row in common, and never meet in one folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from graders.metrics.table import METRICS
from mockexam.packs.format.model import Problem
from tests.problems.public_rows import READERS

Hidden = tuple[np.ndarray, np.ndarray]


def public_data(problem: Problem, category_folder: Callable[[Problem], Path]) -> Path:
    """Where the public rows are read from: the shipped sources of a builder, else what the candidate gets."""
    return problem.folder / "data" if problem.data.kind == "builder" else category_folder(problem) / "data"


def test_no_hidden_row_is_public(
    problem: Problem, category_folder: Callable[[Problem], Path], hidden_set: Callable[[Problem], Hidden]
) -> None:
    inputs, _ = hidden_set(problem)
    public = {row.tobytes() for row in READERS[problem.id](public_data(problem, category_folder))}
    assert public
    first = next(READERS[problem.id](public_data(problem, category_folder)))
    assert (first.shape, first.dtype) == (inputs.shape[1:], inputs.dtype), "rows can't be compared"
    assert not [number for number, row in enumerate(inputs) if row.tobytes() in public]


def test_no_hidden_row_is_there_twice(problem: Problem, hidden_set: Callable[[Problem], Hidden]) -> None:
    inputs, _ = hidden_set(problem)
    assert len({row.tobytes() for row in inputs}) == len(inputs)


def test_the_hidden_set_fits_the_contract(problem: Problem, hidden_set: Callable[[Problem], Hidden]) -> None:
    inputs, labels = hidden_set(problem)
    assert inputs.dtype == problem.contract.input_dtype
    assert inputs.shape[1:] == problem.contract.input_shape
    assert len(inputs) == len(labels)
    assert np.isfinite(inputs).all()
    if METRICS[problem.scoring.thresholds[0].metric].kind == "classification":
        classes = max(2, problem.contract.output_shape[-1] or 0)
        counts = np.bincount(labels.reshape(-1).astype(int), minlength=classes)
        assert len(counts) == classes
        # No class is so common that naming it alone gets far.
        assert counts.max() <= 1.2 * len(labels) / classes
    else:
        assert labels.shape[1:] == problem.contract.output_shape
        assert np.isfinite(labels).all()


def test_a_draw_is_smaller_than_the_hidden_set(problem: Problem, hidden_set: Callable[[Problem], Hidden]) -> None:
    if problem.scoring.mode == "ladder":  # the whole hidden set, once
        assert problem.scoring.draw_size is None
    else:
        assert problem.scoring.draw_size is not None
        assert problem.scoring.draw_size <= 0.8 * len(hidden_set(problem)[1])


def test_nothing_hidden_reaches_the_candidate(problem: Problem, category_folder: Callable[[Problem], Path]) -> None:
    if problem.data.kind == "builder":
        shipped = {path.name for path in (problem.folder / "data").rglob("*")}
    else:
        shipped = {path.name for path in (category_folder(problem) / "data").rglob("*")}
    secret = {path.name for path in (problem.folder / "hidden").rglob("*") if path.suffix == ".npz"}
    assert not shipped & (secret | {"solution.py", "hints.md", "generator.py", "builder.py", "problem.toml"})
