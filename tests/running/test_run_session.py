"""A run as the Run window knows it, with real programs."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mockexam.running.run_session import RunSession
from tests.running.programs import until

TRAINING = """
print("Epoch 1/3")
print("10/10 - 1s - 100ms/step - accuracy: 0.5 - loss: 0.9")
print("Epoch 2/3")
print("5/10 - 1s - 100ms/step", flush=True)
print("ready? ", end="")
input()
print("bye")
"""


def session(folder: Path, source: str) -> RunSession:
    (folder / "program.py").write_text(source, encoding="utf-8")
    return RunSession(
        "Category1", (sys.executable, "program.py"), folder, folder / "1.log", category=1, thresholds={}, size=(80, 24)
    )


async def test_epochs_the_wait_for_input_and_the_end_are_known(tmp_path: Path) -> None:
    one = session(tmp_path, TRAINING)
    ended: list[RunSession] = []
    one.ended = ended.append
    assert (one.running, one.waiting, one.epoch, one.remaining()) == (False, False, (0, 0), None)
    await one.start()
    await until(lambda: one.console.lines[-1] == "ready? " and one.waiting)
    assert one.running
    assert (one.epoch, one.epochs_wanted) == ((2, 3), 3)
    assert [epoch.values for epoch in one.epochs] == [{"accuracy": 0.5, "loss": 0.9}]
    assert one.remaining() is not None
    one.run.write(b"\n")
    await until(lambda: bool(ended))
    assert ended == [one]
    assert (one.running, one.waiting, one.remaining()) == (False, False, None)
    assert "bye" in one.console.lines


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("print('half a line', end='')", "Process finished with exit code 0"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "Process killed by signal 9."),
    ],
    ids=["exit", "signal"],
)
async def test_the_console_says_how_it_ended_on_a_line_of_its_own(tmp_path: Path, source: str, said: str) -> None:
    one = session(tmp_path, source)
    await one.start()
    await one.run.wait()
    await until(lambda: said in one.console.lines)
