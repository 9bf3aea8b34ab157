"""Every hostile model at every level that can be forced, by whoever runs it, alone and in a crowd.

Nothing it tries may happen, nothing may be scored that shouldn't be, and no model may choose a verdict that says that
the fault was ours.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from graders.sandbox import report
from graders.scratch import PREFIX
from tests.graders.hostile import attacks
from tests.graders.hostile.conftest import Arsenal
from tests.graders.hostile.test_hostile_models import GRAPHS_THAT_READ, GRAPHS_THAT_WRITE, ONLY_X86
from tests.graders.hostile.test_ordinary_user import as_nobody, needs_root

needs_lock = pytest.mark.skipif(report.probe().level != "full", reason="this kernel has no full lock")
pytestmark = [needs_lock, pytest.mark.real_time]

HONEST = ("honest.h5", "honest.keras", "honest-saved")
LEVEL = {"full": "full", "no Landlock": "partial", "no seccomp": "partial", "none": "none"}
HARMLESS_GRAPHS = {"list", "python", *GRAPHS_THAT_WRITE}
"""They may be scored: TensorFlow finds nothing, or writes nothing, without an error."""


def _hostile() -> list[str]:
    python = [f"{name}{suffix}" for name in attacks.PYTHON_ATTACKS for suffix in (".h5", ".keras")]
    endings = [f"end-{name}.h5" for name in attacks.ENDINGS]
    forged = [f"frame-{name}.h5" for name in attacks.FRAMES]
    answered = [f"answered-{name}.h5" for name in attacks.AFTERWARDS]
    names = [*GRAPHS_THAT_READ, *GRAPHS_THAT_WRITE, "python", "service", "loop", "huge", "grow"]
    every = [*python, *endings, *forged, *answered, "busy.h5", *(f"graph-{name}" for name in names)]
    x86 = platform.machine() == "x86_64"
    return [name for name in every if x86 or _stem(name).removeprefix("end-") not in ONLY_X86]


def _stem(name: str) -> str:
    return name.partition(".")[0]


Verdicts = dict[str, dict[str, Any]]


def _judged(arsenal: Arsenal, level: str, pace: str, models: Sequence[str], *, nobody: bool = False) -> Verdicts:
    """The verdicts by model, from a program of its own; nothing must have happened, and no verdict is our fault's."""
    task = arsenal.victims / "task.json"
    task.write_bytes(msgspec.json.encode(arsenal.task(wall_seconds=4.0, cpu_seconds=3, resident_bytes=1 << 30)))
    task.chmod(0o644)
    scratch = Path(tempfile.mkdtemp(prefix="scratch", dir=arsenal.folder))
    scratch.chmod(0o777)
    paths = [str(arsenal.folder / name) for name in models]
    command = [sys.executable, "-m", "tests.graders.hostile.everywhere", str(task), level, pace, *paths]
    if nobody:
        done = as_nobody(command, scratch)
        if done.returncode == 1 and ("unshare" in done.stderr or "mount" in done.stderr):
            pytest.skip(f"no name space can be made here: {done.stderr.strip()}")
    else:
        environment = {**os.environ, "TMPDIR": str(scratch), "SECRET_TOKEN": "hunter2"}
        root = Path(__file__).parents[3]
        done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["isolation"]["level"] == LEVEL[level], told["isolation"]
    assert "the secret" not in done.stdout
    assert arsenal.traces == []
    assert arsenal.listeners.reached() == 0
    assert list(scratch.glob(f"{PREFIX}*")) == []
    verdicts = dict(zip(models, told["verdicts"], strict=True))
    assert not {name: one for name, one in verdicts.items() if one["outcome"] == "unable"}
    return verdicts


def _wrongly_scored(verdicts: Verdicts) -> Iterator[str]:
    """The hostile models that were scored as if they had been let do something."""
    for name, verdict in verdicts.items():
        if name in HONEST or verdict["outcome"] != "scored":
            continue
        error = round(verdict["tests"][0]["values"]["mae"])
        stem = _stem(name)
        allowed = {0} if stem in attacks.PYTHON_ATTACKS else {7} if stem.startswith("answered-") else set[int]()
        if error not in (allowed or ({0, 1} if stem.removeprefix("graph-") in HARMLESS_GRAPHS else set())):
            yield f"{name}: {error}"


def _check(verdicts: Verdicts, level: str) -> None:
    assert list(_wrongly_scored(verdicts)) == []
    if level == "full":
        assert all(verdicts[name]["outcome"] == "scored" for name in HONEST if name in verdicts)
        return
    refused = {name for name, verdict in verdicts.items() if verdict["outcome"] == "refused"}
    assert set(verdicts) - refused <= {"honest.h5", "honest.keras"}, verdicts
    assert {verdict["outcome"] for name, verdict in verdicts.items() if name not in refused} == {"scored"}


@pytest.mark.slow
@pytest.mark.parametrize("level", ["no Landlock", "no seccomp"])
def test_without_a_layer_no_code_is_run_at_all(level: str, arsenal: Arsenal) -> None:
    _check(_judged(arsenal, level, "burst", [*_hostile(), *HONEST]), level)


@pytest.mark.slow
def test_without_a_lock_no_code_is_run_at_all(arsenal: Arsenal) -> None:
    _check(_judged(arsenal, "none", "burst", ["write.h5", "end-loop.h5", "graph-write", "honest.keras"]), "none")


USERS = [pytest.param(False, id="whoever tests"), pytest.param(True, id="nobody", marks=needs_root)]


@pytest.mark.soak
@pytest.mark.parametrize("nobody", USERS)
@pytest.mark.parametrize("pace", ["burst", "warm"])
@pytest.mark.parametrize("level", LEVEL)
def test_no_level_user_or_pace_lets_a_model_do_or_choose_anything(
    level: str, pace: str, nobody: bool, arsenal: Arsenal, request: pytest.FixtureRequest
) -> None:
    if nobody:
        request.getfixturevalue("open_arsenal")
    if (level, pace) == ("none", "warm"):
        pytest.skip("nothing is kept warm there")

    _check(_judged(arsenal, level, pace, [*_hostile(), *HONEST], nobody=nobody), level)
