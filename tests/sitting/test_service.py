from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from graders.verdict import Verdict
from mockexam.errors import RefusalError
from mockexam.exam.interpreter_record import InterpreterRecord
from mockexam.exam.program_rules import ProgramRules
from mockexam.packs.catalogue import Catalogue
from mockexam.sitting.conclusion import conclude
from mockexam.sitting.service import Attempt, AttemptError, ExamService, Step, SubmissionError
from mockexam.store.home import Home
from tests.sitting.fakes import FakeClock, FakeService, cancelled, failed, refused, scored, unable, write_pack


def save(attempt: Attempt, category: int, content: bytes = b"model", name: str = "mymodel.h5") -> Path:
    path = attempt.project / f"Category{category}" / name
    path.write_bytes(content)
    return path


def test_the_whole_way_from_a_name_to_a_result(
    exams: ExamService, clock: FakeClock, service: FakeService, tmp_path: Path
) -> None:
    steps: list[Step] = []
    attempt = exams.create("  Ada   Lovelace ", tmp_path / "project", "small", seed=7)
    assert (attempt.state, attempt.candidate, attempt.minutes) == ("provisioning", "Ada Lovelace", 300)
    exams.provision(attempt.id, steps.append, service)
    assert exams.attempt(attempt.id).state == "ready"
    assert [step.fraction for step in steps] == sorted(step.fraction for step in steps)
    assert steps[-1].fraction == 1.0
    attempt = exams.start(attempt.id)
    assert exams.running() == attempt
    clock.advance(minutes=10)
    for category in attempt.problems:
        save(attempt, category)
        submission = exams.submit(attempt.id, category)
        verdict = exams.grade(submission.id, service).result(5)
        assert verdict.passed == 5
        assert verdict.receipt is not None
        assert verdict.receipt.file == "mymodel.h5"
    exams.add_time(attempt.id, 3, 120)
    exams.add_time(attempt.id, 3, 30)
    standing = exams.standing(attempt.id)
    assert standing.total == 100
    assert exams.settle(attempt.id) is None
    ended = exams.end(attempt.id)
    assert (ended.state, ended.end_reason) == ("ended", "candidate")
    result = exams.settle(attempt.id)
    assert result is not None
    assert (result.total, result.passed, result.categories[2].seconds) == (100, True, 150)
    assert (result.ended_at - result.started_at).total_seconds() == 600
    assert exams.result(attempt.id) == result == exams.settle(attempt.id)
    kinds = [event.kind for event in exams.journal(attempt.id)]
    assert kinds == ["created", "provisioned", "started", *["submitted", "graded"] * 5, "ended"]


def test_the_project_holds_what_the_candidate_needs_and_not_the_hidden_set(running: Attempt) -> None:
    for category in range(1, 6):
        folder = running.project / f"Category{category}"
        assert {"PROBLEM.md", "starter.py", "data"} <= {path.name for path in folder.iterdir()}
        assert (folder / "data" / "points.csv").is_file()
        assert "a mean absolute error of at most 1" in (folder / "PROBLEM.md").read_text("utf-8")
    assert not [path for path in running.project.rglob("*") if "hidden" in path.name]


def test_the_grader_gets_the_snapshot_the_task_and_a_key_of_seed_and_problem(
    exams: ExamService, running: Attempt, service: FakeService
) -> None:
    path = save(running, 2, b"first")
    submission = exams.submit(running.id, 2)
    path.write_bytes(b"second")
    exams.grade(submission.id, service).result(5)
    asked = service.asked[0]
    assert asked.model.read_bytes() == b"first"
    assert asked.task == exams.task(running.id, 2).within("Category2")
    assert asked.key == "7:00000000-0000-4000-8000-000000000002"
    assert asked.press == 1


def test_the_last_submission_that_was_scored_counts(exams: ExamService, running: Attempt) -> None:
    service = FakeService([scored(5), scored(3), refused(), unable()])
    save(running, 1)
    for _ in range(4):
        exams.grade(exams.submit(running.id, 1).id, service).result(5)
    line = exams.standing(running.id).categories[0]
    assert (line.tests_passed, line.submissions, line.points) == (3, 4, 6)
    service.verdicts = [failed()]
    exams.grade(exams.submit(running.id, 1).id, service).result(5)
    assert exams.standing(running.id).categories[0].points == 0
    assert exams.standing(running.id).categories[0].graded


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "a\x1b[31mb"])
def test_a_name_is_needed(exams: ExamService, tmp_path: Path, name: str) -> None:
    with pytest.raises(AttemptError, match="a name"):
        exams.create(name, tmp_path / "project", "small")


