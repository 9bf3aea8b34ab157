"""The only module here that knows where things are in the code: a rename there is followed only in this file.

What a user has is reached through the command line. The rest is what it can't express: a clock that the test moves,
a grader that says what the test wants, an exam begun without a screen, and the grader's frames.
"""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import msgspec
import pytest

from graders import Contract, Limits, Reason, Receipt, Scoring, Task, TestScore, Threshold, Verdict
from graders.protocol import Cancel, Done, Grade, PhaseReached, Setup, StateChanged, decode_event, decode_order, encode
from graders.sentences import sentence
from mockexam.cli import main
from mockexam.commands import context
from mockexam.sitting.service import ExamService
from mockexam.sitting.system_clock import SystemClock
from mockexam.store.home import Home
from mockexam.store.settings import Settings
from tests.packs import small_pack
from tests.sitting.fakes import Asked, FakeClock, FakeService, write_pack


class Clock(Protocol):
    """A clock of the application that can be told to let time pass; the system's own does so by itself."""

    def reading(self) -> Any: ...

    def advance(self, seconds: float) -> None: ...


class RealClock(SystemClock):
    """The machine's own clock."""

    def advance(self, seconds: float) -> None:
        """Time passes by itself."""


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """What was printed, read as JSON."""
        return json.loads(self.out)


def clock_at(utc: str, boot: str, uptime: float) -> Clock:
    """A clock set to a recorded moment."""
    return FakeClock(datetime.fromisoformat(utc), boot, uptime)


def moment(clock: Clock) -> dict[str, Any]:
    """The moment that a clock shows, to be recorded for `clock_at`."""
    reading = clock.reading()
    return {"utc": reading.utc.isoformat(), "boot": reading.boot, "uptime": reading.uptime}


