"""Provisioning: everything that is done between "take the exam" and "start the clock"."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from graders.contract import Task
from mockexam.errors import AttemptError, Kind
from mockexam.sitting.doctor import obstacle
from mockexam.sitting.grading import GradingService
from mockexam.store.attempts import ProblemRow
from mockexam.store.home import Home
from mockexam.store.records import Attempt
from mockexam.workspace.draft import Draft
from mockexam.workspace.fault import WorkspaceError
from mockexam.workspace.project import ProjectProblem, write_project

if TYPE_CHECKING:
    from mockexam.packs.catalogue import Catalogue
    from mockexam.packs.data.preparation import Prepared
    from mockexam.packs.format.model import Problem

WARM_SECONDS = 180.0


@dataclass(frozen=True)
class Step:
    """What is being done: a name, how much of the whole is done (0 to 1), and a detail for people."""

    name: str
    fraction: float
    detail: str = ""


Progress = Callable[[Step], None]


class Provisioning:
    """Prepares one attempt. A killed run may be repeated: the project appears whole or not at all."""

    def __init__(self, home: Home, catalogue: Callable[[], Catalogue], progress: Progress) -> None:
        self._home = home
        self._catalogue = catalogue
        self._progress = progress

    def run(self, attempt: Attempt, service: GradingService | None) -> dict[int, Task]:
        """Do all of it; the tasks by category. Raises AttemptError."""
        self._progress(Step("Checking the environment", 0.0))
        problems = self._problems(attempt)
        if service is not None:
            service.start()
        if found := obstacle(self._home):
            raise found
        try:
            draft = Draft.begin(attempt.project, attempt.id)
            prepared = self._prepare_all(attempt, problems, draft)
            self._progress(Step("Writing the project", 0.75, str(attempt.project)))
            listed = _project_problems(problems, prepared, attempt.language)
            write_project(attempt.project, attempt, listed, attempt.language, home=self._home.folder)
        except WorkspaceError as error:
            raise AttemptError(error.expected, error.found, error.advice) from error
        if service is not None:
            self._await_grader(service)
        self._progress(Step("Ready", 1.0))
        return {category: task_of(problems[category], prepared[category].hidden) for category in problems}

    def with_hidden_set(self, attempt: Attempt, row: ProblemRow) -> Task:
        """The task of a problem, its hidden set made again if the cache was emptied. Raises AttemptError."""
        assert row.task is not None
        if Path(row.task.hidden).is_file():
            return row.task
        hidden = self.hidden_set(attempt, self._problems(attempt)[row.category])
        return msgspec.structs.replace(row.task, hidden=str(hidden))

    def hidden_set(self, attempt: Attempt, problem: Problem) -> Path:
        """The hidden set of a problem, made unless the cache has it. Raises AttemptError."""
        return self._prepare_hidden(attempt, problem, lambda fraction, detail: None).hidden

    def _problems(self, attempt: Attempt) -> dict[int, Problem]:
        from mockexam.packs.catalogue import UnknownPackError
        from mockexam.packs.format.faults import PackError

        try:
            pack = self._catalogue().pack(attempt.pack_id)
        except (UnknownPackError, PackError) as error:
            raise AttemptError(
                f"the pack {attempt.pack_id}", str(error), "Install it again.", kind="nothing"
            ) from error
        if pack.digest != attempt.pack_digest:
            raise AttemptError(
                f"the pack {attempt.pack_id} {attempt.pack_version} as it was when the attempt was created",
                f"one that was changed ({pack.version})",
                "Put the earlier version back, or create a new attempt.",
            )
        return {category: pack.problem(problem_id) for category, problem_id in attempt.problems.items()}

    def _prepare_all(self, attempt: Attempt, problems: dict[int, Problem], draft: Draft) -> dict[int, Prepared]:
        prepared = {}
        for place, (category, problem) in enumerate(sorted(problems.items())):
            name, share = f"Preparing category {category}: {problem.title_in(attempt.language)}", 0.7 / len(problems)
            start = 0.05 + place * share

            def report(
                fraction: float, detail: str, name: str = name, start: float = start, share: float = share
            ) -> None:
                self._progress(Step(name, round(start + share * min(1.0, max(0.0, fraction)), 4), detail))

            report(0.0, "")
            if draft.finished:
                prepared[category] = self._prepare_hidden(attempt, problem, report)
            else:
                prepared[category] = self._prepare(attempt, problem, draft.data_folder(category), report)
        return prepared

    def _prepare_hidden(self, attempt: Attempt, problem: Problem, report: Callable[[float, str], None]) -> Prepared:
        with tempfile.TemporaryDirectory() as public:
            return self._prepare(attempt, problem, Path(public), report)

    def _prepare(
        self, attempt: Attempt, problem: Problem, public: Path, report: Callable[[float, str], None]
    ) -> Prepared:
        from mockexam.packs.data.preparation import OfflineError, PreparationError, prepare

        try:
            return prepare(problem, seed=attempt.seed, public=public, cache=self._home.cache, progress=report)
        except PreparationError as error:
            kind: Kind = "offline" if isinstance(error, OfflineError) else "fault"
            raise AttemptError(error.expected, error.found, error.advice, kind=kind) from error

    def _await_grader(self, service: GradingService) -> None:
        deadline = time.monotonic() + WARM_SECONDS
        while service.state not in ("ready", "broken") and time.monotonic() < deadline:
            waited = 1 - (deadline - time.monotonic()) / WARM_SECONDS
            self._progress(Step("Warming the grader", 0.8 + 0.2 * min(0.9, waited * 9), "importing TensorFlow"))
            time.sleep(0.1)
        if service.state != "ready":
            raise AttemptError(
                "a grader that starts",
                f"one that is {service.state}",
                "Run `mockexam doctor`, then try again.",
                kind="fault",
            )


def task_of(problem: Problem, hidden: Path) -> Task:
    """What the grader is asked about a problem."""
    return Task(contract=problem.contract, scoring=problem.scoring, hidden=str(hidden), limits=problem.limits)


def _project_problems(
    problems: dict[int, Problem], prepared: dict[int, Prepared], language: str
) -> list[ProjectProblem]:
    return [
        ProjectProblem(
            category=category,
            problem_id=problem.id,
            title=problem.title_in(language),
            target=problem.target_in(language),
            statement=problem.statement(language),
            starter=problem.starter,
            values=prepared[category].values,
        )
        for category, problem in sorted(problems.items())
    ]
