"""The online pack: its stock builders on local archives, its scripts on random data, its download from a file."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from mockexam.packs.catalogue import Catalogue
from mockexam.packs.data.preparation import OfflineError, PreparationError, prepare
from mockexam.packs.format.model import Pack, Problem
from mockexam.packs.format.skills import SKILLS

HERE = Path(__file__).parent
HIDDEN = {"mnist": 20, "rock_paper_scissors": 9, "horses_or_humans_softmax": 6, "horses_or_humans_sigmoid": 6}


@pytest.fixture(scope="module")
def online() -> Pack:
    """The pack that ships with the app, found the way anyone's is."""
    return Catalogue().pack("tensorflow-developer-online")


def test_it_has_the_data_sets_of_the_original_in_their_shapes(online: Pack) -> None:
    found = {
        problem.id: (problem.contract.input_shape, problem.contract.output_shape, problem.contract.activation)
        for problem in online.problems
    }
    assert found == {
        "mnist": ((28, 28), (10,), "softmax"),
        "rock_paper_scissors": ((150, 150, 3), (3,), "softmax"),
        "horses_or_humans_softmax": ((300, 300, 3), (2,), "softmax"),
        "horses_or_humans_sigmoid": ((300, 300, 3), (1,), "sigmoid"),
        "cats_vs_dogs": ((224, 224, 3), (2,), "softmax"),
        "sarcasm": ((120,), (1,), "sigmoid"),
    }
    assert not online.offline
    assert {skill for problem in online.problems for skill in problem.skills} <= set(SKILLS)
    assert all(problem.data.notice and problem.languages == ("en", "ko") for problem in online.problems)


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the stock builders and the scripts came to, all in one process that imports TensorFlow once."""
    run = [sys.executable, str(HERE / "stock_process.py"), str(tmp_path_factory.mktemp("stock"))]
    done = subprocess.run(run, cwd=HERE.parents[1], capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr[-3000:]
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


@pytest.mark.slow
def test_stock_builders_prepare_the_data_and_a_split_is_withheld(online: Pack, stock: dict[str, Any]) -> None:
    for problem in online.problems:
        if problem.data.kind != "tfds":
            continue
        found = stock[problem.id]
        cats = problem.id == "cats_vs_dogs"
        rows = 2 if cats else HIDDEN[problem.id]
        shape = [rows, *problem.contract.input_shape]
        assert found["hidden"][:2] == [shape, "float32"]
        assert 0 <= found["hidden"][2] < found["hidden"][3] <= 1
        assert found["splits"] == {
            "train": {"mnist": 40, "rock_paper_scissors": 24, "cats_vs_dogs": 118}.get(problem.id, 16)
        }
        assert cats or found["labels"] == list(range(max(2, problem.contract.output_shape[0] or 0)))
        assert (found["known"], found["left"]) == (0, [])


@pytest.mark.slow
def test_the_scripts_read_the_stock_data_sets_and_keep_the_contract(online: Pack, stock: dict[str, Any]) -> None:
    for problem in online.problems:
        if problem.data.kind == "tfds":
            found, contract = stock[problem.id], problem.contract
            assert found["said"].startswith("There is no model yet")
            assert found["shapes"] == [list(contract.input_shape), list(contract.output_shape)]
            assert found["activation"] == contract.activation


@pytest.mark.slow
def test_a_slice_is_taken_out_of_several_files_and_nothing_else_is_lost(stock: dict[str, Any]) -> None:
    before, taken, left = stock["sliced"]
    assert (len(before), len(taken), len(left)) == (120, 54, 66)
    assert sorted(taken + left) == before


def moved(problem: Problem, address: str, **more: Any) -> Problem:
    """The problem with its data at another address."""
    return msgspec.structs.replace(problem, data=msgspec.structs.replace(problem.data, url=address, probe=None, **more))


@pytest.fixture
def headlines(tmp_path: Path) -> Path:
    """A file in the form of the real one, of sentences drawn by lot."""
    rng, nouns = np.random.default_rng(5), [f"noun{number}" for number in range(1500)]
    rows = [
        {"article_link": "x", "headline": " ".join(rng.choice(nouns, 6)), "is_sarcastic": number % 2}
        for number in range(26_100)
    ]
    path = tmp_path / "site" / "sarcasm.json"
    path.parent.mkdir()
    path.write_text(json.dumps(rows), "utf-8")
    return path


def test_headlines_are_downloaded_and_cut(online: Pack, headlines: Path, tmp_path: Path) -> None:
    problem = moved(online.problem("sarcasm"), headlines.as_uri())
    told: list[str] = []
    public, cache = tmp_path / "data", tmp_path / "cache"
    found = prepare(problem, seed=3, public=public, cache=cache, progress=lambda _, detail: told.append(str(detail)))
    assert sorted(path.name for path in public.iterdir()) == ["NOTICE.txt", "headlines.json", "vocabulary.json"]
    shown = json.loads((public / "headlines.json").read_text("utf-8"))
    assert (len(shown), sorted(shown[0])) == (20_000, ["sarcastic", "text"])
    vocabulary = json.loads((public / "vocabulary.json").read_text("utf-8"))
    assert (len(vocabulary), vocabulary[:2]) == (1000, ["", "<OOV>"])
    with np.load(found.hidden) as arrays:
        assert arrays["inputs"].shape[1:] == (120,)
        assert arrays["inputs"].dtype == np.int32
        assert 5_900 < len(arrays["inputs"]) <= 6_100
        assert set(arrays["labels"].tolist()) == {0, 1}
    assert any(detail.startswith("Downloading sarcasm.json") for detail in told)


def test_a_file_that_is_not_the_one_is_refused(online: Pack, headlines: Path, tmp_path: Path) -> None:
    right = hashlib.sha256(headlines.read_bytes()).hexdigest()
    folders = {"public": tmp_path / "data", "cache": tmp_path / "cache"}
    problem = moved(online.problem("sarcasm"), headlines.as_uri(), sha256=right)
    prepare(problem, seed=1, progress=lambda *_: None, **folders)
    problem = moved(online.problem("sarcasm"), headlines.as_uri(), sha256="0" * 64)
    with pytest.raises(PreparationError, match="SHA-256 000000000000"):
        prepare(problem, seed=1, progress=lambda *_: None, **folders)
    headlines.write_text("[]")
    with pytest.raises(PreparationError, match="found 0"):
        prepare(moved(online.problem("sarcasm"), headlines.as_uri()), seed=1, progress=lambda *_: None, **folders)


@pytest.mark.parametrize("name", ["mnist", "sarcasm"])
def test_without_a_network_it_says_so_before_anything_is_started(online: Pack, name: str, tmp_path: Path) -> None:
    problem = online.problem(name)
    nowhere = msgspec.structs.replace(problem.data, probe="http://127.0.0.1:9/")
    with pytest.raises(OfflineError, match="`mockexam pack list` shows which packs work offline"):
        prepare(
            msgspec.structs.replace(problem, data=nowhere),
            seed=1,
            public=tmp_path / "data",
            cache=tmp_path / "cache",
            progress=lambda *_: None,
        )
    assert not (tmp_path / "data").exists()
