"""Limits on submissions: counted and timed in the ledger's transaction, by the exam's clock, whoever presses."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from graders.verdict import Verdict
from mockexam.errors import Kind, SubmissionError
from mockexam.packs.catalogue import Catalogue
from mockexam.sitting.service import Attempt, ExamService
from mockexam.store.home import Home
from mockexam.workspace.readme import limits_foot
from tests.sitting.fakes import FakeClock, FakeService, failed, refused, scored, unable, write_pack

HERE = Path(__file__).parents[2]
Sit = Callable[[str], tuple[ExamService, Attempt]]


@pytest.fixture
def sit(tmp_path: Path, clock: FakeClock) -> Iterator[Sit]:
    """Starts an exam on a pack with these lines in its [form]; every category has a model."""
    opened: list[ExamService] = []

    def start(form: str) -> tuple[ExamService, Attempt]:
        write_pack(tmp_path / "limited", form=form)
        exams = ExamService(Home.under(tmp_path / "home"), clock, Catalogue(tmp_path / "limited"))
        opened.append(exams)
        attempt = exams.create("Ada", tmp_path / "project", "small", seed=7)
        exams.provision(attempt.id)
        attempt = exams.start(attempt.id)
        for category in attempt.problems:
            (attempt.project / f"Category{category}" / "mymodel.h5").write_bytes(b"model")
        return exams, attempt

    yield start
    for exams in opened:
        exams.close()


def press(exams: ExamService, attempt: Attempt, verdict: Verdict | None, category: int = 1) -> None:
    """Submit, and have it judged so; None leaves it without a verdict."""
    submission = exams.submit(attempt.id, category)
    if verdict is not None:
        service = FakeService([verdict])
        assert exams.grade(submission.id, service).result(20).outcome == verdict.outcome
        service.stop()


def refused_as(exams: ExamService, attempt: Attempt, category: int = 1) -> Kind:
    """How a press is refused; nothing may be recorded by it."""
    before = exams.submissions(attempt.id), exams.journal(attempt.id)
    with pytest.raises(SubmissionError) as caught:
        exams.submit(attempt.id, category)
    assert (exams.submissions(attempt.id), exams.journal(attempt.id)) == before
    assert caught.value.sentence.english
    return caught.value.kind


def test_only_tested_submissions_are_used_up(sit: Sit) -> None:
    exams, attempt = sit("max_submissions = { 1 = 2, others = 1 }")
    for verdict in (refused(), unable(), scored(3), refused(), failed()):
        press(exams, attempt, verdict)
    assert refused_as(exams, attempt) == "spent"
    press(exams, attempt, scored(5), category=2)
    assert refused_as(exams, attempt, category=2) == "spent"
    press(exams, attempt, scored(5), category=3)


def test_one_that_is_being_tested_may_be_the_last(sit: Sit) -> None:
    exams, attempt = sit("max_submissions = 1")
    press(exams, attempt, None)
    assert refused_as(exams, attempt) == "early"
    service = FakeService([refused()])
    exams.grade(exams.submissions(attempt.id)[0].id, service).result(20)
    press(exams, attempt, scored(1))
    assert refused_as(exams, attempt) == "spent"


def test_without_the_keys_there_is_no_limit(sit: Sit, clock: FakeClock) -> None:
    exams, attempt = sit("")
    for _ in range(30):
        press(exams, attempt, scored(5))


@pytest.mark.parametrize("verdict", [scored(5), refused(), unable(), failed(), None])
def test_every_press_starts_the_wait(verdict: Verdict | None, sit: Sit, clock: FakeClock) -> None:
    exams, attempt = sit("cooldown = 60")
    press(exams, attempt, verdict)
    clock.advance(59.9)
    assert refused_as(exams, attempt) == "early"
    press(exams, attempt, scored(1), category=2)  # another category doesn't wait
    clock.advance(0.1)
    press(exams, attempt, scored(5))
    assert refused_as(exams, attempt) == "early"


def test_a_press_that_was_refused_starts_no_wait(sit: Sit, clock: FakeClock) -> None:
    exams, attempt = sit("cooldown = 60")
    press(exams, attempt, scored(5))
    clock.advance(30)
    assert refused_as(exams, attempt) == "early"
    clock.advance(30)
    (attempt.project / "Category1" / "mymodel.h5").unlink()
    with pytest.raises(SubmissionError):
        exams.submit(attempt.id, 1)
    (attempt.project / "Category1" / "mymodel.h5").write_bytes(b"model")
    press(exams, attempt, scored(5))


def test_the_wall_clock_shortens_no_wait(sit: Sit, clock: FakeClock) -> None:
    exams, attempt = sit("cooldown = 600")
    press(exams, attempt, scored(5))
    for minutes in (120, -300, -60, 500):
        clock.set_wall(minutes=minutes)
        assert refused_as(exams, attempt) == "early"
    exams.running()  # notes what was done to the clock
    clock.advance(599)
    assert refused_as(exams, attempt) == "early"
    clock.advance(1)
    press(exams, attempt, scored(5))


def test_a_restart_with_a_clock_set_back_shortens_no_wait(sit: Sit, clock: FakeClock, tmp_path: Path) -> None:
    exams, attempt = sit("cooldown = 600")
    clock.advance(minutes=5)
    press(exams, attempt, scored(5))
    clock.advance(120)
    exams.running()
    clock.reboot(minutes=-240)
    again = ExamService(exams.home, clock, Catalogue(tmp_path / "limited"))
    again.running()  # as every command looks first
    assert refused_as(again, attempt) == "early"
    clock.advance(470)
    assert refused_as(again, attempt) == "early"
    clock.advance(11)
    press(again, attempt, scored(5))
    again.close()


def test_time_asleep_and_off_counts_as_the_exams_clock_counts_it(sit: Sit, clock: FakeClock) -> None:
    exams, attempt = sit("cooldown = 600")
    press(exams, attempt, scored(5))
    clock.sleep(minutes=10)
    press(exams, attempt, scored(5))
    clock.reboot(minutes=10)
    press(exams, attempt, scored(5))


def test_one_that_we_could_not_test_is_tested_at_the_end_within_the_limit(sit: Sit) -> None:
    exams, attempt = sit("max_submissions = 2")
    for verdict in (scored(1), unable(), unable()):
        press(exams, attempt, verdict)
    exams.end(attempt.id)
    waiting = [one for one in exams.submissions(attempt.id) if one.verdict is None]
    assert [one.number for one in waiting] == [3]
    exams.grade(waiting[0].id, FakeService([scored(5)])).result(20)
    result = exams.settle(attempt.id)
    assert result is not None
    assert result.categories[0].tests_passed == 5
    assert sum(one.verdict is not None and one.verdict.counts for one in exams.submissions(attempt.id)) == 2


def test_an_attempt_keeps_the_rules_that_it_began_with(sit: Sit) -> None:
    exams, attempt = sit("max_submissions = 3\ncooldown = { 5 = 90 }\nprecision = 2\nmetric_shown = 'improvement'")
    rules = exams.attempt(attempt.id).rules
    assert rules.max_submissions == dict.fromkeys(range(1, 6), 3)
    assert (rules.cooldown, rules.precision, rules.metric_shown) == ({5: 90}, 2, "improvement")
    assert exams.task(attempt.id, 1).scoring.precision == 2
    # What an older mockexam, or an attempt begun before there were limits, has in its ledger.
    older = msgspec.to_builtins(rules, str_keys=True)
    for name in ("max_submissions", "cooldown", "precision", "metric_shown"):
        del older[name]
    assert msgspec.convert(older, type(rules), str_keys=True).max_submissions == {}


def test_the_statement_in_the_project_states_the_limits(sit: Sit) -> None:
    _, attempt = sit("max_submissions = { 1 = 3 }\ncooldown = { 1 = 90, 2 = 1 }")
    first, second, third = (
        (attempt.project / f"Category{category}" / "PROBLEM.md").read_text("utf-8") for category in (1, 2, 3)
    )
    assert "This problem takes 3 tested submissions" in first
    assert "at least 90 seconds." in first
    assert "takes" not in second
    assert "lies at least 1 second." in second
    assert "between" not in third.lower()
    assert limits_foot("ko-KR", 3, 0) == "\n이 문제는 3번까지 채점됩니다. 거부된 모델은 세지 않습니다.\n"
    assert limits_foot("ko", None, 0) == limits_foot("en", None, 0) == ""


OTHER = """
import sys
from pathlib import Path
from mockexam.errors import SubmissionError
from mockexam.packs.catalogue import Catalogue
from mockexam.sitting.service import ExamService
from mockexam.store.home import Home
from tests.sitting.fakes import FakeClock

