"""What the grader is asked: the task of a problem with its hidden set, and the key of its draws."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from graders.contract import Task
from graders.sentences import Words, sentence
from mockexam.errors import AttemptError, Kind, SubmissionError
from mockexam.store.attempts import Attempts, ProblemRow
from mockexam.store.records import Attempt, Submission
from mockexam.workspace.layout import category_folder

if TYPE_CHECKING:
    from mockexam.packs.catalogue import Catalogue
    from mockexam.packs.data.preparation import Prepared
    from mockexam.packs.format.model import Problem

Report = Callable[[float, Words], None]


class Tasks:
    """The tasks of the attempts in a ledger."""

    def __init__(self, attempts: Attempts, catalogue: Callable[[], Catalogue], cache: Path) -> None:
        """`catalogue` is called, and a hidden set made in `cache`, only when the hidden set is gone."""
        self._attempts = attempts
        self._catalogue = catalogue
        self._cache = cache

    def recorded(self, attempt_id: str, category: int) -> Task:
        """The task as it was provisioned; raises SubmissionError before that."""
        return _task(self._row(attempt_id, category))

    def of(self, submission: Submission) -> tuple[Task, str]:
        """The task of a submission, its hidden set made again if the cache was emptied, and the key of its draws.

        Raises SubmissionError or AttemptError.
        """
        row = self._row(submission.attempt_id, submission.category)
        task = _task(row)
        if not Path(task.hidden).is_file():
            attempt = self._attempts.get(submission.attempt_id)
            assert attempt is not None
            problem = problems_of(self._catalogue(), attempt)[row.category]
            task = msgspec.structs.replace(task, hidden=str(hidden_set(problem, attempt.seed, self._cache)))
        return asked(task, row.category), row.grading_key

    def _row(self, attempt_id: str, category: int) -> ProblemRow:
        for row in self._attempts.problems(attempt_id):
            if row.category == category and row.task is not None:
                return row
        raise SubmissionError(
            sentence("an attempt that is provisioned"),
            sentence("no task for category {category}", category=category),
            sentence("Start the exam first."),
            kind="nothing",
        )


def task_of(problem: Problem, hidden: Path) -> Task:
    """What the grader is asked about a problem."""
    return Task(contract=problem.contract, scoring=problem.scoring, hidden=str(hidden), limits=problem.limits)


def asked(task: Task, category: int) -> Task:
    """The task as it is sent: of a whole project that is handed in, the category's folder counts."""
    return task.within(category_folder(Path(), category).name)


def grading_key(seed: int, uuid: str) -> str:
    """The key from which the five draws of a problem are made."""
    return f"{seed}:{uuid}"


def problems_of(catalogue: Catalogue, attempt: Attempt) -> dict[int, Problem]:
    """An attempt's problems by category; raises AttemptError unless its pack is here as it was."""
    from mockexam.packs.catalogue import UnknownPackError
    from mockexam.packs.format.faults import PackError

    try:
        pack = catalogue.pack(attempt.pack_id)
    except (UnknownPackError, PackError) as error:
        raise AttemptError(
            sentence("the pack {pack}", pack=attempt.pack_id),
            error.sentence if isinstance(error, UnknownPackError) else str(error),
            sentence("Install it again."),
            kind="nothing",
        ) from error
    if pack.digest != attempt.pack_digest:
        raise AttemptError(
            sentence(
                "the pack {pack} {version} as it was when the attempt was created",
                pack=attempt.pack_id,
                version=attempt.pack_version,
            ),
            sentence("one that was changed ({version})", version=pack.version),
            sentence("Put the earlier version back, or create a new attempt."),
        )
    return {category: pack.problem(problem_id) for category, problem_id in attempt.problems.items()}


def hidden_set(problem: Problem, seed: int, cache: Path) -> Path:
    """The hidden set of a problem, made unless the cache has it. Raises AttemptError."""
    return prepared_hidden(problem, seed, cache, lambda fraction, detail: None).hidden


def prepared_hidden(problem: Problem, seed: int, cache: Path, report: Report) -> Prepared:
    """A problem's data without its public half. Raises AttemptError."""
    with tempfile.TemporaryDirectory() as public:
        return prepared(problem, seed, Path(public), cache, report)


def prepared(problem: Problem, seed: int, public: Path, cache: Path, report: Report) -> Prepared:
    """A problem's data, the public half in `public`. Raises AttemptError."""
    from mockexam.packs.data.preparation import OfflineError, PreparationError, prepare

    try:
        return prepare(problem, seed=seed, public=public, cache=cache, progress=report)
    except PreparationError as error:
        kind: Kind = "offline" if isinstance(error, OfflineError) else "fault"
        raise AttemptError(error.expected, error.found, error.advice, kind=kind) from error


def _task(row: ProblemRow) -> Task:
    assert row.task is not None
    return row.task
