"""What the exam service knows about the attempt on the screen, gathered outside the screen's own thread."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from graders.contract import Task
from graders.formats import FORMATS
from graders.sentences import sentence
from graders.verdict import Verdict
from mockexam.errors import RefusalError
from mockexam.exam.allowance import told_of
from mockexam.exam.form import CATEGORIES
from mockexam.language.catalogue import shown
from mockexam.tui.exam.widgets.exam_panel import ProblemRow
from mockexam.tui.exam.widgets.statement import contract_lines
from mockexam.workspace import layout

if TYPE_CHECKING:
    from mockexam.sitting.service import Attempt, ExamService, Standing, Submission


@dataclass(frozen=True)
class State:
    """How the attempt stands: everything that can change while the exam runs."""

    attempt: Attempt
    standing: Standing
    submissions: tuple[Submission, ...]

    def of(self, category: int) -> tuple[Submission, ...]:
        """The submissions of a category."""
        return tuple(one for one in self.submissions if one.category == category)

    def latest_verdict(self, category: int) -> Verdict | None:
        """The verdict of the last submission that has one."""
        return next((one.verdict for one in reversed(self.of(category)) if one.verdict is not None), None)

    def has_score(self, category: int) -> bool:
        """Whether a submission of the category counts."""
        return any(one.verdict is not None and one.verdict.counts for one in self.of(category))


@dataclass(frozen=True)
class Briefing:
    """What stays the same: a problem's task, kind, difficulty and text."""

    title: str
    kind: str
    difficulty: int
    contract: list[tuple[str, str, str]]
    text: str


@dataclass
class ViewModel:
    """Reads the exam service; every method but `rows` may take a while and must run in a thread."""

    exams: ExamService
    attempt: Attempt
    tasks: dict[int, Task] = field(default_factory=dict)

    @property
    def categories(self) -> list[int]:
        """The categories of this exam."""
        return sorted(self.attempt.problems)

    def state(self) -> State:
        """Read how the attempt stands."""
        attempt_id = self.attempt.id
        return State(self.exams.attempt(attempt_id), self.exams.standing(attempt_id), self.exams.told(attempt_id))

    def briefing(self, category: int) -> Briefing:
        """Read a problem; what is missing is left out."""
        path = layout.statement(self.attempt.project, category)
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            text = shown(sentence("*{file} can't be read.*", file=path.name))
        return Briefing(
            title=f"{category}  {self.attempt.titles.get(category, '')}",
            kind=shown(CATEGORIES[category].name).capitalize() if category in CATEGORIES else "",
            difficulty=self._difficulty(category),
            contract=self._contract(category),
            text=text,
        )

    def task(self, category: int) -> Task | None:
        """Return the task for the grader; None when the attempt has none."""
        if category not in self.tasks:
            try:
                self.tasks[category] = self.exams.task(self.attempt.id, category)
            except RefusalError:
                return None
        return self.tasks[category]

    def _contract(self, category: int) -> list[tuple[str, str, str]]:
        task = self.task(category)
        if task is None:
            return []
        usual = next((each for each in FORMATS if each.name in task.contract.formats), FORMATS[0])
        lines = contract_lines(task.contract, task.scoring, task.limits, f"Category{category}/{usual.file_name}")
        limits = [shown(each) for each in told_of(self.attempt.rules, category)]
        return [*lines, (shown(sentence("Tries")), ", ".join(limits), "$text-body")] if limits else lines

    def _difficulty(self, category: int) -> int:
        """The difficulty the pack gives; the pack may be gone or have another version, which isn't an error here."""
        try:
            problems = self.exams.catalogue.pack(self.attempt.pack_id).problems
        except Exception:
            return category
        wanted = self.attempt.problems.get(category)
        return next((problem.difficulty for problem in problems if problem.id == wanted), category)

    def rows(self, state: State, grading: set[int], unwritten: dict[int, float]) -> list[ProblemRow]:
        """Return the lines of the list of problems."""
        return [
            ProblemRow(
                category=line.category,
                title=line.title,
                passed=line.tests_passed if line.graded else None,
                tests=line.tests,
                points=line.points,
                weight=round(line.weight),
                seconds=line.seconds + unwritten.get(line.category, 0.0),
                grading=line.category in grading or line.pending > 0,
            )
            for line in state.standing.categories
        ]
