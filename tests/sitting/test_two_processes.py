"""A terminal and a shell command on one attempt, and what one leaves when it dies."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockexam.packs.catalogue import Catalogue
from mockexam.sitting.service import Attempt, ExamService
from mockexam.store.home import Home
from tests.sitting.fakes import FakeClock, FakeService, scored

pytestmark = pytest.mark.real_time

OTHER = """
import sys
from pathlib import Path
from mockexam.packs.catalogue import Catalogue
from mockexam.sitting.service import ExamService
from mockexam.store.home import Home
from tests.sitting.fakes import FakeClock, FakeService, scored

home, packs, attempt_id, act = sys.argv[1:]
exams = ExamService(Home.under(Path(home)), FakeClock(), Catalogue(Path(packs)))
service = FakeService([scored(2)], held=act == "hold")
submission = exams.submit(attempt_id, 1)
print(submission.id, flush=True)
if act != "record":
    future = exams.grade(submission.id, service)
    print("grading", flush=True)
    sys.stdin.readline()
    service.let_go()
    print(future.result(20).passed, flush=True)
else:
    sys.stdin.readline()
exams.close()
"""


class Other:
    """Another process that has submitted category 1."""

    def __init__(self, exams: ExamService, attempt: Attempt, packs: Path, act: str) -> None:
        home = exams.home.data.parent
        arguments = [sys.executable, "-c", OTHER, str(home), str(packs), attempt.id, act]
        self.process = subprocess.Popen(
            arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
        )
        self.submission = self.line()
        if act != "record":
            assert self.line() == "grading"

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def go_on(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(20)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


@pytest.fixture
def other(exams: ExamService, running: Attempt, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Other]:
    (running.project / "Category1" / "mymodel.h5").write_bytes(b"model")
    made = Other(exams, running, tmp_path / "packs", request.param)
    yield made
    made.close()


@pytest.mark.parametrize("other", ["hold"], indirect=True)
def test_a_submission_of_another_process_appears(exams: ExamService, running: Attempt, other: Other) -> None:
    assert [one.id for one in exams.submissions(running.id)] == [other.submission]
    assert exams.standing(running.id).pending == 1
    before = exams.version()
    assert not exams.may_have_changed()
    other.go_on()
    assert other.line() == "2"
    assert exams.may_have_changed()
    assert exams.version() > before
    assert exams.standing(running.id).categories[0].tests_passed == 2


@pytest.mark.parametrize("other", ["hold", "record"], indirect=True)
def test_what_a_living_process_has_in_hand_is_left_to_it(exams: ExamService, other: Other) -> None:
    assert exams.pending() == ()


@pytest.mark.parametrize("other", ["hold"], indirect=True)
def test_the_verdict_of_another_process_is_waited_for(
    exams: ExamService, running: Attempt, other: Other, service: FakeService
) -> None:
    future = exams.grade(other.submission, service)
    exams.end(running.id)
    assert exams.settle(running.id) is None
    other.go_on()
    assert future.result(20).passed == 2
    assert not service.asked


@pytest.mark.parametrize("other", ["hold", "record"], indirect=True)
def test_the_submission_of_a_killed_process_is_graded_once(exams: ExamService, running: Attempt, other: Other) -> None:
    service = FakeService([scored(4)])
    other.kill()
    assert [one.id for one in exams.pending()] == [other.submission]
    assert exams.grade(other.submission, service).result(20).passed == 4
    assert exams.grade(other.submission, service).result(20).passed == 4
    assert len(service.asked) == 1
    assert [event.kind for event in exams.journal(running.id)].count("graded") == 1


@pytest.mark.parametrize("other", ["hold"], indirect=True)
def test_a_process_that_dies_while_it_is_waited_for_is_taken_over_from(exams: ExamService, other: Other) -> None:
    service = FakeService([scored(4)])
    future = exams.grade(other.submission, service)
    time.sleep(0.3)
    assert not future.done()
    other.kill()
    assert future.result(20).passed == 4


def test_two_offices_grade_a_submission_once(
    exams: ExamService, running: Attempt, home: Home, catalogue: Catalogue
) -> None:
    (running.project / "Category1" / "mymodel.h5").write_bytes(b"model")
    submission = exams.submit(running.id, 1)
    exams.close()
    offices = [ExamService(home, FakeClock(), catalogue) for _ in range(4)]
    service = FakeService([scored(3)])
    futures = [one.grade(submission.id, service) for one in offices]
    assert [future.result(20).passed for future in futures] == [3] * 4
    assert len(service.asked) == 1
    for one in offices:
        one.close()
