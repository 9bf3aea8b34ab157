from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from mockexam.running.environment import child_environment
from mockexam.running.process import Run, RunError
from mockexam.running.terminal import CHUNK, HIGH_WATER
from tests.running.programs import Recorded, alive, until

QUICK = (0.3, 0.3, 5.0)


async def test_program_sees_a_terminal_of_its_size_its_folder_and_a_lower_priority(tmp_path: Path) -> None:
    source = (
        "import os; print(os.isatty(0), os.isatty(1), os.isatty(2), *os.get_terminal_size(), os.getcwd(), os.nice(0))"
    )
    program = Recorded(tmp_path, source, size=(97, 31))
    niceness = os.nice(0)
    await program.run.start()
    end = await program.run.wait()
    assert program.output == f"True True True 97 31 {tmp_path} {min(19, niceness + 5)}\n"
    assert (end.code, end.signal, end.stopped) == (0, None, False)
    assert program.exits == [end]
    assert program.run.seconds == end.seconds > 0


async def test_output_is_kept_whole_on_disk_and_no_carriage_returns_are_added(tmp_path: Path) -> None:
    program = Recorded(tmp_path, "for i in range(20000): print(i, 'é漢🙂')")
    await program.run.start()
    await program.run.wait()
    expected = "".join(f"{i} é漢🙂\n" for i in range(20000))
    assert program.output == expected
    assert (tmp_path / "runs" / "1.log").read_text("utf-8") == expected


async def test_bytes_that_are_no_utf8_do_not_stop_the_run(tmp_path: Path) -> None:
    program = Recorded(tmp_path, r"import os; os.write(1, b'a\xff\xe6'); os.write(1, b'\xbc\xa2b\xe6')")
    await program.run.start()
    await program.run.wait()
    assert program.output == "a\ufffd漢b\ufffd"


async def test_a_progress_bar_is_handed_over_ten_times_a_second(tmp_path: Path) -> None:
    source = "import time\nfor i in range(100): print(f'\\r{i}', end='', flush=True); time.sleep(0.01)"
    program = Recorded(tmp_path, source)
    began = time.monotonic()
    await program.run.start()
    await program.run.wait()
    assert program.output == "".join(f"\r{i}" for i in range(100))
    assert 2 <= len(program.batches) <= (time.monotonic() - began) * 10 + 3


async def test_batches_are_few_and_bounded_so_that_a_flood_waits_for_us(tmp_path: Path) -> None:
    program = Recorded(tmp_path, "import sys\nsys.stdout.write('x' * 79 + '\\n')\n" * 1 + "while True: print('x' * 79)")
    await program.run.start()
    began = time.monotonic()
    worst = 0.0
    while (now := time.monotonic()) - began < 1.0:
        await asyncio.sleep(0.001)
        worst = max(worst, time.monotonic() - now)
    await program.run.stop()
    assert max(map(len, program.batches)) < HIGH_WATER + CHUNK
    assert len(program.batches) <= (time.monotonic() - began) * 30 + 5
    assert worst < 0.25, "the event loop was held up"


async def test_typed_input_and_a_new_size_reach_the_program(tmp_path: Path) -> None:
    source = """
import os, signal
signal.signal(signal.SIGWINCH, lambda *_: print("size", *os.get_terminal_size()))
print("name?")
print("hello", input())
"""
    program = Recorded(tmp_path, source)
    await program.run.start()
    await until(lambda: "name?" in program.output)
    program.run.resize((60, 20))
    await until(lambda: "size 60 20" in program.output)
    program.run.write("Añn\n".encode())
    await program.run.wait()
    assert "hello Añn\n" in program.output


async def test_interrupt_key_interrupts(tmp_path: Path) -> None:
    program = Recorded(tmp_path, "import time; print('up'); time.sleep(60)")
    await program.run.start()
    await until(lambda: "up" in program.output)
    program.run.write(b"\x03")
    end = await program.run.wait()
    assert "KeyboardInterrupt" in program.output
    assert not end.stopped


@pytest.mark.parametrize(
    ("ignored", "last"), [("", signal.SIGINT), ("INT", signal.SIGTERM), ("INT TERM HUP QUIT", signal.SIGKILL)]
)
async def test_stop_goes_as_far_as_it_must(tmp_path: Path, ignored: str, last: signal.Signals) -> None:
    source = f"""
import signal, time
for name in {ignored.split()!r}: signal.signal(getattr(signal, "SIG" + name), signal.SIG_IGN)
print("up")
while True: time.sleep(1)
"""
    program = Recorded(tmp_path, source, patience=QUICK)
    await program.run.start()
    await until(lambda: "up" in program.output)
    first, second = await asyncio.gather(program.run.stop(), program.run.stop())
    assert first is second
    assert first.stopped
    assert first.signal == last
    assert ("KeyboardInterrupt" in program.output) == (last == signal.SIGINT)
    assert program.run.pid is not None
    assert not Path(f"/proc/{program.run.pid}").exists(), "a zombie is left"


