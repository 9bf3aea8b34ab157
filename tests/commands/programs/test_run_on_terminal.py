"""`mockexam run` on a terminal: the program owns one, keys are its own, and the shell's is left as it was."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.real_time


class Shell:
    """A shell on a terminal of its own, in which something is typed."""

    def __init__(self, folder: Path) -> None:
        self.terminal, theirs = pty.openpty()
        self.size(30, 100)
        environment = {**os.environ, "MOCKEXAM_HOME": str(folder / "home"), "PS1": "$ ", "HISTFILE": "/dev/null"}
        self.process = subprocess.Popen(
            ["bash", "--noprofile", "--norc", "-i"],
            cwd=folder,
            env=environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(theirs)
        self.seen = ""
        self.wait_for("$ ")

    def size(self, lines: int, columns: int) -> None:
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def type(self, text: str) -> None:
        os.write(self.terminal, text.encode())

    def wait_for(self, text: str, seconds: float = 20.0) -> str:
        """What was shown up to and with `text`, which is then forgotten."""
        until = time.monotonic() + seconds
        while text not in self.seen:
            ready, _, _ = select.select([self.terminal], [], [], max(0.0, until - time.monotonic()))
            assert ready, f"no {text!r} in {self.seen!r}"
            self.seen += os.read(self.terminal, 1 << 16).decode("utf-8", "replace")
        shown, _, self.seen = self.seen.partition(text)
        return shown + text

    def close(self) -> None:
        """Close the window; may be repeated."""
        if self.terminal < 0:
            return
        self.process.send_signal(signal.SIGHUP)
        os.close(self.terminal)
        self.terminal = -1
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    shell = Shell(tmp_path)
    yield shell
    shell.close()


@pytest.fixture
def run(shell: Shell, tmp_path: Path) -> Callable[[str], None]:
    """Types `mockexam run` for a program of these lines."""

    def start(code: str) -> None:
        (tmp_path / "mine.py").write_text("import os, signal, sys, time\n" + code)
        shell.type(f"{sys.executable} -m mockexam run mine.py; echo code $?.\n")

    return start


def attributes(shell: Shell) -> list[object]:
    """What the terminal does with keys and lines while a program has it; a shell that reads them has it otherwise."""
    shell.type("cat\n")
    until = time.monotonic() + 10
    while not (found := termios.tcgetattr(shell.terminal))[3] & termios.ICANON:
        assert time.monotonic() < until
        time.sleep(0.02)
    shell.type("\x04")
    shell.wait_for("$ ")
    return found[:4]


def test_the_program_owns_a_terminal_of_the_same_size(shell: Shell, run: Callable[[str], None]) -> None:
    run(
        """
print([os.isatty(one) for one in (0, 1, 2)], os.get_terminal_size(), os.tcgetpgrp(0) == os.getpgrp())
open("/dev/tty", "w").write("mine\\n")
sys.exit(5)
"""
    )
    assert "[True, True, True] os.terminal_size(columns=100, lines=30) True" in shell.wait_for("mine\r\n")
    shell.wait_for("code 5.")


def test_what_is_typed_is_read_and_shown_once(shell: Shell, run: Callable[[str], None], tmp_path: Path) -> None:
    run("print('got', input('name? ').upper())")
    shell.wait_for("name? ")
    shell.type("ad\x7fda\n")
    assert shell.wait_for("got ADA").count("got") == 1
    shell.wait_for("code 0.")
    assert "got ADA" in (tmp_path / "home/cache/runs/mine-001.log").read_text()


def test_ctrl_c_reaches_the_program_and_not_us(shell: Shell, run: Callable[[str], None]) -> None:
    run("try:\n    print('ready')\n    time.sleep(30)\nexcept KeyboardInterrupt:\n    print('caught'); sys.exit(6)")
    shell.wait_for("ready\r\n")
    shell.type("\x03")
    shell.wait_for("caught")
    shell.wait_for("code 6.")


def test_a_resize_is_told(shell: Shell, run: Callable[[str], None]) -> None:
    run(
        "signal.signal(signal.SIGWINCH, lambda *_: print(os.get_terminal_size().columns, flush=True))\n"
        "print('ready')\nend = time.monotonic() + 20\n"
        "while os.get_terminal_size().columns != 77 and time.monotonic() < end: time.sleep(0.05)\nsys.exit(3)"
    )
    shell.wait_for("ready\r\n")
    shell.size(20, 77)
    shell.wait_for("77\r\n")
    shell.wait_for("code 3.")


@pytest.mark.parametrize("end", ["sys.exit(0)", "os.kill(os.getpid(), 9)", "1 / 0"])
def test_the_terminal_is_left_as_it_was(shell: Shell, run: Callable[[str], None], end: str) -> None:
    before = attributes(shell)
    run(f"import tty; tty.setraw(0); {end}")
    shell.wait_for("code ")
    shell.wait_for("$ ")
    assert attributes(shell) == before


def test_ctrl_z_suspends_it_and_fg_continues_it(shell: Shell, run: Callable[[str], None]) -> None:
    run("print('ready')\nfor number in range(200): time.sleep(0.05); print('n', number)\n")
    shell.wait_for("n 3\r\n")
    shell.type("\x1a")
    shell.wait_for("Stopped")
    shell.wait_for("$ ")
    shell.type("echo shell-$((40+2))\n")
    shell.wait_for("shell-42\r\n")
    time.sleep(0.5)
    assert "n 1" not in shell.seen, "the program is stopped too"
    shell.type("fg\n")
    shell.wait_for("n 20\r\n")
    shell.type("\x03")
    shell.wait_for("KeyboardInterrupt")


def test_in_the_background_it_goes_on_without_keys(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("import time; time.sleep(0.3); print('from behind')")
    shell.type(f"{sys.executable} -m mockexam run mine.py &\n")
    shell.wait_for("from behind")
    shell.type("wait; echo over\n")
    shell.wait_for("over\r\n")


def test_when_the_terminal_goes_the_program_goes(shell: Shell, run: Callable[[str], None]) -> None:
    run("print('pid', os.getpid(), 'ready')\ntime.sleep(60)")
    pid = int(shell.wait_for(" ready").split()[-2])
    shell.close()
    until = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists()


def test_a_kill_of_ours_takes_the_program_along(shell: Shell, run: Callable[[str], None]) -> None:
    run("print('pids', os.getpid(), os.getppid(), 'ready')\ntime.sleep(60)")
    pid, parent = map(int, shell.wait_for(" ready").split()[-3:-1])
    os.kill(parent, signal.SIGKILL)
    until = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists()
