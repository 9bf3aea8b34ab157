from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mockexam.errors import RefusalError
from mockexam.packs.catalogue import Catalogue
from mockexam.sitting.conclusion import conclude
from mockexam.sitting.service import Attempt, AttemptError, Office, Step, SubmissionError
from mockexam.store.home import Home
from tests.sitting.fakes import FakeClock, FakeService, cancelled, failed, refused, scored, unable, write_pack


def save(attempt: Attempt, category: int, content: bytes = b"model", name: str = "mymodel.h5") -> Path:
    path = attempt.project / f"Category{category}" / name
    path.write_bytes(content)
    return path


def test_the_whole_way_from_a_name_to_a_result(
    office: Office, clock: FakeClock, service: FakeService, tmp_path: Path
) -> None:
    steps: list[Step] = []
    attempt = office.create("  Ada   Lovelace ", tmp_path / "project", "small", seed=7)
    assert (attempt.state, attempt.candidate, attempt.minutes) == ("provisioning", "Ada Lovelace", 300)
    office.provision(attempt.id, steps.append, service)
    assert office.attempt(attempt.id).state == "ready"
    assert [step.fraction for step in steps] == sorted(step.fraction for step in steps)
    assert steps[-1].fraction == 1.0
    attempt = office.start(attempt.id)
    assert office.running() == attempt
    clock.advance(minutes=10)
    for category in attempt.problems:
        save(attempt, category)
        submission = office.submit(attempt.id, category)
        verdict = office.grade(submission.id, service).result(5)
        assert verdict.passed == 5
        assert verdict.receipt is not None
        assert verdict.receipt.file == "mymodel.h5"
    office.add_time(attempt.id, 3, 120)
    office.add_time(attempt.id, 3, 30)
    standing = office.standing(attempt.id)
    assert standing.total == 100
    assert office.settle(attempt.id) is None
    ended = office.end(attempt.id)
    assert (ended.state, ended.end_reason) == ("ended", "candidate")
    result = office.settle(attempt.id)
    assert result is not None
    assert (result.total, result.passed, result.categories[2].seconds) == (100, True, 150)
    assert (result.ended_at - result.started_at).total_seconds() == 600
    assert office.result(attempt.id) == result == office.settle(attempt.id)
    kinds = [event.kind for event in office.journal(attempt.id)]
    assert kinds == ["created", "provisioned", "started", *["submitted", "graded"] * 5, "ended"]


def test_the_project_holds_what_the_candidate_needs_and_not_the_hidden_set(running: Attempt) -> None:
    for category in range(1, 6):
        folder = running.project / f"Category{category}"
        assert {"PROBLEM.md", "starter.py", "data"} <= {path.name for path in folder.iterdir()}
        assert (folder / "data" / "points.csv").is_file()
        assert "a mean absolute error of at most 1" in (folder / "PROBLEM.md").read_text("utf-8")
    assert not [path for path in running.project.rglob("*") if "hidden" in path.name]


def test_the_grader_gets_the_snapshot_the_task_and_a_key_of_seed_and_problem(
    office: Office, running: Attempt, service: FakeService
) -> None:
    path = save(running, 2, b"first")
    submission = office.submit(running.id, 2)
    path.write_bytes(b"second")
    office.grade(submission.id, service).result(5)
    asked = service.asked[0]
    assert asked.model.read_bytes() == b"first"
    assert asked.task == office.task(running.id, 2)
    assert asked.key == "7:00000000-0000-4000-8000-000000000002"
    assert asked.press == 1


def test_the_last_submission_that_was_scored_counts(office: Office, running: Attempt) -> None:
    service = FakeService([scored(5), scored(3), refused(), unable()])
    save(running, 1)
    for _ in range(4):
        office.grade(office.submit(running.id, 1).id, service).result(5)
    line = office.standing(running.id).categories[0]
    assert (line.tests_passed, line.submissions, line.points) == (3, 4, 6)
    service.verdicts = [failed()]
    office.grade(office.submit(running.id, 1).id, service).result(5)
    assert office.standing(running.id).categories[0].points == 0
    assert office.standing(running.id).categories[0].graded


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "a\x1b[31mb"])
def test_a_name_is_needed(office: Office, tmp_path: Path, name: str) -> None:
    with pytest.raises(AttemptError, match="a name"):
        office.create(name, tmp_path / "project", "small")


def a_used_folder(folder: Path) -> Path:
    folder.mkdir()
    (folder / "thesis.tex").write_text("mine")
    return folder


def a_file(folder: Path) -> Path:
    folder.write_text("mine")
    return folder


