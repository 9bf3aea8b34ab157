"""A run as the Run window knows it, with real programs."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mockexam.interpreters.interpreter import this_python
from mockexam.running import run_session
from mockexam.running.environment import Program, child_environment
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
    program = Program((sys.executable, "program.py"), folder, child_environment())
    return RunSession(
        "Category1",
        folder / "program.py",
        program,
        folder / "1.log",
        interpreter=this_python(),
        category=1,
        thresholds={},
        size=(80, 24),
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


async def test_the_end_of_its_output_is_kept_and_whether_it_failed(tmp_path: Path) -> None:
    one = session(tmp_path, "for n in range(5000): print(n)\nraise SystemExit('too bad')")
    await one.start()
    await one.run.wait()
    await until(lambda: bool(one.tail))
    lines = one.tail.splitlines()
    assert lines[-2:] == ["4999", "too bad"]
    assert len(lines) <= 1000
    assert one.failed
    assert not one.out_of_memory


async def test_one_that_was_stopped_has_not_failed(tmp_path: Path) -> None:
    one = session(tmp_path, "print('on', flush=True)\nimport time; time.sleep(600)")
    await one.start()
    await until(lambda: "on" in one.console.lines)
    await one.stop()
    assert not one.failed
    assert [fold.count for fold in one.folding.folds if fold] or one.folding.follow(0) == 0


async def test_a_kill_is_one_for_memory_only_if_the_system_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kills = [7]
    monkeypatch.setattr(run_session, "killed_for_memory", lambda: kills[0])
    for more in (0, 1):
        one = session(tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
        await one.start()
        await one.run.wait()
        kills[0] += more
        assert one.failed
        assert one.out_of_memory == bool(more)
