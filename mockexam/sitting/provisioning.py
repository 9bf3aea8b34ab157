"""Provisioning: everything done between "take the exam" and "start the clock"."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graders.contract import Task
from graders.sentences import Words, sentence
from mockexam.errors import AttemptError
from mockexam.plots.fonts import find_fonts
from mockexam.sitting.grading import GradingService
from mockexam.sitting.machine import obstacle
from mockexam.sitting.tasks import prepared, prepared_hidden, problems_of, task_of
from mockexam.store.home import Home
from mockexam.store.records import Attempt
from mockexam.workspace.bridges import Bridges
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
    """What is being done: its name, how much of the whole is done (0 to 1), and a detail for people."""

    name: Words
    fraction: float
    detail: Words = ""


Progress = Callable[[Step], None]


class Provisioning:
    """Prepares one attempt. A killed run may be repeated: the project appears whole or not at all."""

    def __init__(self, home: Home, catalogue: Callable[[], Catalogue], progress: Progress) -> None:
        self._home = home
        self._catalogue = catalogue
        self._progress = progress

    def run(self, attempt: Attempt, service: GradingService | None) -> dict[int, Task]:
        """Do all of it; returns the tasks by category. Raises AttemptError."""
        self._progress(Step(sentence("Checking the environment"), 0.0))
        problems = problems_of(self._catalogue(), attempt)
        if service is not None:
            service.start()
            find_fonts()
        if found := obstacle(self._home):
            raise found
        try:
            draft = Draft.begin(attempt.project, attempt.id)
            data = self._prepare_all(attempt, problems, draft)
            self._progress(Step(sentence("Writing the project"), 0.75, str(attempt.project)))
            listed = _project_problems(problems, data, attempt)
            write_project(attempt.project, attempt, listed, attempt.language, home=self._home.folder)
            with suppress(OSError):  # then a file that nobody edited may be taken for one that was
                Bridges.of(attempt, self._home).begin()
        except WorkspaceError as error:
            raise AttemptError(error.expected, error.found, error.advice) from error
        if service is not None:
            self._await_grader(service)
        self._progress(Step(sentence("Ready"), 1.0))
        return {category: task_of(problems[category], data[category].hidden) for category in problems}

    def _prepare_all(self, attempt: Attempt, problems: dict[int, Problem], draft: Draft) -> dict[int, Prepared]:
        data: dict[int, Prepared] = {}
        for place, (category, problem) in enumerate(sorted(problems.items())):
            title, share = problem.title_in(attempt.language), 0.7 / len(problems)
            name: Words = sentence("Preparing category {category}: {title}", category=category, title=title)
            start = 0.05 + place * share

            def report(
                fraction: float, detail: Words, name: Words = name, start: float = start, share: float = share
            ) -> None:
                self._progress(Step(name, round(start + share * min(1.0, max(0.0, fraction)), 4), detail))

            report(0.0, "")
            if draft.finished:
                data[category] = prepared_hidden(problem, attempt.seed, self._home.cache, report)
            else:
                public = draft.data_folder(category)
                data[category] = prepared(problem, attempt.seed, public, self._home.cache, report)
        return data

    def _await_grader(self, service: GradingService) -> None:
        deadline = time.monotonic() + WARM_SECONDS
        while service.state not in ("ready", "broken") and time.monotonic() < deadline:
            waited = 1 - (deadline - time.monotonic()) / WARM_SECONDS
            importing = sentence("importing TensorFlow")
            self._progress(Step(sentence("Warming the grader"), 0.8 + 0.2 * min(0.9, waited * 9), importing))
            time.sleep(0.1)
        if service.state != "ready":
            if service.state == "broken":
                found = sentence("one that is broken")
            else:
                found = sentence("one that is not ready after {seconds} s", seconds=int(WARM_SECONDS))
            advice = sentence("Run `mockexam doctor`, then try again.")
            raise AttemptError(sentence("a grader that starts"), found, advice, kind="fault")


def _project_problems(
    problems: dict[int, Problem], data: dict[int, Prepared], attempt: Attempt
) -> list[ProjectProblem]:
    return [
        ProjectProblem(
            category=category,
            problem_id=problem.id,
            title=problem.title_in(attempt.language),
            target=problem.target_in(attempt.language),
            statement=problem.statement(attempt.language),
            starter=problem.starter,
            values=data[category].values,
            max_submissions=attempt.rules.max_submissions.get(category),
            cooldown=attempt.rules.cooldown.get(category, 0),
        )
        for category, problem in sorted(problems.items())
    ]
