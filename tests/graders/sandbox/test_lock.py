"""The lock itself, in forked processes without TensorFlow: as root where the tests run as root, and as anybody."""

from __future__ import annotations

import os
import platform
import re
import resource
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest

import mockexam
import problems
from graders.contract import Contract, Scoring, Task, Threshold
from graders.formats import BY_NAME
from graders.protocol import Grade
from graders.sandbox import landlock, libraries, lock, privileges, report, seccomp, syscalls
from graders.trusted.grading import Grader

NOBODY = 65534
FULL = report.probe().level == "full"
needs_lock = pytest.mark.skipif(not FULL, reason="this kernel has no full lock")
users = pytest.mark.parametrize("user", [os.getuid(), NOBODY] if os.getuid() == 0 else [os.getuid()])


def _in_child(user: int, readable: list[Path], attempt: Callable[[], object], *, locked: bool = True) -> bool:
    """Whether `attempt` succeeds in a child that runs as `user`."""
    child = os.fork()
    if not child:
        status = 2
        try:
            if user != os.getuid():
                os.setgroups([])
                os.setresgid(user, user, user)
                os.setresuid(user, user, user)
            paths = [os.fsencode(path) for path in readable]
            if locked:
                lock.engage(("privileges", "files", "limits", "calls"), paths, (0, 1, 2), (8 << 30, 10))
            status = 1
            attempt()
            status = 0
        finally:
            os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, 1), f"the lock did not hold: {status}"
    return status == 0


@pytest.fixture
def open_folder(tmp_path: Path) -> Path:
    """A folder whose files any user may read and write, so that only the lock is in the way."""
    for folder in (tmp_path, *tmp_path.parents):  # as many as there are: a worker of the tests adds one
        if folder.stat().st_uid == os.geteuid() and not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode | 0o055)
    tmp_path.chmod(0o777)
    for name in ("allowed", "forbidden"):
        (tmp_path / name).write_text(name)
        (tmp_path / name).chmod(0o666)
    return tmp_path


@needs_lock
@users
def test_only_what_is_allowed_can_be_read(user: int, open_folder: Path) -> None:
    allowed, forbidden = open_folder / "allowed", open_folder / "forbidden"

    assert _in_child(user, [allowed], allowed.read_bytes)
    assert not _in_child(user, [allowed], forbidden.read_bytes)


@needs_lock
@users
@pytest.mark.parametrize(
    "attempt",
    [
        lambda allowed: allowed.write_text("x"),
        lambda allowed: allowed.chmod(0o600),
        lambda allowed: allowed.unlink(),
        lambda allowed: socket.socket(),
        lambda allowed: os.fork(),
        lambda allowed: os.execv("/bin/true", ["true"]),
        lambda allowed: os.kill(os.getpid(), 0),
        lambda allowed: os.pipe(),
        lambda allowed: os.memfd_create("x"),
        lambda allowed: os.setuid(os.getuid()),
    ],
)
def test_nothing_can_be_done(attempt: Callable[[Path], object], user: int, open_folder: Path) -> None:
    allowed = open_folder / "allowed"
    os.chown(allowed, user, -1)

    assert not _in_child(user, [allowed], lambda: attempt(allowed))
    assert _in_child(user, [allowed], lambda: attempt(allowed), locked=False), "nothing but the lock may be in the way"


@needs_lock
def test_orders_come_from_one_socket_only() -> None:
    pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(2)]
    (_, orders), (_, other) = pairs
    for ours, _ in pairs:
        ours.send(b"x")
    child = os.fork()
    if not child:
        status = 2
        try:
            kept = (0, 1, 2, orders.fileno(), other.fileno())
            lock.engage(("privileges", "files", "calls"), (), kept, None, orders.fileno())
            status = 1 if orders.recvmsg(1)[0] == b"x" else 2
            other.recvmsg(1)
            status = 3
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
    for pair in pairs:
        for end in pair:
            end.close()