def mockexam(
    arguments: list[str],
    *,
    home: Path,
    folder: Path,
    clock: Clock,
    verdict: Callable[[Path], Verdict] | None = None,
    isolation_asked_for: list[str] | None = None,
) -> Ran:
    """Run one command in this process as if in `folder`, with that clock, and with verdicts by the model's content."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    judge = verdict or verdict_by_content
    service = FakeService(lambda asked: _judged(asked, judge))

    def made(isolation: str) -> FakeService:
        if isolation_asked_for is not None:
            isolation_asked_for.append(isolation)
        return service

    with pytest.MonkeyPatch.context() as patch, contextlib.chdir(folder):
        patch.setenv("MOCKEXAM_HOME", str(home))
        patch.delenv("MOCKEXAM_ISOLATION", raising=False)
        patch.setattr(context, "SystemClock", lambda: clock)
        patch.setattr("graders.Service", made, raising=False)
        patch.setattr("sys.stdin", io.StringIO())
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(arguments)
    return Ran(code, _content(out), _content(err))


def _content(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()


def _judged(asked: Asked, judge: Callable[[Path], Verdict]) -> Verdict:
    return judge(asked.model)


def begin_exam(home: Path, project: Path, clock: Clock) -> str:
    """Begin an exam on the pack "small" of that home; returns its id."""
    exams = ExamService(Home.under(home), clock)
    attempt = exams.create("Ada Lovelace", project, "small", seed=7)
    exams.provision(attempt.id)
    exams.start(attempt.id)
    exams.close()
    return attempt.id


def submit_and_leave(home: Path, clock: Clock, category: int, model: Path) -> None:
    """Submit a model in a process that ends before it is tested: while that process lives, nobody else tests it."""
    program = f"import sys; from {__name__} import submit_here; submit_here(*sys.argv[1:])"
    now = "" if isinstance(clock, RealClock) else json.dumps(moment(clock))
    arguments = [sys.executable, "-c", program, str(home), now, str(category), str(model)]
    subprocess.run(arguments, cwd=Path(__file__).parents[2], check=True, timeout=60)


def submit_here(home: str, now: str, category: str, model: str) -> None:
    """What `submit_and_leave` does in the process that ends; `now` is a recorded moment or empty."""
    exams = ExamService(Home.under(Path(home)), clock_at(**json.loads(now)) if now else RealClock())
    attempt = exams.running()
    assert attempt is not None
    exams.submit(attempt.id, int(category), Path(model))
    exams.close()


def write_settings(home: Path, values: dict[str, Any]) -> None:
    """Set each value as the screens do."""
    settings = Settings(Home.under(home).config / "settings.json")
    for key, value in values.items():
        settings.set(key, value)
    settings.save()


def read_setting(home: Path, key: str) -> Any:
    """A value as the screens read it."""
    return Settings(Home.under(home).config / "settings.json").get(key)


def packs_folder(home: Path) -> Path:
    """Where installed packs are."""
    return Home.under(home).packs


def ledger_file(home: Path) -> Path:
    """The database of attempts."""
    return Home.under(home).ledger


def kept_files(home: Path) -> list[Path]:
    """What is kept beside the ledger to rebuild it from."""
    return sorted(Home.under(home).attempts.rglob("*.json"))


def write_exam_pack(folder: Path) -> None:
    """A pack of five problems with the id "small"."""
    write_pack(folder)


def write_drawn_pack(root: Path) -> None:
    """A pack of one problem whose data is drawn from the seed; `pack check` finds nothing wrong with it."""
    problem = root / "line"
    problem.mkdir(parents=True)
    (root / "pack.toml").write_text(small_pack.PACK.replace('"small"', '"drawn"'), "utf-8")
    facts = small_pack.PROBLEM.replace('kind = "files"', 'kind = "generator"')
    (problem / "problem.toml").write_text(facts, "utf-8")
    (problem / "generator.py").write_text(small_pack.GENERATOR.replace("(40, 1)", "(240, 1)"), "utf-8")
    (problem / "statement.md").write_text("# {{title}}\n\nThe slope is {{slope}}. Reach {{target}}.\n", "utf-8")
    for name in ("starter.py", "solution.py"):
        (problem / name).write_text('model.save("mymodel.h5")  # YOUR CODE HERE\n', "utf-8")


def write_faulty_pack(root: Path) -> None:
    """The same with a wrong key in its pack.toml."""
    write_drawn_pack(root)
    text = (root / "pack.toml").read_text("utf-8")
    (root / "pack.toml").write_text(text.replace("license", "licence"), "utf-8")


def write_model(path: Path, says: str) -> None:
    """A model that `verdict_by_content` believes; without a suffix, a SavedModel folder."""
    file = path / "saved_model.pb" if path.suffix == "" else path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(says, "utf-8")


def fresh(folder: Path) -> Path:
    """The folder, new and empty."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


# -- verdicts


def verdict_by_content(model: Path) -> Verdict:
    """What the model says of itself: "scored 3", "refused", "failed" or "unable"."""
    file = model / "saved_model.pb" if model.is_dir() else model
    outcome, _, passed = file.read_text("utf-8").partition(" ")
    return scored(int(passed)) if outcome == "scored" else told_anew(REASONED[outcome])


def scored(passed: int) -> Verdict:
    """A verdict with every field filled."""
    return Verdict(
        outcome="scored",
        tests=tuple(TestScore(passed=number < passed, values={"mae": 0.25 + number}) for number in range(5)),
        notes=("The model was saved by an older Keras.",),
        receipt=RECEIPT,
        isolation="full",
        pass_probabilities=(0.0, 0.0, 0.125, 0.125, 0.25, 0.5),
    )


def unable(model: Path) -> Verdict:
    """Whatever the model, it could not be tested."""
    return told_anew(REASONED["unable"])


def harsh(model: Path) -> Verdict:
    """Whatever the model, it passes no test."""
    return scored(0)


RECEIPT = Receipt(
    file="mymodel.keras",
    bytes=12_345,
    sha256="0123456789abcdef" * 4,
    format="keras",
    keras_version="3.15.1",
    loader="keras",
    layers=3,
    parameters=1_234,
    input_shape=(28, 28, None),
    output_shape=(10,),
    timings={"loading": 0.5, "testing": 1.25},
    peak_bytes=987_654_321,
)

