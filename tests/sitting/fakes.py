"""A clock that only the test moves, a grading service that says what the test wants, and a small pack."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from graders.contract import Task
from graders.verdict import Phase, Reason, Receipt, TestScore, Verdict
from mockexam.exam.clock import Reading

NOON = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
PHASES: tuple[Phase, ...] = ("queued", "copying", "loading", "testing", "scoring")


class FakeClock:
    """Stands still until it is told otherwise."""

    def __init__(self, utc: datetime = NOON, boot: str = "boot-1", uptime: float = 1000.0) -> None:
        self.utc = utc
        self.boot = boot
        self.uptime = uptime
        self.asleep = 0.0
        self.offset = 0

    def reading(self) -> Reading:
        return Reading(self.utc, self.boot, self.uptime, self.asleep, self.offset)

    def advance(self, seconds: float = 0.0, *, minutes: float = 0.0) -> None:
        """Let time pass, asleep or awake."""
        passed = seconds + 60 * minutes
        self.uptime += passed
        self.utc += timedelta(seconds=passed)

    def sleep(self, *, minutes: float) -> None:
        """The lid is closed for so many minutes."""
        self.advance(minutes=minutes)
        self.asleep += 60 * minutes

    def set_wall(self, *, minutes: float) -> None:
        """Somebody sets the wall clock, so many minutes forward or (negative) back."""
        self.utc += timedelta(minutes=minutes)

    def reboot(self, *, minutes: float = 1.0) -> None:
        """The machine is off for so many minutes and starts again."""
        self.utc += timedelta(minutes=minutes)
        self.uptime, self.asleep = 20.0, 0.0
        self.boot = f"boot-{int(self.boot.rpartition('-')[2]) + 1}"


@dataclass(frozen=True)
class Asked:
    """One call of `submit`."""

    model: Path
    task: Task
    key: str
    press: int


class FakeService:
    """The interface of graders.Service, with verdicts from a script.

    `verdicts` are given out in turn, the last one again and again; or they are a function of the call. While `held`,
    submissions stay in the phase "loading" until `let_go`.
    """

    def __init__(self, verdicts: Sequence[Verdict] | Callable[[Asked], Verdict] = (), *, held: bool = False) -> None:
        self.verdicts = verdicts or (scored(5),)
        self.asked: list[Asked] = []
        self.state = "stopped"
        self.on_state: Callable[[str], None] | None = None
        self.isolation = ""
        self._go = threading.Event()
        if not held:
            self._go.set()
        self._threads: list[threading.Thread] = []
        self._stopping = False

    def made_with(self, isolation: str) -> FakeService:
        """Stands in where the class `graders.Service` is called."""
        self.isolation = isolation
        return self

    def start(self) -> None:
        self._stopping = False
        if self.state != "ready":
            self.state = "ready"
            if self.on_state:
                self.on_state("ready")

    def isolation_report(self, timeout: float = 1.0) -> dict[str, object]:
        return {"level": "none", "layers": {}, "advice": "This is a fake."}

    def submit(
        self,
        model: Path,
        task: Task,
        *,
        key: str,
        press: int = 0,
        on_phase: Callable[[Phase], None] | None = None,
    ) -> Future[Verdict]:
        asked = Asked(model, task, key, press)
        self.asked.append(asked)
        future: Future[Verdict] = Future()
        thread = threading.Thread(target=self._run, args=(asked, len(self.asked) - 1, on_phase, future), daemon=True)
        self._threads.append(thread)
        thread.start()
        return future

    def cancel(self, future: Future[Verdict]) -> None:
        if not future.done():
            future.set_result(cancelled())

    def let_go(self) -> None:
        """Finish what is held, and stop holding."""
        self._go.set()

    def stop(self) -> None:
        self._stopping = True
        self._go.set()
        for thread in self._threads:
            thread.join(5)
        self.state = "stopped"

    def _run(self, asked: Asked, place: int, on_phase: Callable[[Phase], None] | None, future: Future[Verdict]) -> None:
        for phase in PHASES[:3]:
            if on_phase:
                on_phase(phase)
        self._go.wait()
        if future.done():
            return
        if self._stopping:
            future.set_result(cancelled("stopped"))
            return
        for phase in PHASES[3:]:
            if on_phase:
                on_phase(phase)
        future.set_result(self._verdict(asked, place))

    def _verdict(self, asked: Asked, place: int) -> Verdict:
        if callable(self.verdicts):
            return self.verdicts(asked)
        return self.verdicts[min(place, len(self.verdicts) - 1)]


def scored(passed: int, of: int = 5) -> Verdict:
    """A verdict with so many tests passed."""
    tests = tuple(TestScore(passed=number < passed, values={"mae": 0.1 + number / 100}) for number in range(of))
    receipt = Receipt(file="model", bytes=4, sha256="00" * 32, format="h5", loader="keras", keras_version="3.15.1")
    return Verdict(outcome="scored", tests=tests, receipt=receipt)


def refused(code: str = "input-shape") -> Verdict:
    """A verdict of a broken contract."""
    reason = Reason(link="input", code=code, expected="(28, 28)", found="(28, 28, 1)", advice="Drop the last axis.")
    return Verdict(outcome="refused", reason=reason)


def failed() -> Verdict:
    """A verdict of a model that took too long."""
    reason = Reason(link="process", code="time", expected="60 s", found="more", advice="Save a smaller model.")
    return Verdict(outcome="failed", reason=reason)


def unable() -> Verdict:
    """A verdict of our own fault."""
    reason = Reason(link="grader", code="supervisor", expected="a grader", found="none", advice="Press again.")
    return Verdict(outcome="unable", reason=reason)


def cancelled(code: str = "cancelled") -> Verdict:
    """What the service answers for a test it was told to stop, or for all when it is stopped itself."""
    reason = Reason(link="grader", code=code, expected="a verdict", found="cancelled", advice="Press again.")
    return Verdict(outcome="unable", reason=reason)


def write_pack(folder: Path, *, minutes: int = 300, form: str = "") -> Path:
    """A whole pack of five problems, one number in and one out, written to `folder`/small; needs no TensorFlow.

    `form` is put at the end of its [form].
    """
    pack = folder / "small"
    pack.mkdir(parents=True)
    (pack / "pack.toml").write_text(
        'format = 1\nid = "small"\ntitle = "A small pack"\nversion = "1.2.3"\nlicense = "Apache-2.0"\n'
        f'authors = ["Somebody"]\n[form]\nminutes = {minutes}\n{form}\n',
        "utf-8",
    )
    for category in range(1, 6):
        _write_problem(pack / f"problem-{category}", category)
    return pack


def _write_problem(folder: Path, category: int) -> None:
    (folder / "data").mkdir(parents=True)
    (folder / "hidden").mkdir()
    (folder / "problem.toml").write_text(
        f'format = 1\nid = "problem-{category}"\nuuid = "00000000-0000-4000-8000-00000000000{category}"\n'
        f'category = {category}\ntitle = "Problem {category}"\nskills = ["Fit a line"]\ndifficulty = 1\nminutes = 10\n'
        'target = "a mean absolute error of at most 1"\n'
        "[contract]\ninput_shape = [1]\noutput_shape = [1]\nmax_bytes = 1048576\n"
        '[scoring]\nmode = "draws"\ndraw_size = 20\nbars = [{ metric = "mae", at_most = 1.0 }]\n'
        '[data]\nkind = "files"\nsource = "drawn"\nlicense = "CC0-1.0"\n',
        "utf-8",
    )
    (folder / "statement.md").write_text(f"# Problem {category}\n\nFit the line. Wanted: {{{{target}}}}.\n", "utf-8")
    (folder / "starter.py").write_text('"""Stub."""\n\n# YOUR CODE HERE\n', "utf-8")
    (folder / "solution.py").write_text('"""Reference."""\n', "utf-8")
    (folder / "data" / "points.csv").write_text("x,y\n1,2\n2,4\n", "utf-8")
    x = np.linspace(0, 1, 40, dtype=np.float32).reshape(-1, 1)
    np.savez(folder / "hidden" / "hidden.npz", inputs=x, labels=2 * x)
