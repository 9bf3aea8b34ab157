"""The whole grader as an ordinary user. Where the tests run as one, all other tests are that; this one is for root."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec
import pytest

from graders.sandbox import report
from tests.graders.hostile.conftest import Arsenal

NOBODY = 65534
# A home that only root may enter may hold the interpreter; a view of it that anybody may enter is made for the child.
AS_NOBODY = """
set -e
mkdir "$3"
mount --bind "$1/$2" "$3"
mount -t tmpfs -o mode=0755 tmpfs "$1"
mkdir -p "$1/$2"
mount --move "$3" "$1/$2"
if [ -n "$4" ]; then mount -t proc -o "$4" proc /proc; fi
shift 4
exec setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all "$@"
"""
needs_root = pytest.mark.skipif(
    os.geteuid() != 0 or report.probe().level != "full" or not shutil.which("setpriv") or not shutil.which("unshare"),
    reason="needs root, the full lock, and the programs to become somebody else",
)


def as_nobody(command: list[str], folder: Path, *, proc: str = "") -> subprocess.CompletedProcess[str]:
    """Run `command` as nobody, in a name space of its own in which the interpreter can be reached.

    `proc` are the options with which /proc is mounted there.
    """
    base = Path(sys.base_prefix).resolve()
    closed = next((path for path in (*reversed(base.parents), base) if not path.stat().st_mode & 0o001), None)
    become = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--bounding-set=-all", *command]
    if closed is not None or proc:
        held = str(folder / "held")  # another name, because the second mount covers the first
        closed, inside = (base.parent, base.name) if closed is None else (closed, base.relative_to(closed))
        inner = ["sh", "-c", AS_NOBODY, "sh", str(closed), str(inside), held, proc, *command]
        become = ["unshare", "--mount", *(["--pid", "--fork"] if proc else []), *inner]
    return subprocess.run(
        become,
        cwd=Path(__file__).parents[3],
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder), "SECRET_TOKEN": "hunter2"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
@needs_root
def test_the_lock_holds_for_anybody(open_arsenal: Arsenal, tmp_path: Path) -> None:
    attacks = ("honest.h5", "read.h5", "write.h5", "network.keras", "processes.h5", "calls.h5", "inheritance.h5")
    task = open_arsenal.victims / "task.json"
    task.write_bytes(msgspec.json.encode(open_arsenal.task()))
    task.chmod(0o644)
    scratch = Path(tempfile.mkdtemp(prefix="nobody", dir=open_arsenal.folder))
    scratch.chmod(0o777)
    models = [str(open_arsenal.folder / name) for name in (*attacks, "graph-read", "graph-write", "end-segfault.h5")]

    done = as_nobody([sys.executable, "-m", "tests.graders.hostile.ordinary_user", str(task), *models], scratch)
    if done.returncode == 1 and ("unshare" in done.stderr or "mount" in done.stderr):
        pytest.skip(f"no name space can be made here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr[-3000:]
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])

    assert told["user"] == NOBODY
    assert (told["isolation"]["level"], told["isolation"]["tried"]) == ("full", True)
    for name, verdict in zip(attacks, told["verdicts"][: len(attacks)], strict=True):
        assert verdict["outcome"] == "scored", (name, verdict)
        if name != "honest.h5":
            assert round(verdict["tests"][0]["values"]["mae"]) == 0, name
    assert told["verdicts"][-1]["reason"]["code"] == "crash", told["verdicts"][-1]
    assert "the secret" not in done.stdout
    assert open_arsenal.traces == []
    assert open_arsenal.listeners.reached() == 0
    assert not [path.name for path in scratch.iterdir() if path.name.startswith("mockexam-grader-")]


@pytest.mark.slow
@needs_root
@pytest.mark.parametrize(("few", "enough"), [(12, 300)])
def test_no_model_ends_grading_for_a_user_who_may_have_few_processes(
    few: int, enough: int, open_arsenal: Arsenal, tmp_path: Path
) -> None:
    task = open_arsenal.victims / "task.json"
    task.write_bytes(msgspec.json.encode(open_arsenal.task(wall_seconds=8.0)))
    task.chmod(0o644)
    scratch = Path(tempfile.mkdtemp(prefix="few", dir=open_arsenal.folder))
    scratch.chmod(0o777)
    models = [str(open_arsenal.folder / name) for name in ("honest.h5", "end-threads.h5")]
    program = ["-m", "tests.graders.hostile.few_processes", str(task), str(few), str(enough), *models]

    done = as_nobody([sys.executable, *program], scratch)
    if done.returncode == 1 and ("unshare" in done.stderr or "mount" in done.stderr):
        pytest.skip(f"no name space can be made here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr[-3000:]
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])

    assert told["user"] == NOBODY
    for verdict in told["short"]:
        assert (verdict["outcome"], verdict["reason"]["code"]) == ("unable", "process"), verdict
    assert told["recovered"]["outcome"] == "scored", told["recovered"]
    outcomes = [verdict["outcome"] for verdict in told["crowded"]]
    assert [outcomes[at] for at in (1, 4)] == ["scored", "scored"], told["crowded"]
    # A model that takes all threads is found out, or finds none any more.
    assert {outcomes[at] for at in (0, 2, 3)} <= {"failed", "refused"}, told["crowded"]


@pytest.mark.slow
@needs_root
def test_where_processes_are_hidden_no_code_is_run(open_arsenal: Arsenal, tmp_path: Path) -> None:
    task = open_arsenal.victims / "task.json"
    task.write_bytes(msgspec.json.encode(open_arsenal.task()))
    task.chmod(0o644)
    scratch = Path(tempfile.mkdtemp(prefix="hidden", dir=open_arsenal.folder))
    scratch.chmod(0o777)
    models = [str(open_arsenal.folder / name) for name in ("honest.keras", "end-threads.h5", "graph-write")]
    program = ["-m", "tests.graders.hostile.everywhere", str(task), "full", "burst", *models]

    done = as_nobody([sys.executable, *program], scratch, proc="hidepid=2")
    if done.returncode == 1 and ("unshare" in done.stderr or "mount" in done.stderr):
        pytest.skip(f"no name space can be made here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr[-3000:]
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])

    assert (told["isolation"]["level"], told["isolation"]["tried"]) == ("partial", True)
    assert told["isolation"]["layers"]["limits"].startswith("broken")
    assert "hidepid" in told["isolation"]["advice"]
    assert [verdict["outcome"] for verdict in told["verdicts"]] == ["scored", "refused", "refused"]
    assert open_arsenal.traces == []