def test_closing_all_but_keeps_what_is_kept() -> None:
    child = os.fork()
    if not child:
        kept = os.open(os.devnull, os.O_RDONLY)
        privileges.close_all_but((0, 1, 2, kept))
        alive = [descriptor for descriptor in range(64) if _is_open(descriptor)]
        os._exit(0 if alive == [0, 1, 2, kept] else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@needs_lock
def test_memory_can_be_limited_for_oneself_and_not_for_what_one_starts() -> None:
    child = os.fork()
    if not child:
        status = 1
        try:
            privileges.limit_memory(256 << 20)
            with subprocess.Popen([sys.executable, "-c", "input(); bytearray(512 << 20)"], stdin=-1) as started:
                privileges.lift_memory_limit(started.pid)
                started.communicate(b"\n")
            try:
                bytearray(512 << 20)
            except MemoryError:
                status = started.returncode
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@needs_lock
def test_a_child_leaves_processes_to_others_and_no_limit_of_its_own_kills_it() -> None:
    child = os.fork()
    if not child:
        status = 1
        try:
            resource.setrlimit(resource.RLIMIT_NPROC, (600, 600))
            privileges.limit_processes()
            privileges.limit_use(8 << 30, 5)
            few = resource.getrlimit(resource.RLIMIT_NPROC) == (600 - privileges.KEPT_PROCESSES,) * 2
            soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
            status = 0 if few and soft == 5 and hard == resource.RLIM_INFINITY else 1
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def test_no_pack_home_or_own_code_is_readable() -> None:
    readable = [os.fsdecode(path) for path in libraries.readable()]
    # Any of these at or below a readable path would give labels or the grader's own files away.
    guarded = [Path(str(mockexam.__file__)), Path(next(iter(problems.__path__))), Path(libraries.__file__), Path.home()]

    for path in guarded:
        resolved = str(path.resolve())
        assert not [entry for entry in readable if resolved == entry or resolved.startswith(entry.rstrip("/") + "/")]


@pytest.mark.parametrize(
    ("header", "table"),
    [
        ("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", syscalls.X86_64),
        ("/usr/include/asm-generic/unistd.h", syscalls.AARCH64),
    ],
)
def test_the_numbers_are_the_kernels(header: str, table: dict[str, int]) -> None:
    if not Path(header).exists():
        pytest.skip("the kernel's headers are not installed")
    text = Path(header).read_text()
    told = {name: int(number) for name, number in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", text)}

    assert {name: told.get(name, told.get({"newfstatat": "fstatat"}.get(name, name))) for name in table} == table


def test_levels_are_said_honestly(monkeypatch: pytest.MonkeyPatch) -> None:
    if platform.system() != "Linux":
        pytest.skip("asks Linux")
    monkeypatch.setattr(landlock, "version", lambda: 0)
    assert report.probe().level == "partial"
    assert not report.probe().holds_code
    monkeypatch.setattr(seccomp, "available", lambda: False)
    assert report.probe().level == "none"
    assert report.probe().advice


class PretendedNursery:
    """Its kernel says `asked`; `held` is what a trial shows. Forks nothing."""

    def __init__(self, asked: report.Isolation, held: report.Isolation) -> None:
        self.isolation, self._held = asked, held

    def tried_isolation(self) -> report.Isolation:
        self.isolation = self._held
        return self._held


@pytest.mark.parametrize("found_out", ["when asked", "when tried"])
def test_required_refuses_without_the_full_lock(found_out: str, tmp_path: Path) -> None:
    full = msgspec.structs.replace(report.probe(), level="full")
    partial = report.after_trial(full, {"calls": ("open a network socket",)})
    fork_server = PretendedNursery(partial if found_out == "when asked" else full, partial)
    grader = Grader(fork_server, tmp_path, required=True)  # type: ignore[arg-type]  # must not get as far as a fork
    contract = Contract(input_shape=(1,), output_shape=(1,))
    model, hidden = tmp_path / "mymodel.h5", tmp_path / "hidden.npz"
    model.write_bytes(BY_NAME["h5"].signature)
    np.savez(hidden, inputs=np.zeros((4, 1), np.float32), labels=np.zeros((4, 1), np.float32))
    task = Task(contract=contract, scoring=Scoring(thresholds=(Threshold(metric="mae", at_most=1),)), hidden="")
    order = Grade(id=1, model=os.fsencode(model), hidden=os.fsencode(hidden), task=task, key="k", press=0)

    verdict = grader.grade(order, lambda _: None, -1)

    assert verdict.outcome == "unable"
    assert verdict.reason is not None
    assert verdict.reason.code == "isolation"
    assert verdict.isolation == "partial"
