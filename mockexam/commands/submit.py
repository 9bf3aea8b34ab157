"""`mockexam submit`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from graders.verdict import Phase, Verdict
from mockexam.commands import context
from mockexam.errors import RefusalError, SubmissionError
from mockexam.language.catalogue import shown
from mockexam.language.verdicts import shown_reason
from mockexam.sitting.service import Attempt, ExamService, Standing, Submission

EXIT_OF_OUTCOME = {"scored": 0, "refused": 1, "failed": 1, "unable": 4}
RECORDED = "The submission is recorded; it is tested at the latest when the exam ends."


@click.command("submit")
@click.argument("category")
@click.argument("model", required=False, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON.")
def command(category: str, model: Path | None, as_json: bool) -> int:
    """Submit the model of CATEGORY (3 or Category3) and test it.

    MODEL is a .h5 or .keras file or a SavedModel folder; without it, the newest mymodel in the category's folder.
    """
    with context.exams() as exams:
        attempt = context.running_attempt(exams)
        submission = exams.submit(attempt.id, category_number(category, attempt), model)
        if not as_json:
            click.echo(f"Category{submission.category}, submission {submission.number}: {_origin(submission)}")
        verdict = _tested(exams, submission, quiet=as_json)
        standing, left = exams.standing(attempt.id), exams.remaining(attempt)
        earlier = any(line.graded for line in standing.categories if line.category == submission.category)
    if as_json:
        fields = msgspec.to_builtins(verdict)
        for name in ("odds", "odds_sets"):  # an exam keeps them to itself until its report
            fields.pop(name, None)
        click.echo(msgspec.json.format(msgspec.json.encode(fields), indent=2))
    else:
        click.echo("\n".join([*verdict_lines(verdict, earlier=earlier), _total(standing, left)]))
    return EXIT_OF_OUTCOME[verdict.outcome]


def category_number(text: str, attempt: Attempt) -> int:
    """The category meant by 3, category3 or Category3/; raises SubmissionError for anything else."""
    match = re.fullmatch(r"(?:category[ _-]?)?(\d{1,4})/?", text.strip(), re.IGNORECASE)
    if match and int(match.group(1)) in attempt.problems:
        return int(match.group(1))
    valid = ", ".join(f"{number} ({attempt.titles[number]})" for number in sorted(attempt.problems))
    raise SubmissionError(f"a category: {valid}", repr(text), "For example: mockexam submit 3", kind="usage")


def verdict_lines(verdict: Verdict, *, earlier: bool = False) -> Iterator[str]:
    """A verdict in words: the line of the original first, then why, then what was received.

    `earlier`: whether a score of the same problem stands, which a refusal leaves as it is.
    """
    yield _headline(verdict, earlier)
    if verdict.reason is not None:
        reason = shown_reason(verdict.reason)
        yield f"  expected  {reason.expected}"
        yield f"  found     {reason.found}"
        yield f"  advice    {reason.advice}"
    if verdict.tests:
        for name in verdict.tests[0].values:
            yield f"  {name}  " + "  ".join(f"{test.values[name]:.4f}" for test in verdict.tests)
    yield from (f"  {note}" for note in verdict.notes)
    if (receipt := verdict.receipt) is not None:
        facts = [receipt.file, shown(context.size(receipt.bytes)), f"sha256 {receipt.sha256[:16]}"]
        if receipt.loader:
            facts.append(f"read by {receipt.loader} ({receipt.format}, Keras {receipt.keras_version or 'unknown'})")
        if receipt.parameters is not None:
            facts.append(f"{receipt.parameters:,} parameters")
        facts.append(f"isolation {verdict.isolation}")
        yield "  " + ", ".join(facts)


def _headline(verdict: Verdict, earlier: bool) -> str:
    if verdict.outcome == "scored":
        passed, of = verdict.passed, len(verdict.tests)
        return click.style(f"Model tests passed: {passed}/{of}", fg="green" if passed == of else "yellow", bold=True)
    words = {
        "refused": "Not tested: the model breaks the contract." + " The earlier score stays." * earlier,
        "failed": "Model tests passed: 0/5 (the test of the model failed)",
        "unable": "Not tested, and that is no fault of yours. Nothing is lost: submit again.",
    }
    return click.style(words[verdict.outcome], fg="red", bold=True)


def _tested(exams: ExamService, submission: Submission, *, quiet: bool) -> Verdict:
    def show(phase: Phase) -> None:
        if not quiet and sys.stderr.isatty():
            click.echo(f"\r\x1b[K{phase} …", err=True, nl=False)

    try:
        service = context.grader()
    except RefusalError:
        click.echo(RECORDED, err=True)
        raise
    with service as grader:
        show("queued")
        try:
            verdict = exams.grade(submission.id, grader(), show).result()
        except KeyboardInterrupt:
            click.echo(f"\n{RECORDED}", err=True)
            raise
        finally:
            if not quiet and sys.stderr.isatty():
                click.echo("\r\x1b[K", err=True, nl=False)
    return verdict


def _origin(submission: Submission) -> str:
    return f"{submission.source} ({context.size(submission.bytes)})"


def _total(standing: Standing, left: float) -> str:
    total, mark = context.plain(standing.total), context.plain(standing.pass_mark)
    return f"\n{total} of 100 points so far; {mark} pass. {context.span(left)} left."
