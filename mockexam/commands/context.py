"""What the commands share: the exam service, a grading service when one is needed, and how things are written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, TypeVar
from unicodedata import east_asian_width

import click

from graders.sentences import Sentence, sentence, sentences
from graders.verdict import Outcome
from mockexam.errors import AttemptError
from mockexam.exam.allowance import Allowance
from mockexam.exam.attempt import CategoryResult
from mockexam.language.catalogue import shown
from mockexam.language.plain import line_of
from mockexam.sitting.queries import ExamQueries
from mockexam.sitting.system_clock import SystemClock
from mockexam.sitting.timekeeping import moved_away
from mockexam.store.home import Home
from mockexam.store.records import Attempt, Submission

if TYPE_CHECKING:
    from graders import Service
    from mockexam.sitting.service import ExamService
    from mockexam.store.settings import Isolation

AnyQueries = TypeVar("AnyQueries", bound=ExamQueries)


@contextmanager
def queries() -> Iterator[ExamQueries]:
    """The exam queries of this user, for commands that only look."""
    with _opened(ExamQueries(Home.default(), SystemClock())) as made:
        yield made


@contextmanager
def exams() -> Iterator[ExamService]:
    """The exam service of this user, for commands that do something."""
    from mockexam.sitting.service import ExamService

    with _opened(ExamService(Home.default(), SystemClock())) as made:
        yield made


@contextmanager
def _opened(made: AnyQueries) -> Iterator[AnyQueries]:
    """Close it at the end; what had to be repaired is printed on the error stream."""
    try:
        for notice in made.notices:
            click.echo(shown(notice), err=True)
        yield made
    finally:
        made.close()


def asked_isolation() -> Isolation:
    """The isolation that the environment or the settings ask for; oddities of the settings go to the error stream.

    Raises RefusalError when they make no sense.
    """
    # Not imported by commands that only look.
    from mockexam.sitting import isolation
    from mockexam.store.settings import Settings

    settings = Settings(Home.default().settings)
    for warning in settings.warnings:
        click.echo(shown(warning), err=True)
    return isolation.chosen(settings)


def grader(wanted: Isolation | None = None) -> AbstractContextManager[Callable[[], Service]]:
    """A grading service of this command's own, made when first called for and gone when the block ends.

    Its isolation is the one `wanted`, else the one asked for. Raises RefusalError immediately when that makes no sense.
    """
    asked = asked_isolation()
    return _service(lambda: wanted or asked)


def grader_if_needed() -> AbstractContextManager[Callable[[], Service]]:
    """`grader` for commands that seldom grade: settings that make no sense matter only once a model must be tested."""
    return _service(asked_isolation)


@contextmanager
def _service(asked: Callable[[], Isolation]) -> Iterator[Callable[[], Service]]:
    made: list[Service] = []

    def service() -> Service:
        if not made:
            wanted = asked()
            from graders import Service

            made.append(Service(wanted))
            made[0].start()
        return made[0]

    try:
        yield service
    finally:
        for one in made:
            one.stop()


def say_testing(submission: Submission) -> None:
    """Print on the error stream what is being waited for."""
    testing = sentence(
        "Testing submission {number} of category {category} …", number=submission.number, category=submission.category
    )
    click.echo(shown(testing), err=True)


def running_attempt(at: ExamQueries) -> Attempt:
    """The attempt that is running; raises AttemptError when there is none."""
    attempt = at.running()
    if attempt is not None:
        return attempt
    for one in at.attempts():
        if one.state == "moved" and one.deadline is not None and at.now(one) < one.deadline:
            raise moved_away(one)
    last = next((one for one in at.attempts() if one.state == "ended"), None)
    if last is None:
        advice = sentence("Start one with `mockexam start`.")
    else:
        advice = sentence(
            "Start one with `mockexam start`. The last one's result: `mockexam results {attempt}`.", attempt=last.id
        )
    raise AttemptError(sentence("an exam that is running"), sentence("none"), advice, kind="nothing")


def columns(rows: Sequence[Sequence[str]], right: frozenset[int] = frozenset()) -> list[str]:
    """Rows as lines with aligned columns, two spaces apart; those numbered in `right` are aligned right.

    Each cell stays on its line.
    """
    rows = [tuple(map(line_of, row)) for row in rows]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = []
        for place, (cell, width) in enumerate(zip(row, widths, strict=True)):
            space = " " * (width - _width(cell))
            cells.append(space + cell if place in right else cell + space)
        lines.append("  ".join(cells).rstrip())
    return lines


OUTCOMES: dict[Outcome, Sentence] = {
    "scored": sentence("scored"),
    "refused": sentence("refused"),
    "failed": sentence("failed"),
    "unable": sentence("unable"),
}

HEADINGS = (
    sentence("Problem"),
    sentence("Tests"),
    sentence("Points"),
    sentence("of"),
    sentence("Presses"),
    sentence("Time"),
)


def standing_lines(categories: Sequence[CategoryResult]) -> list[str]:
    """The categories of a standing or result as a table."""
    rows = [("", *(shown(heading) for heading in HEADINGS))]
    for line in categories:
        tests = f"{line.tests_passed}/{line.tests}" if line.graded else "–"
        if line.pending:
            tests += " …"
        points, weight = plain(line.points), plain(line.weight)
        rows.append(
            (f"{line.category}", line.title, tests, points, weight, str(line.submissions), shown(span(line.seconds)))
        )
    table = columns(rows, right=frozenset({2, 3, 4, 5, 6}))
    table[0] = click.style(table[0], dim=True)
    return table


def allowance_words(category: int, allowance: Allowance) -> Iterator[Sentence]:
    """What a category still takes, where there are limits."""
    left = allowance.left
    if left is not None:
        yield sentences(
            "Category {category}: {count} more submission is taken.",
            "Category {category}: {count} more submissions are taken.",
            count=left,
            category=category,
        )
    if allowance.next_at is not None and left != 0:
        time = f"{allowance.next_at.astimezone():%H:%M:%S}"
        yield sentence("Category {category}: the next is taken from {time} on.", category=category, time=time)


def plain(points: float) -> str:
    """Points without needless decimals."""
    return f"{points:g}"


def span(seconds: float) -> Sentence:
    """A length of time in hours and minutes, or minutes and seconds when it is short."""
    whole = int(seconds)
    if whole >= 3600:
        return sentence("{hours} h {minutes} min", hours=whole // 3600, minutes=f"{whole % 3600 // 60:02}")
    return sentence("{minutes} min {seconds} s", minutes=whole // 60, seconds=f"{whole % 60:02}")


def size(count: int) -> Sentence:
    """A file size for people."""
    if count < 1000:
        return sentences("{count} byte", "{count} bytes", count=count)
    if count < 100_000:
        return sentence("{size} kB", size=f"{count / 1e3:.1f}")
    return sentence("{size} MB", size=f"{count / 1e6:.1f}")


def _width(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
