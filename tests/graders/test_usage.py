"""What a process uses is seen, whatever it does to its own name and threads."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from graders import usage as usage_of
from graders.usage import memory_of, processor_seconds, usage

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems are asked through psutil")

START = """
import ctypes, signal, sys, threading
held = bytearray(64 << 20)
libc = ctypes.CDLL(None)
"""
# The kernel keeps the process while another thread lives, and shows no memory for the one that has ended.
END_THE_FIRST_THREAD = """
threads = [threading.Thread(target=threading.Event().wait) for _ in range(2)]
for thread in threads: thread.start()
print(flush=True)
libc.syscall(60, 0)
"""
TAKE_A_NAME = """
libc.prctl(15, b"\\xff\\xfe:\\n VmRSS:", 0, 0, 0)
print(flush=True)
sys.stdin.read()
"""

Started = Callable[[str], int]


@pytest.fixture
def started() -> Iterator[Started]:
    """started(program): the number of a process that has come to where it prints."""
    processes = []

    def start(program: str) -> int:
        process = subprocess.Popen(
            [sys.executable, "-c", START + program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        processes.append(process)
        assert process.stdout is not None
        process.stdout.readline()
        return process.pid

    yield start
    for process in processes:
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.mark.parametrize("program", [END_THE_FIRST_THREAD, TAKE_A_NAME], ids=["thread", "name"])
def test_memory_and_threads_are_seen(started: Started, program: str) -> None:
    process = started(program)
    while b"Z" not in _state(process) and program is END_THE_FIRST_THREAD:
        pass

    used = usage(process)

    assert used is not None
    assert 64 << 20 < used.resident <= used.peak < 512 << 20
    assert used.threads == (3 if program is END_THE_FIRST_THREAD else 1)


def test_a_process_is_looked_at_until_it_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    missed = [None] * 9
    see = usage_of._linux
    monkeypatch.setattr(usage_of, "_linux", lambda process: missed.pop() if missed else see(process))

    assert usage(os.getpid()) is not None


def test_memory_in_swap_counts_and_a_name_is_never_read() -> None:
    status = b"Name:\t\xff\xfe: VmRSS: 1 kB\nVmHWM:\t  300 kB\nVmRSS:\t  100 kB\nVmSwap:\t  900 kB\n"

    assert memory_of(status) == (1000 << 10, 1000 << 10)
    assert memory_of(status.replace(b"VmSwap:\t  900 kB\n", b"")) == (100 << 10, 300 << 10)
    assert memory_of(b"Name:\tended\nState:\tZ (zombie)\n") is None


def test_processor_time_of_threads_that_have_ended_counts(started: Started) -> None:
    process = started(
        "import time\n"
        "def work():\n    while time.thread_time() < 0.2: pass\n"
        "thread = threading.Thread(target=work)\nthread.start()\nthread.join()\nprint(flush=True)\nsys.stdin.read()"
    )

    assert (processor_seconds(process) or 0) >= 0.2
    assert processor_seconds(1 << 22) is None


def test_a_process_that_has_ended_uses_nothing() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()

    assert usage(process.pid) is None


def _state(process: int) -> bytes:
    """The state of a process' first thread: Z once it has ended."""
    with open(f"/proc/{process}/task/{process}/stat", "rb") as file:  # noqa: PTH123 - a name of bytes is in it
        return file.read().rpartition(b") ")[2].split()[0]
