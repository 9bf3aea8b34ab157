"""`mockexam end`."""

from __future__ import annotations

import sys

import click

from graders.sentences import sentence
from mockexam.commands import context
from mockexam.commands.results.group import result_text
from mockexam.errors import AttemptError
from mockexam.language.catalogue import shown
from mockexam.sitting.conclusion import conclude
from mockexam.sitting.service import Attempt, ExamService


@click.command("end")
@click.option("--yes", is_flag=True, help="Don't ask.")
def command(yes: bool) -> int:
    """End the exam that is running, finish what is being tested, and show the result."""
    with context.exams() as exams:
        attempt = context.running_attempt(exams)
        with context.grader() as grader:  # settings must make sense before the end, which can't be undone
            if not yes and not _sure(exams, attempt):
                click.echo(shown(sentence("The exam goes on.")))
                return 1
            exams.end(attempt.id)
            result = conclude(exams, attempt.id, grader, context.say_testing)
        if result is None:
            raise unfinished(attempt)
        click.echo(result_text(exams, result))
    return 0


def unfinished(attempt: Attempt) -> AttemptError:
    """The error when there can be no result yet."""
    return AttemptError(
        sentence("every submission to be tested"),
        sentence("one that could not be"),
        sentence("See `mockexam doctor`, then ask again: mockexam results {attempt}", attempt=attempt.id),
        kind="fault",
    )


def _sure(exams: ExamService, attempt: Attempt) -> bool:
    if not sys.stdin.isatty():
        raise AttemptError(
            sentence("a person to answer yes or no"),
            sentence("no terminal"),
            sentence("Use `mockexam end --yes`."),
            kind="usage",
        )
    standing = exams.standing(attempt.id)
    so_far = sentence(
        "{span} left, {points} of 100 points so far.",
        span=context.span(exams.remaining(attempt)),
        points=context.plain(standing.total),
    )
    click.echo(shown(so_far))
    for line in standing.categories:
        if not line.submissions:
            nothing = sentence(
                "Nothing was submitted for category {category}, {title}: it scores 0.",
                category=line.category,
                title=line.title,
            )
            click.echo(shown(nothing))
    while True:
        question = sentence("End the exam for good? Type yes or no")
        answer = click.prompt(shown(question), type=str).strip().lower()
        if answer in ("yes", "no"):
            return bool(answer == "yes")
