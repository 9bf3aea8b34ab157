"""Models of old releases by a shell command with a grader of its own: one of every kind, some of them in CI."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.graders.legacy import archives
from tests.graders.legacy.archives import AGREES, DIFFERS, WRITERS, Writer
from tests.packs.small_pack import PACK, PROBLEM

pytestmark = pytest.mark.real_time

RECORDED = archives.recorded()
IN_CI = ("2.0/dense.h5", "2.13/bidirectional.keras", "2.6/momentum", "keras-3.0/base_in_sequential.keras")


def newest(kind: str) -> str:
    """A file of the last release that has something of a kind."""
    return next(
        f"{writer}/{name}"
        for writer in reversed(WRITERS)
        for name in RECORDED[writer]
        if archives.kind_of(name) == kind
    )


KINDS = sorted({archives.kind_of(name) for names in RECORDED.values() for name in names})


def write_pack(wrote: Writer, name: str, home: Path) -> None:
    """A pack of one problem: to predict what the writer of a model predicted."""
    contract = wrote.contract(name)
    folder = home / "data" / "packs" / "small" / "line"
    (folder / "hidden").mkdir(parents=True)
    (folder / "data").mkdir()
    shapes = f"input_shape = {list(contract.input_shape)}\noutput_shape = {list(contract.output_shape)}\n"
    problem = PROBLEM.replace(
        "input_shape = [1]\noutput_shape = [1]\n", f'{shapes}input_dtype = "{contract.input_dtype}"\n'
    )
    problem = problem.replace("draw_size = 20", f"draw_size = {len(wrote.inputs(name))}")
    problem = problem.replace("at_most = 0.6", f"at_most = {archives.NEAR}")
    (folder.parent / "pack.toml").write_text(PACK, "utf-8")
    (folder / "problem.toml").write_text(problem, "utf-8")
    (folder / "statement.md").write_text("# {{title}}\n\nReach {{target}}.\n", "utf-8")
    (folder / "starter.py").write_text("model = None  # YOUR CODE HERE\n", "utf-8")
    (folder / "solution.py").write_text("model = 'trained'\n", "utf-8")
    (folder / "data" / "points.csv").write_text("0,0\n1,3\n", "utf-8")
    Path(wrote.task(name).hidden).rename(folder / "hidden" / "hidden.npz")


def graded(command: tuple[str, ...], model: Path, home: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "mockexam", *command, str(model), "--pack", "small", "--json"],
        check=False,
        capture_output=True,
        text=True,
        timeout=600,
        env={**os.environ, "MOCKEXAM_HOME": str(home)},
        cwd=home,
    )
    assert done.stdout, done.stderr
    told: Any = json.loads(done.stdout)
    found: dict[str, Any] = told[0] if isinstance(told, list) else told
    return found


def became(verdict: dict[str, Any]) -> str:
    if verdict["outcome"] == "scored":
        return AGREES if all(test["passed"] for test in verdict["tests"]) else DIFFERS
    return str(verdict["reason"]["code"])


@pytest.mark.slow
@pytest.mark.parametrize("name", IN_CI)
def test_a_shell_command_tests_it_as_a_warm_grader_does(name: str, tmp_path: Path) -> None:
    writer, _, file = name.partition("/")
    wrote = archives.unpacked(writer, tmp_path)
    write_pack(wrote, file, tmp_path)

    assert became(graded(("practice", "line"), wrote.folder / file, tmp_path)) == RECORDED[writer][file]


@pytest.mark.soak
@pytest.mark.parametrize("kind", KINDS)
def test_one_of_each_kind(kind: str, tmp_path: Path) -> None:
    test_a_shell_command_tests_it_as_a_warm_grader_does(newest(kind), tmp_path)
