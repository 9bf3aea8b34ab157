"""The built-in pack, and its problems prepared as a candidate gets them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mockexam.packs.catalogue import Catalogue
from mockexam.packs.data.preparation import prepare
from mockexam.packs.format.model import Pack, Problem, fill

SEED = 7
Hidden = tuple[np.ndarray, np.ndarray]


def built_in_pack() -> Pack:
    """The pack that ships with the app, found like any other."""
    return Catalogue().pack("tensorflow-developer")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `problem` runs for each problem of the pack."""
    if "problem" in metafunc.fixturenames:
        problems = built_in_pack().problems
        metafunc.parametrize("problem", problems, ids=[problem.id for problem in problems])


@pytest.fixture(scope="session")
def pack() -> Pack:
    """The built-in pack."""
    return built_in_pack()


@pytest.fixture(scope="session")
def prepared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where prepared data sets are kept between the tests of one run."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def category_folder(prepared_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Problem], Path]:
    """category_folder(problem): a folder as a candidate gets it, with data/ and starter.py; hidden.npz lies beside."""
    made: dict[str, Path] = {}

    def make(problem: Problem) -> Path:
        if problem.id not in made:
            folder = tmp_path_factory.mktemp(problem.id) / f"Category{problem.category}"
            prepared = prepare(problem, seed=SEED, public=folder / "data", cache=prepared_cache, progress=_silently)
            (folder / "starter.py").write_text(fill(problem.starter, prepared.values), "utf-8")
            (folder.parent / "hidden.npz").symlink_to(prepared.hidden)
            made[problem.id] = folder
        return made[problem.id]

    return make


@pytest.fixture(scope="session")
def hidden_set(category_folder: Callable[[Problem], Path]) -> Callable[[Problem], Hidden]:
    """hidden_set(problem): the inputs and labels that its models are tested with."""

    def read(problem: Problem) -> Hidden:
        shipped = problem.folder / "hidden" / "hidden.npz"
        # Preparing a builder's public data takes TensorFlow; its hidden set doesn't need it.
        path = shipped if shipped.is_file() else category_folder(problem).parent / "hidden.npz"
        with np.load(path) as arrays:
            return arrays["inputs"], arrays["labels"]

    return read


def _silently(fraction: float, detail: object) -> None:
    pass