STRAGGLERS = """
import os, signal, sys, time
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP): signal.signal(number, signal.SIG_IGN)
for _ in range(2):
    if os.fork() == 0:
        os.setpgid(0, 0)  # out of the program's group, still in its session
        os.write(1, f"child {{os.getpid()}}\\n".encode())
        time.sleep(60)
while len(open("{log}").read().split("child")) < 3: time.sleep(0.01)
"""


def children(output: str) -> list[int]:
    return [int(line.split()[1]) for line in output.splitlines() if line.startswith("child") and len(line.split()) == 2]


async def test_stop_takes_stragglers_of_other_groups_along(tmp_path: Path) -> None:
    source = STRAGGLERS.format(log=tmp_path / "runs" / "1.log") + "while True: time.sleep(1)"
    program = Recorded(tmp_path, source, patience=QUICK)
    await program.run.start()
    await until(lambda: len(children(program.output)) == 2)
    await program.run.stop()
    await until(lambda: not any(map(alive, children(program.output))))


async def test_what_a_program_leaves_behind_ends_with_it(tmp_path: Path) -> None:
    program = Recorded(tmp_path, STRAGGLERS.format(log=tmp_path / "runs" / "1.log"))
    await program.run.start()
    end = await asyncio.wait_for(program.run.wait(), 20)
    assert end.code == 0
    await until(lambda: not any(map(alive, children(program.output))))


async def test_a_daemon_that_keeps_the_terminal_and_writes_does_not_keep_the_run(tmp_path: Path) -> None:
    source = """
import os, time
if os.fork() == 0:
    os.setsid()
    os.write(1, f"child {os.getpid()}\\n".encode())
    until = time.time() + 30
    while time.time() < until: print("still here")
time.sleep(0.3)
"""
    program = Recorded(tmp_path, source)
    await program.run.start()
    end = await asyncio.wait_for(program.run.wait(), 10)
    assert end.code == 0
    # Its terminal is gone now, so its next print fails; if not, the test must not leave it.
    await until(lambda: not alive(children(program.output)[0]))


async def test_stop_ends_a_suspended_program_and_one_that_floods(tmp_path: Path) -> None:
    source = (
        "import os, signal\nprint('up', flush=True)\nos.kill(os.getpid(), signal.SIGSTOP)\nwhile True: print('flood')"
    )
    program = Recorded(tmp_path, source, patience=QUICK)
    await program.run.start()
    await until(lambda: "up" in program.output)
    await asyncio.sleep(0.05)
    end = await asyncio.wait_for(program.run.stop(), 10)
    assert end.stopped


async def test_where_no_pidfd_tells_of_the_end_it_is_polled_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(pid: int) -> int:
        raise OSError("Function not implemented")

    monkeypatch.setattr(os, "pidfd_open", missing)
    program = Recorded(tmp_path, "print('a' * 100_000)")
    await program.run.start()
    assert (await asyncio.wait_for(program.run.wait(), 10)).code == 0
    assert program.output == "a" * 100_000 + "\n"


async def test_stopping_what_never_started(tmp_path: Path) -> None:
    run = Run([sys.executable], tmp_path / "gone", tmp_path / "1.log")
    with pytest.raises(RunError):
        await run.start()
    assert (await run.stop()).stopped
    run.write(b"x")
    run.resize((10, 10))
    run.kill()


DAEMONS = """
import os, signal, subprocess, sys, time
{deaf}
sleep = "import os, signal, time; signal.signal(15, 1); print('pid', os.getpid(), flush=True); time.sleep(60)"
for command in ([sys.executable, "-c", sleep], ["env", "-i", sys.executable, "-c", sleep]):
    subprocess.Popen(command, start_new_session=True)
    if os.fork() == 0:  # the same again, with a parent that is gone
        os.setsid()
        subprocess.Popen([sys.executable, "-c", sleep], start_new_session=True)
        os._exit(0)
time.sleep(60)
"""


@pytest.mark.parametrize("deaf", ["", "for number in (1, 2, 15): signal.signal(number, signal.SIG_IGN)"])
async def test_stop_reaches_what_has_left_the_session(tmp_path: Path, deaf: str) -> None:
    program = Recorded(tmp_path, DAEMONS.format(deaf=deaf), patience=(0.5, 0.5, 5.0))
    await program.run.start()
    await until(lambda: program.output.count("pid") == 4)
    daemons = [int(number) for number in re.findall(r"pid (\d+)", program.output)]
    end = await asyncio.wait_for(program.run.stop(), 10)
    assert end.stopped
    await until(lambda: not any(map(alive, daemons)))


async def test_kill_does_not_wait(tmp_path: Path) -> None:
    program = Recorded(tmp_path, "import signal, time\nsignal.signal(2, signal.SIG_IGN)\nprint('up')\ntime.sleep(60)")
    await program.run.start()
    await until(lambda: "up" in program.output)
    program.run.kill()
    end = await program.run.wait()
    assert (end.signal, end.stopped) == (signal.SIGKILL, True)