REFUSAL = Reason(link="input", code="input-shape", expected="(28, 28)", found="(28, 28, 1)", advice="Drop an axis.")
FAILURE = Reason(link="process", code="time", expected="60 s", found="more", advice="Save a smaller model.")
FAULT = Reason(link="grader", code="supervisor", expected="a grader", found="none", advice="Press again.")

REASONED = {
    "refused": Verdict(outcome="refused", reason=REFUSAL, receipt=Receipt(file="mymodel.h5", bytes=7, sha256="0" * 64)),
    "failed": Verdict(outcome="failed", reason=FAILURE, isolation="full"),
    "unable": Verdict(outcome="unable", reason=FAULT),
}


def told_anew(verdict: Verdict) -> Verdict:
    """The verdict with its reason as sentences beside the texts, as graders give it now."""
    reason = verdict.reason
    if reason is None:
        return verdict
    texts = (reason.expected, reason.found, reason.advice)
    told = Reason.of(reason.link, reason.code, *(sentence("{text}", text=text) for text in texts))
    return msgspec.structs.replace(verdict, reason=told)


# -- the grader's frames

DRAWS = Task(
    contract=Contract(
        input_shape=(None, 28),
        output_shape=(10,),
        input_dtype="int32",
        activation="softmax",
        formats=("keras", "savedmodel"),
        max_bytes=1_000_000,
        max_parameters=50_000,
        max_layers=20,
        lambda_allowed=True,
    ),
    scoring=Scoring(
        thresholds=(
            Threshold(metric="accuracy", at_least=0.9),
            Threshold(metric="sparse_categorical_crossentropy", at_most=0.4),
        ),
        mode="redraw",
        draw_size=200,
    ),
    hidden="/hidden/set.npz",
    limits=Limits(wall_seconds=30.0, cpu_seconds=60, resident_bytes=1 << 30, address_bytes=2 << 30),
)
LADDER = Task(
    contract=Contract(input_shape=(1,), output_shape=(1,)),
    scoring=Scoring(
        thresholds=(Threshold(metric="mae", at_most=1.0),), mode="ladder", graded_thresholds=(5.0, 4.0, 3.0, 2.0, 1.0)
    ),
    hidden="",
)
ISOLATION = {"level": "full", "layers": {"seccomp": True, "landlock": "abi 4"}, "advice": ""}

FRAMES: dict[str, msgspec.Struct] = {
    "setup": Setup(scratch=b"/tmp/scratch-\xff", required=True, slots=2),
    "setup-cold": Setup(scratch=b"/tmp/scratch", required=False, slots=1, cold=True),
    "grade-draws": Grade(id=1, model=b"/tmp/m\xc3\xb6del.h5", hidden=b"/h.npz", task=DRAWS, key="key/1", press=3),
    "grade-ladder": Grade(id=2, model=b"/tmp/model", hidden=b"/h.npz", task=LADDER, key="", press=0),
    "cancel": Cancel(id=1),
    "state": StateChanged(state="ready", isolation=ISOLATION),
    "state-broken": StateChanged(state="broken", isolation={}, fault="It did not start."),
    "phase": PhaseReached(id=1, phase="loading"),
    "done-scored": Done(id=1, verdict=scored(3)),
    "done-refused": Done(id=2, verdict=REASONED["refused"]),
    "done-failed": Done(id=3, verdict=REASONED["failed"]),
    "done-unable": Done(id=4, verdict=REASONED["unable"]),
    "task": DRAWS,
    "verdict": scored(5),
    "reason": REFUSAL,
    "receipt": RECEIPT,
}
"""One of each kind of frame, and of the records in them that are kept on disk too."""


def encoded(frame: msgspec.Struct) -> bytes:
    """A frame as it is sent."""
    return encode(frame)


def decoded(name: str, data: bytes) -> msgspec.Struct:
    """A frame as the receiving side reads it."""
    if isinstance(FRAMES[name], Setup | Grade | Cancel):
        return decode_order(data)
    if isinstance(FRAMES[name], StateChanged | PhaseReached | Done):
        return decode_event(data)
    found: msgspec.Struct = msgspec.json.decode(data, type=type(FRAMES[name]))
    return found
