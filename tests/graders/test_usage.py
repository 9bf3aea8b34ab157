"""What a process uses is seen, whatever it does to its own name and threads."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from graders.usage import usage

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


def test_a_process_that_has_ended_uses_nothing() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()

    assert usage(process.pid) is None


def _state(process: int) -> bytes:
    """The state of a process' first thread: Z once it has ended."""
    with open(f"/proc/{process}/task/{process}/stat", "rb") as file:  # noqa: PTH123 - a name of bytes is in it
        return file.read().rpartition(b") ")[2].split()[0]