home, packs, attempt_id, times = sys.argv[1:]
exams = ExamService(Home.under(Path(home)), FakeClock(), Catalogue(Path(packs)))
print("ready", flush=True)
sys.stdin.readline()
for _ in range(int(times)):
    try:
        print(exams.submit(attempt_id, 1).number, flush=True)
    except SubmissionError as refusal:
        print(refusal.kind, flush=True)
exams.close()
"""


@pytest.mark.real_time
@pytest.mark.parametrize(("form", "taken"), [("max_submissions = 3", 3), ("cooldown = 60", 1)])
def test_shells_at_once_do_not_get_past_a_limit(form: str, taken: int, sit: Sit, tmp_path: Path) -> None:
    exams, attempt = sit(form)
    (attempt.project / "Category1" / "mymodel.h5").write_bytes(b"x" * 1_000_000)  # a copy that takes a moment
    arguments = [sys.executable, "-c", OTHER, str(tmp_path / "home"), str(tmp_path / "limited"), attempt.id, "3"]
    shells = [
        subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=HERE)
        for _ in range(3)
    ]
    for shell in shells:
        assert shell.stdout is not None
        assert shell.stdout.readline() == "ready\n"
    for shell in shells:
        assert shell.stdin is not None
        shell.stdin.write("\n")
        shell.stdin.flush()
    said = [line for shell in shells for line in shell.communicate(timeout=60)[0].split()]
    assert len(said) == 9
    assert sorted(line for line in said if line.isdigit()) == [str(number) for number in range(1, taken + 1)]
    assert {line for line in said if not line.isdigit()} == {"early"}  # nothing has been tested yet
    assert len(exams.submissions(attempt.id)) == taken


def test_the_limit_holds_when_both_have_begun_to_copy(
    sit: Sit, tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    exams, attempt = sit("max_submissions = 1")
    other = ExamService(exams.home, clock, Catalogue(tmp_path / "limited"))
    take = other._snapshots.take

    def slowly(*arguments: object) -> object:
        exams.submit(attempt.id, 1)  # meanwhile the first shell is done
        return take(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(other._snapshots, "take", slowly)
    with pytest.raises(SubmissionError):
        other.submit(attempt.id, 1)
    assert [one.number for one in exams.submissions(attempt.id)] == [1]
    exams.end(attempt.id)
    assert not exams._submissions.is_copying(attempt.id)  # the press was withdrawn
    other.close()