def a_used_folder(folder: Path) -> Path:
    folder.mkdir()
    (folder / "thesis.tex").write_text("mine")
    return folder


def a_file(folder: Path) -> Path:
    folder.write_text("mine")
    return folder


@pytest.mark.parametrize("make", [a_used_folder, a_file, lambda folder: a_file(folder) / "deeper"])
def test_a_folder_in_use_is_refused_and_left_alone(
    exams: ExamService, tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    folder = make(tmp_path / "project")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(AttemptError) as error:
        exams.create("Ada", folder, "small")
    assert error.value.advice
    assert sorted(tmp_path.rglob("*")) == before


def test_an_unknown_pack_is_refused(exams: ExamService, tmp_path: Path) -> None:
    with pytest.raises(AttemptError, match="pack list"):
        exams.create("Ada", tmp_path / "project", "nonesuch")


def test_a_second_exam_is_refused_while_one_runs(exams: ExamService, running: Attempt, tmp_path: Path) -> None:
    with pytest.raises(AttemptError, match="Ada Lovelace") as error:
        exams.create("Bob", tmp_path / "other", "small")
    assert "mockexam end" in str(error.value.advice)


def test_of_two_that_are_ready_one_starts(exams: ExamService, tmp_path: Path) -> None:
    first, second = (exams.create(name, tmp_path / name, "small") for name in ("one", "two"))
    exams.provision(first.id)
    exams.provision(second.id)
    exams.start(first.id)
    with pytest.raises(AttemptError, match="no other exam"):
        exams.start(second.id)
    with pytest.raises(AttemptError):
        exams.start(first.id)
    exams.end(first.id)
    assert exams.start(second.id).state == "running"


def test_an_attempt_must_be_provisioned_before_it_starts(exams: ExamService, tmp_path: Path) -> None:
    attempt = exams.create("Ada", tmp_path / "project", "small")
    with pytest.raises(AttemptError, match="still being prepared"):
        exams.start(attempt.id)
    with pytest.raises(AttemptError):
        exams.end(attempt.id)
    with pytest.raises(SubmissionError):
        exams.submit(attempt.id, 1)


def test_provisioning_may_be_repeated(exams: ExamService, tmp_path: Path) -> None:
    attempt = exams.create("Ada", tmp_path / "project", "small")

    def stop(step: Step) -> None:
        if str(step.name).startswith("Preparing category 4"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        exams.provision(attempt.id, stop)
    assert exams.attempt(attempt.id).state == "provisioning"
    exams.provision(attempt.id)
    assert exams.start(attempt.id).state == "running"
    assert (tmp_path / "project" / "Category5" / "starter.py").is_file()


def test_a_changed_pack_is_not_mixed_with_an_old_attempt(exams: ExamService, tmp_path: Path) -> None:
    attempt = exams.create("Ada", tmp_path / "project", "small")
    (tmp_path / "packs" / "small" / "problem-1" / "statement.md").write_text("Another problem. {{target}}")
    exams.catalogue.refresh()
    with pytest.raises(AttemptError, match="was changed"):
        exams.provision(attempt.id)


def test_a_grader_that_does_not_start_stops_provisioning(exams: ExamService, tmp_path: Path) -> None:
    class Broken(FakeService):
        def start(self) -> None:
            self.state = "broken"

    attempt = exams.create("Ada", tmp_path / "project", "small")
    with pytest.raises(AttemptError, match="mockexam doctor"):
        exams.provision(attempt.id, service=Broken())
    exams.provision(attempt.id, service=FakeService())
    assert exams.attempt(attempt.id).state == "ready"


def test_an_attempt_never_started_can_be_forgotten(exams: ExamService, running: Attempt, tmp_path: Path) -> None:
    exams.end(running.id)
    attempt = exams.create("Bob", tmp_path / "other", "small")
    exams.discard(attempt.id)
    assert [one.id for one in exams.attempts()] == [running.id]
    with pytest.raises(AttemptError, match="kept for good"):
        exams.discard(running.id)


def test_the_newest_model_of_the_folder_is_submitted(exams: ExamService, running: Attempt) -> None:
    import os

    old = save(running, 1, name="mymodel.h5")
    os.utime(old, (1, 1))
    new = save(running, 1, b"newer", name="mymodel.keras")
    assert exams.submit(running.id, 1).source == new
    os.utime(new, (0, 0))
    assert exams.submit(running.id, 1).source == old


def test_a_model_may_come_from_anywhere(exams: ExamService, running: Attempt, tmp_path: Path) -> None:
    elsewhere = tmp_path / "from-colab.h5"
    elsewhere.write_bytes(b"trained elsewhere")
    assert exams.submit(running.id, 4, elsewhere).source == elsewhere


def test_without_a_model_nothing_is_recorded(exams: ExamService, running: Attempt) -> None:
    for category, model in [(3, None), (3, running.project / "nonesuch.h5"), (3, running.project)]:
        with pytest.raises(SubmissionError) as error:
            exams.submit(running.id, category, model)
        assert error.value.advice
    with pytest.raises(SubmissionError, match="1, 2, 3, 4, 5"):
        exams.submit(running.id, 6)
    assert exams.submissions(running.id) == ()
    exams.end(running.id)
    assert exams.settle(running.id) is not None


def test_a_cancelled_test_leaves_the_submission_pending(exams: ExamService, running: Attempt) -> None:
    service = FakeService([cancelled(), scored(4)])
    save(running, 1)
    submission = exams.submit(running.id, 1)
    assert exams.grade(submission.id, service).result(5).outcome == "unable"
    assert [one.id for one in exams.pending()] == [submission.id]
    assert exams.grade(submission.id, service).result(5).passed == 4
    assert exams.pending() == ()


def test_stopping_the_service_leaves_the_submission_pending(exams: ExamService, running: Attempt) -> None:
    service = FakeService(held=True)
    save(running, 1)
    future = exams.grade(exams.submit(running.id, 1).id, service)
    service.stop()
    assert future.result(5).outcome == "unable"
    assert len(exams.pending()) == 1


def test_what_we_were_unable_to_test_last_is_tested_again_at_the_end(exams: ExamService, running: Attempt) -> None:
    service = FakeService([scored(2), unable(), unable(), refused(), scored(5)])
    save(running, 1)
    save(running, 2)
    for category in (1, 1, 2, 2):  # what is refused replaces nothing
        exams.grade(exams.submit(running.id, category).id, service).result(5)
    assert exams.standing(running.id).total == 4
    exams.end(running.id)
    assert [one.id for one in exams.pending()] == [f"{running.id}-1-2", f"{running.id}-2-1"]
    result = conclude(exams, running.id, lambda: service)
    assert result is not None
    assert result.total == 25


def test_a_service_that_fails_is_no_fault_of_the_candidate(exams: ExamService, running: Attempt) -> None:
    def explode(asked: object) -> None:
        raise AssertionError

    class Failing(FakeService):
        def submit(self, *arguments: Any, **more: Any) -> Future[Verdict]:
            future: Future[Verdict] = Future()
            future.set_exception(OSError("no more processes"))
            return future

    save(running, 1)
    verdict = exams.grade(exams.submit(running.id, 1).id, Failing()).result(5)
    assert verdict.outcome == "unable"
    assert verdict.reason is not None
    assert "no more processes" in verdict.reason.found


def test_a_snapshot_that_was_changed_is_not_graded(exams: ExamService, running: Attempt, service: FakeService) -> None:
    save(running, 1)
    submission = exams.submit(running.id, 1)
    path = exams.home.snapshots / submission.sha256[:2] / submission.sha256
    path.chmod(0o600)
    path.write_bytes(b"better")
    verdict = exams.grade(submission.id, service).result(5)
    assert verdict.reason is not None
    assert verdict.reason.code == "snapshot-damaged"
    assert not service.asked


def test_an_emptied_cache_is_filled_again(home: Home, clock: FakeClock, tmp_path: Path, service: FakeService) -> None:
    import numpy as np

    pack = write_pack(tmp_path / "packs")
    problem = pack / "problem-1"
    (problem / "generator.py").write_text(
        "import numpy as np\n\ndef generate(seed, public, hidden):\n"
        "    x = np.linspace(0, 1, 40, dtype=np.float32).reshape(-1, 1)\n"
        "    np.savez(hidden, inputs=x, labels=seed * x)\n"
        "    (public / 'points.csv').write_text('1,2')\n    return {}\n"
    )
    shutil.rmtree(problem / "data")
    shutil.rmtree(problem / "hidden")
    text = (problem / "problem.toml").read_text().replace('kind = "files"', 'kind = "generator"')
    (problem / "problem.toml").write_text(text)
    exams = ExamService(home, clock, Catalogue(tmp_path / "packs"))
    attempt = exams.create("Ada", tmp_path / "project", "small", seed=3)
    exams.provision(attempt.id)
    attempt = exams.start(attempt.id)
    save(attempt, 1)
    shutil.rmtree(home.cache)
    exams.grade(exams.submit(attempt.id, 1).id, service).result(60)
    with np.load(service.asked[0].task.hidden) as hidden:
        assert float(hidden["labels"].max()) == 3
    exams.close()


def test_what_is_being_tested_at_the_end_is_finished_and_counted(exams: ExamService, running: Attempt) -> None:
    service = FakeService([scored(5)], held=True)
    save(running, 5)
    future = exams.grade(exams.submit(running.id, 5).id, service)
    exams.end(running.id)
    assert exams.settle(running.id) is None
    service.let_go()
    future.result(5)
    result = exams.settle(running.id)
    assert result is not None
    assert result.total == 30


def test_conclude_tests_what_nobody_has_tested(exams: ExamService, running: Attempt, service: FakeService) -> None:
    save(running, 5)
    exams.submit(running.id, 5)
    assert conclude(exams, running.id, lambda: service) is None
    exams.end(running.id)
    result = conclude(exams, running.id, lambda: service)
    assert result is not None
    assert result.total == 30


def test_conclude_needs_no_service_when_nothing_waits(exams: ExamService, running: Attempt) -> None:
    def none() -> FakeService:
        raise AssertionError

    exams.end(running.id)
    assert conclude(exams, running.id, none) is not None


@pytest.mark.parametrize(
    "ask", [ExamService.attempt, ExamService.start, ExamService.end, ExamService.settle, ExamService.standing]
)
def test_an_unknown_attempt_is_refused(exams: ExamService, ask: Callable[[ExamService, str], object]) -> None:
    with pytest.raises(RefusalError, match="nonesuch"):
        ask(exams, "nonesuch")


def test_an_unknown_submission_is_refused(exams: ExamService, service: FakeService) -> None:
    with pytest.raises(SubmissionError, match="nonesuch"):
        exams.grade("nonesuch", service)


def test_the_kept_files_are_plain_json(exams: ExamService, running: Attempt) -> None:
    save(running, 1)
    submission = exams.submit(running.id, 1)
    folder = exams.home.attempts / running.id
    kept = json.loads((folder / "submission-1-0001.json").read_text())
    assert kept["sha256"] == submission.sha256
    assert json.loads((folder / "attempt.json").read_text())["attempt"]["state"] == "running"


def test_what_a_killed_copy_left_is_removed_when_nobody_copies(
    exams: ExamService, clock: FakeClock, running: Attempt
) -> None:
    rest = exams.home.snapshots / "incoming" / "tmpabc"
    rest.mkdir(parents=True)
    press = exams._submissions.press(running.id, exams._claim)
    assert press is not None
    ExamService(exams.home, clock, exams.catalogue).close()
    assert rest.exists()
    exams.close()
    ExamService(exams.home, clock, exams.catalogue).close()
    assert not rest.exists()


def test_titles_are_in_the_language_that_was_asked_for(exams: ExamService, tmp_path: Path) -> None:
    attempt = exams.create("Ada Lovelace", tmp_path / "korean", "tensorflow-developer", 7, "ko")
    assert all(any("가" <= character <= "힣" for character in title) for title in attempt.titles.values())


def test_an_interpreter_is_noted_once_while_the_exam_runs(exams: ExamService, running: Attempt) -> None:
    ours = InterpreterRecord(
        kind="this", python="3.11.2", keras=3, versions={"keras": "3.12.0", "tensorflow": "2.21.0"}
    )
    exams.note_interpreter(running.id, ours)
    version = exams.version()
    same = {"tensorflow": "2.21.0", "keras": "3.12.0"}
    exams.note_interpreter(running.id, replace(ours, versions=same))
    assert exams.version() == version
    exams.note_interpreter(running.id, replace(ours, keras=2))
    assert exams.interpreters(running.id) == (ours, replace(ours, keras=2))
    exams.end(running.id)
    exams.note_interpreter(running.id, replace(ours, kind="other"))
    assert len(exams.interpreters(running.id)) == 2


def test_the_rules_for_programs_stay_as_they_were_at_the_start(exams: ExamService, tmp_path: Path) -> None:
    file = tmp_path / "packs" / "small" / "pack.toml"
    file.write_text(file.read_text("utf-8") + '[programs]\nkeras = 2\nadvice = "none"\n', "utf-8")
    attempt = exams.create("Ada", tmp_path / "exam", "small", seed=7)
    file.write_text(file.read_text("utf-8").replace("keras = 2", "keras = 3"), "utf-8")
    exams.catalogue.refresh()
    assert exams.attempt(attempt.id).rules.programs == ProgramRules(keras=2, advice="none")
