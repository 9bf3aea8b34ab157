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
shift 3
exec setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all "$@"
"""
needs_root = pytest.mark.skipif(
    os.geteuid() != 0 or report.probe().level != "full" or not shutil.which("setpriv") or not shutil.which("unshare"),
    reason="needs root, the full lock, and the programs to become somebody else",
)


def _as_nobody(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run `command` as nobody, in a name space of its own in which the interpreter can be reached."""
    base = Path(sys.base_prefix).resolve()
    closed = next((path for path in (*reversed(base.parents), base) if not path.stat().st_mode & 0o001), None)
    become = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--bounding-set=-all", *command]
    if closed is not None:
        held = str(folder / "held")  # another name, because the second mount covers the first
        inner = ["sh", "-c", AS_NOBODY, "sh", str(closed), str(base.relative_to(closed)), held, *command]
        become = ["unshare", "--mount", *inner]
    return subprocess.run(
        become,
        cwd=Path(__file__).parents[3],
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder), "SECRET_TOKEN": "hunter2"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def open_arsenal(arsenal: Arsenal) -> Arsenal:
    """The arsenal where any user may read the models and change what they aim at."""
    for path in (arsenal.folder, *arsenal.folder.parents):
        if path != Path("/") and path.stat().st_uid == os.geteuid() and not path.stat().st_mode & 0o001:
            path.chmod(path.stat().st_mode | 0o055)
    for path in (arsenal.victims, *arsenal.victims.iterdir()):
        path.chmod(0o777)
    return arsenal


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

    done = _as_nobody([sys.executable, "-m", "tests.graders.hostile.ordinary_user", str(task), *models], scratch)
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
    assert told["verdicts"][-1]["reason"]["code"] == "crash"
    assert "the secret" not in done.stdout
    assert open_arsenal.traces == []
    assert open_arsenal.listeners.reached() == 0
    assert not [path.name for path in scratch.iterdir() if path.name.startswith("mockexam-grader-")]
