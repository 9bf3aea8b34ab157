from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mockexam.running.process import LAUNCHER


def launch(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-S", str(LAUNCHER), *arguments]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


def test_a_program_runs_even_without_a_terminal_to_own() -> None:
    result = launch(str(os.getpid()), "0", "/bin/echo", "a b", "$HOME")
    assert result.stdout == "a b $HOME\n"
    assert result.stderr.startswith("mockexam: running without a full terminal: ")
    assert result.returncode == 0


@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="needs Linux's /proc")
def test_a_program_heeds_every_signal_though_we_ignore_or_block_some() -> None:
    numbers = (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGPIPE, signal.SIGUSR1)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        said = launch(str(os.getpid()), "0", "/bin/grep", "-E", "^Sig(Ign|Blk)", "/proc/self/status").stdout
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        for number, handler in before.items():
            signal.signal(number, handler)
    assert said.split() == ["SigBlk:", "0" * 16, "SigIgn:", "0" * 16]


def test_a_program_whose_application_is_gone_already_does_not_start() -> None:
    result = launch("1" if os.getpid() != 1 else "2", "0", "/bin/echo", "started")
    assert result.stdout == ""
    assert result.returncode == 1


def test_a_program_that_cannot_be_run_is_named(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no program", "utf-8")
    result = launch(str(os.getpid()), "0", str(tmp_path / "text"))
    assert f"mockexam: {tmp_path / 'text'} can't be run: Permission denied" in result.stderr
    assert result.returncode == 127