async def test_a_listener_that_fails_is_reported_and_the_run_goes_on(tmp_path: Path) -> None:
    faults: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: faults.append(str(context["exception"])))
    program = Recorded(tmp_path, "print('a')")

    def fail(text: str) -> None:
        raise ValueError("broken listener")

    program.run.on_output = fail
    await program.run.start()
    assert (await program.run.wait()).code == 0
    assert set(faults) == {"broken listener"}
    assert (tmp_path / "runs" / "1.log").read_text("utf-8") == "a\n"


async def test_a_folder_that_is_gone_and_a_program_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"No such file or directory.*Check that the folder"):
        await Run([sys.executable], tmp_path / "gone", tmp_path / "1.log").start()
    output: list[str] = []
    run = Run(["/no/such/python"], tmp_path, tmp_path / "1.log", on_output=output.append)
    await run.start()
    assert (await run.wait()).code == 127
    assert "".join(output) == "mockexam: /no/such/python can't be run: No such file or directory\n"


async def test_usage_counts_the_children_too(tmp_path: Path) -> None:
    source = "import os, time\nif os.fork() == 0: os.setpgid(0, 0)\nprint('up')\nwhile True: pass"
    program = Recorded(tmp_path, source)
    await program.run.start()
    await until(lambda: program.output.count("up") == 2)
    program.run.usage()
    await asyncio.sleep(1.1)
    usage = program.run.usage()
    assert program.run.usage() is usage, "asked again within a second, it must not measure again"
    await program.run.stop()
    assert usage.processes == 2
    assert usage.memory > 5 << 20
    assert usage.cpu > 20
    assert program.run.usage().processes == 0


async def test_two_hundred_runs_leave_no_descriptor_and_no_zombie(tmp_path: Path) -> None:
    async def once(number: int) -> None:
        run = Run(["/bin/echo", "hello"], tmp_path, tmp_path / f"{number}.log")
        await run.start()
        assert (await run.wait()).code == 0
        assert (tmp_path / f"{number}.log").read_text("utf-8") == "hello\n"
        finished.append(run.pid)

    def descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    finished: list[int | None] = []
    await once(0)
    before, children_before = descriptors(), set(psutil.Process().children())
    for batch in range(25):
        await asyncio.gather(*(once(batch * 8 + number) for number in range(8)))
    assert descriptors() == before
    assert len(finished) == 201
    assert set(psutil.Process().children()) <= children_before, "a zombie is left"


APPLICATION = """
import asyncio, sys
from pathlib import Path
from mockexam.running.process import Run

async def main():
    run = Run([sys.executable, "-c", sys.argv[1]], Path(sys.argv[2]), Path(sys.argv[2]) / "1.log")
    await run.start()
    print(run.pid, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.mark.parametrize("ignored", ["", "signal.signal(signal.SIGHUP, signal.SIG_IGN)"])
async def test_a_killed_application_leaves_no_orphan(tmp_path: Path, ignored: str) -> None:
    if ignored and sys.platform != "linux":
        pytest.skip("only Linux has a signal for the death of the parent")
    program = f"import signal, time\n{ignored}\nprint('up', flush=True)\ntime.sleep(60)"
    with subprocess.Popen(
        [sys.executable, "-c", APPLICATION, program, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as application:
        assert application.stdout is not None
        pid = int(application.stdout.readline())
        await until(lambda: "up" in (tmp_path / "1.log").read_text("utf-8"))
        assert alive(pid)
        application.kill()
        await until(lambda: not alive(pid), 3)


async def test_children_of_a_program_are_hung_up_on_when_the_application_is_killed(tmp_path: Path) -> None:
    program = "import os, time\npid = os.fork()\nprint(f'<{pid}>' if pid else '', flush=True)\ntime.sleep(60)"
    with subprocess.Popen(
        [sys.executable, "-c", APPLICATION, program, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as application:
        await until(lambda: (tmp_path / "1.log").exists() and ">" in (tmp_path / "1.log").read_text("utf-8"))
        child = int((tmp_path / "1.log").read_text("utf-8").partition("<")[2].partition(">")[0])
        assert alive(child)
        application.kill()
        await until(lambda: not alive(child), 3)


def test_environment_holds_the_users_variables_and_none_of_ours() -> None:
    base = {"PATH": "/bin", "MOCKEXAM_KEY": "secret", "MOCKEXAM_HOME": "/h", "TEXTUAL_LOG": "x", "COLUMNS": "80"}
    environment = child_environment(base, {"EXTRA": "1"})
    assert environment.items() >= {"PATH": "/bin", "MOCKEXAM_HOME": "/h", "EXTRA": "1", "PYTHONUNBUFFERED": "1"}.items()
    assert not environment.keys() & {"MOCKEXAM_KEY", "TEXTUAL_LOG", "COLUMNS"}
    assert child_environment({"TF_CPP_MIN_LOG_LEVEL": "0"})["TF_CPP_MIN_LOG_LEVEL"] == "0"