@pytest.mark.parametrize("make", [a_used_folder, a_file, lambda folder: a_file(folder) / "deeper"])
def test_a_folder_in_use_is_refused_and_left_alone(
    office: Office, tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    folder = make(tmp_path / "project")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(AttemptError) as error:
        office.create("Ada", folder, "small")
    assert error.value.advice
    assert sorted(tmp_path.rglob("*")) == before


def test_an_unknown_pack_is_refused(office: Office, tmp_path: Path) -> None:
    with pytest.raises(AttemptError, match="pack list"):
        office.create("Ada", tmp_path / "project", "nonesuch")


def test_a_second_exam_is_refused_while_one_runs(office: Office, running: Attempt, tmp_path: Path) -> None:
    with pytest.raises(AttemptError, match="Ada Lovelace") as error:
        office.create("Bob", tmp_path / "other", "small")
    assert "mockexam end" in error.value.advice


def test_of_two_that_are_ready_one_starts(office: Office, tmp_path: Path) -> None:
    first, second = (office.create(name, tmp_path / name, "small") for name in ("one", "two"))
    office.provision(first.id)
    office.provision(second.id)
    office.start(first.id)
    with pytest.raises(AttemptError, match="no other exam"):
        office.start(second.id)
    with pytest.raises(AttemptError):
        office.start(first.id)
    office.end(first.id)
    assert office.start(second.id).state == "running"


def test_an_attempt_must_be_provisioned_before_it_starts(office: Office, tmp_path: Path) -> None:
    attempt = office.create("Ada", tmp_path / "project", "small")
    with pytest.raises(AttemptError, match="provisioning"):
        office.start(attempt.id)
    with pytest.raises(AttemptError):
        office.end(attempt.id)
    with pytest.raises(SubmissionError):
        office.submit(attempt.id, 1)


def test_provisioning_may_be_repeated(office: Office, tmp_path: Path) -> None:
    attempt = office.create("Ada", tmp_path / "project", "small")

    def stop(step: Step) -> None:
        if step.name.startswith("Preparing category 4"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        office.provision(attempt.id, stop)
    assert office.attempt(attempt.id).state == "provisioning"
    office.provision(attempt.id)
    assert office.start(attempt.id).state == "running"
    assert (tmp_path / "project" / "Category5" / "starter.py").is_file()


def test_a_changed_pack_is_not_mixed_with_an_old_attempt(office: Office, tmp_path: Path) -> None:
    attempt = office.create("Ada", tmp_path / "project", "small")
    (tmp_path / "packs" / "small" / "problem-1" / "statement.md").write_text("Another problem. {{target}}")
    office.catalogue.refresh()
    with pytest.raises(AttemptError, match="was changed"):
        office.provision(attempt.id)


def test_a_grader_that_does_not_start_stops_provisioning(office: Office, tmp_path: Path) -> None:
    class Broken(FakeService):
        def start(self) -> None:
            self.state = "broken"

    attempt = office.create("Ada", tmp_path / "project", "small")
    with pytest.raises(AttemptError, match="mockexam doctor"):
        office.provision(attempt.id, service=Broken())
    office.provision(attempt.id, service=FakeService())
    assert office.attempt(attempt.id).state == "ready"


def test_an_attempt_never_started_can_be_forgotten(office: Office, running: Attempt, tmp_path: Path) -> None:
    office.end(running.id)
    attempt = office.create("Bob", tmp_path / "other", "small")
    office.discard(attempt.id)
    assert [one.id for one in office.attempts()] == [running.id]
    with pytest.raises(AttemptError, match="kept for good"):
        office.discard(running.id)


def test_the_newest_model_of_the_folder_is_submitted(office: Office, running: Attempt) -> None:
    import os

    old = save(running, 1, name="mymodel.h5")
    os.utime(old, (1, 1))
    new = save(running, 1, b"newer", name="mymodel.keras")
    assert office.submit(running.id, 1).source == new
    os.utime(new, (0, 0))
    assert office.submit(running.id, 1).source == old


def test_a_model_may_come_from_anywhere(office: Office, running: Attempt, tmp_path: Path) -> None:
    elsewhere = tmp_path / "from-colab.h5"
    elsewhere.write_bytes(b"trained elsewhere")
    assert office.submit(running.id, 4, elsewhere).source == elsewhere


def test_without_a_model_nothing_is_recorded(office: Office, running: Attempt) -> None:
    for category, model in [(3, None), (3, running.project / "nonesuch.h5"), (3, running.project)]:
        with pytest.raises(SubmissionError) as error:
            office.submit(running.id, category, model)
        assert error.value.advice
    with pytest.raises(SubmissionError, match="1, 2, 3, 4, 5"):
        office.submit(running.id, 6)
    assert office.submissions(running.id) == ()
    office.end(running.id)
    assert office.settle(running.id) is not None


def test_a_cancelled_test_leaves_the_submission_pending(office: Office, running: Attempt) -> None:
    service = FakeService([cancelled(), scored(4)])
    save(running, 1)
    submission = office.submit(running.id, 1)
    assert office.grade(submission.id, service).result(5).outcome == "unable"
    assert [one.id for one in office.pending()] == [submission.id]
    assert office.grade(submission.id, service).result(5).passed == 4
    assert office.pending() == ()


def test_stopping_the_service_leaves_the_submission_pending(office: Office, running: Attempt) -> None:
    service = FakeService(held=True)
    save(running, 1)
    future = office.grade(office.submit(running.id, 1).id, service)
    service.stop()
    assert future.result(5).outcome == "unable"
    assert len(office.pending()) == 1


def test_what_we_were_unable_to_test_last_is_tested_again_at_the_end(office: Office, running: Attempt) -> None:
    service = FakeService([scored(2), unable(), unable(), refused(), scored(5)])
    save(running, 1)
    save(running, 2)
    for category in (1, 1, 2, 2):  # what is refused replaces nothing
        office.grade(office.submit(running.id, category).id, service).result(5)
    assert office.standing(running.id).total == 4
    office.end(running.id)
    assert [one.id for one in office.pending()] == [f"{running.id}-1-2", f"{running.id}-2-1"]
    result = conclude(office, running.id, lambda: service)
    assert result is not None
    assert result.total == 25


def test_a_service_that_fails_is_no_fault_of_the_candidate(office: Office, running: Attempt) -> None:
    def explode(asked: object) -> None:
        raise AssertionError

    class Failing(FakeService):
        def submit(self, *arguments: object, **more: object) -> object:  # type: ignore[override]
            from concurrent.futures import Future

            future: Future[object] = Future()
            future.set_exception(OSError("no more processes"))
            return future

    save(running, 1)
    verdict = office.grade(office.submit(running.id, 1).id, Failing()).result(5)
    assert verdict.outcome == "unable"
    assert verdict.reason is not None
    assert "no more processes" in verdict.reason.found


def test_a_snapshot_that_was_changed_is_not_graded(office: Office, running: Attempt, service: FakeService) -> None:
    save(running, 1)
    submission = office.submit(running.id, 1)
    path = office.home.snapshots / submission.sha256[:2] / submission.sha256
    path.chmod(0o600)
    path.write_bytes(b"better")
    verdict = office.grade(submission.id, service).result(5)
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
    office = Office(home, clock, Catalogue(tmp_path / "packs"))
    attempt = office.create("Ada", tmp_path / "project", "small", seed=3)
    office.provision(attempt.id)
    attempt = office.start(attempt.id)
    save(attempt, 1)
    shutil.rmtree(home.cache)
    office.grade(office.submit(attempt.id, 1).id, service).result(60)
    with np.load(service.asked[0].task.hidden) as hidden:
        assert float(hidden["labels"].max()) == 3
    office.close()


def test_what_is_being_tested_at_the_end_is_finished_and_counted(office: Office, running: Attempt) -> None:
    service = FakeService([scored(5)], held=True)
    save(running, 5)
    future = office.grade(office.submit(running.id, 5).id, service)
    office.end(running.id)
    assert office.settle(running.id) is None
    service.let_go()
    future.result(5)
    result = office.settle(running.id)
    assert result is not None
    assert result.total == 30


def test_conclude_tests_what_nobody_has_tested(office: Office, running: Attempt, service: FakeService) -> None:
    save(running, 5)
    office.submit(running.id, 5)
    assert conclude(office, running.id, lambda: service) is None
    office.end(running.id)
    result = conclude(office, running.id, lambda: service)
    assert result is not None
    assert result.total == 30


def test_conclude_needs_no_service_when_nothing_waits(office: Office, running: Attempt) -> None:
    def none() -> FakeService:
        raise AssertionError

    office.end(running.id)
    assert conclude(office, running.id, none) is not None


@pytest.mark.parametrize("ask", [Office.attempt, Office.start, Office.end, Office.settle, Office.standing])
def test_an_unknown_attempt_is_refused(office: Office, ask: Callable[[Office, str], object]) -> None:
    with pytest.raises(RefusalError, match="nonesuch"):
        ask(office, "nonesuch")


def test_an_unknown_submission_is_refused(office: Office, service: FakeService) -> None:
    with pytest.raises(SubmissionError, match="nonesuch"):
        office.grade("nonesuch", service)


def test_the_kept_files_are_plain_json(office: Office, running: Attempt) -> None:
    save(running, 1)
    submission = office.submit(running.id, 1)
    folder = office.home.attempts / running.id
    kept = json.loads((folder / "submission-1-0001.json").read_text())
    assert kept["sha256"] == submission.sha256
    assert json.loads((folder / "attempt.json").read_text())["attempt"]["state"] == "running"


def test_what_a_killed_copy_left_is_removed_when_nobody_copies(
    office: Office, clock: FakeClock, running: Attempt
) -> None:
    rest = office.home.snapshots / "incoming" / "tmpabc"
    rest.mkdir(parents=True)
    press = office._submissions.press(running.id, office._claim)
    assert press is not None
    Office(office.home, clock, office.catalogue).close()
    assert rest.exists()
    office.close()
    Office(office.home, clock, office.catalogue).close()
    assert not rest.exists()


def test_titles_are_in_the_language_that_was_asked_for(office: Office, tmp_path: Path) -> None:
    attempt = office.create("Ada Lovelace", tmp_path / "korean", "tensorflow-developer", 7, "ko")
    assert all(any("가" <= character <= "힣" for character in title) for title in attempt.titles.values())
