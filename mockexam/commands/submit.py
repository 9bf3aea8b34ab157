"""`mockexam submit`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from graders.sentences import Sentence, Words, sentence, sentences
from graders.verdict import Phase, Receipt, Verdict
from mockexam.commands import context, model_question
from mockexam.errors import RefusalError, SubmissionError
from mockexam.exam.telling import number
from mockexam.language.catalogue import shown
from mockexam.language.plain import line_of
from mockexam.language.verdicts import shown_reason
from mockexam.sitting.service import Attempt, ExamService, Standing, Submission

EXIT_OF_OUTCOME = {"scored": 0, "refused": 1, "failed": 1, "unable": 4}
RECORDED = sentence("The submission is recorded; it is tested at the latest when the exam ends.")
PHASES: dict[Phase, Sentence] = {
    "queued": sentence("queued …"),
    "copying": sentence("copying …"),
    "loading": sentence("loading …"),
    "testing": sentence("testing …"),
    "scoring": sentence("scoring …"),
}


@click.command("submit")
@click.argument("category")
@click.argument("model", required=False, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON.")
def command(category: str, model: Path | None, as_json: bool) -> int:
    """Submit the model of CATEGORY (3 or Category3) and test it.

    MODEL is a .h5 or .keras file, a SavedModel folder, or a folder with one; without it, the model in the category's
    folder, of several the newest mymodel. A later copy of it, such as "mymodel (1).h5", is asked about.
    """
    with context.exams() as exams:
        attempt = context.running_attempt(exams)
        number = category_number(category, attempt)
        selected = model_question.answered(lambda: exams.selected(attempt, number, model), as_json=as_json)
        submission = exams.submit(attempt.id, number, selected.path)
        if not as_json:
            click.echo(shown(_submitted(submission)))
        verdict = _told(exams, submission, _tested(exams, submission, quiet=as_json))
        allowance = exams.allowance(attempt.id, submission.category)
        standing, left = exams.standing(attempt.id), exams.remaining(attempt)
        earlier = any(line.graded for line in standing.categories if line.category == submission.category)
    if as_json:
        fields = msgspec.to_builtins(verdict)
        for name in ("odds", "odds_sets"):  # an exam hides them until its report
            fields.pop(name, None)
        if allowance.left is not None:
            fields["submissions_left"] = allowance.left
        if allowance.next_at is not None:
            fields["next_at"] = allowance.next_at.isoformat()
        click.echo(msgspec.json.format(msgspec.json.encode(fields), indent=2))
    else:
        lines = verdict_lines(verdict, earlier=earlier, precision=attempt.rules.precision)
        limits = context.allowance_words(submission.category, allowance)
        click.echo("\n".join([*lines, _total(standing, left), *map(shown, limits)]))
    return EXIT_OF_OUTCOME[verdict.outcome]


def category_number(text: str, attempt: Attempt) -> int:
    """The category meant by 3, category3 or Category3/; raises SubmissionError for anything else."""
    match = re.fullmatch(r"(?:category[ _-]?)?(\d{1,4})/?", text.strip(), re.IGNORECASE)
    if match and int(match.group(1)) in attempt.problems:
        return int(match.group(1))
    valid = ", ".join(f"{number} ({attempt.titles[number]})" for number in sorted(attempt.problems))
    expected, advice = sentence("a category: {valid}", valid=valid), sentence("For example: mockexam submit 3")
    raise SubmissionError(expected, repr(text), advice, kind="usage")


def verdict_lines(verdict: Verdict, *, earlier: bool = False, precision: int | None = None) -> Iterator[str]:
    """A verdict in words: the headline that the original shows, then why, then what was received.

    `earlier`: whether the problem already has a score, which a refusal leaves as it is. `precision`: to how many digits
    metrics are rounded.
    """
    yield _headline(verdict, earlier)
    if verdict.reason is not None:
        reason = shown_reason(verdict.reason)
        parts = [
            (sentence("expected"), reason.expected),
            (sentence("found"), reason.found),
            (sentence("advice"), reason.advice),
        ]
        yield from context.columns([("", shown(label), words) for label, words in parts])
    if verdict.tests:
        for name in verdict.tests[0].values:
            yield f"  {name}  " + "  ".join(number(test.values[name], precision) for test in verdict.tests)
    yield from (f"  {line_of(shown(note))}" for note in verdict.notes_in_words)
    if verdict.receipt is not None:
        facts = [*_facts(verdict.receipt), sentence("isolation {isolation}", isolation=verdict.isolation)]
        yield "  " + ", ".join(line_of(shown(fact)) for fact in facts)


def _facts(receipt: Receipt) -> Iterator[Words]:
    yield receipt.file
    yield context.size(receipt.bytes)
    yield f"sha256 {receipt.sha256[:16]}"
    if receipt.loader:
        yield sentence(
            "read by {loader} ({format}, Keras {version})",
            loader=receipt.loader,
            format=receipt.format,
            version=receipt.keras_version or sentence("unknown"),
        )
    if (count := receipt.parameters) is not None:
        yield sentences("{number} parameter", "{number} parameters", count=count, number=f"{count:,}")


def _headline(verdict: Verdict, earlier: bool) -> str:
    if verdict.outcome == "scored":
        passed, of = verdict.passed, len(verdict.tests)
        score = shown(sentence("Model tests passed: {passed}/{tests}", passed=passed, tests=of))
        return click.style(score, fg="green" if passed == of else "yellow", bold=True)
    words = {
        "refused": sentence("Not tested: the model breaks the contract. The earlier score stays.")
        if earlier
        else sentence("Not tested: the model breaks the contract."),
        "failed": sentence("Model tests passed: 0/5 (the test of the model failed)"),
        "unable": sentence("Not tested, and that is no fault of yours. Nothing is lost: submit again."),
    }
    return click.style(shown(words[verdict.outcome]), fg="red", bold=True)


def _tested(exams: ExamService, submission: Submission, *, quiet: bool) -> Verdict:
    def show(phase: Phase) -> None:
        if not quiet and sys.stderr.isatty():
            click.echo(f"\r\x1b[K{shown(PHASES[phase])}", err=True, nl=False)

    try:
        service = context.grader()
    except RefusalError:
        click.echo(shown(RECORDED), err=True)
        raise
    with service as grader:
        show("queued")
        try:
            verdict = exams.grade(submission.id, grader(), show).result()
        except KeyboardInterrupt:
            click.echo(f"\n{shown(RECORDED)}", err=True)
            raise
        finally:
            if not quiet and sys.stderr.isatty():
                click.echo("\r\x1b[K", err=True, nl=False)
    return verdict


def _told(exams: ExamService, submission: Submission, verdict: Verdict) -> Verdict:
    """The verdict as the pack's rules tell it; one that isn't in the ledger, because a test was stopped, as it is."""
    for one in exams.told(submission.attempt_id, submission.category):
        if one.id == submission.id and one.verdict is not None:
            return one.verdict
    return verdict


def _submitted(submission: Submission) -> Sentence:
    return sentence(
        "Category{category}, submission {number}: {file} ({size})",
        category=submission.category,
        number=submission.number,
        file=submission.source,
        size=context.size(submission.bytes),
    )


def _total(standing: Standing, left: float) -> str:
    total = sentence(
        "{points} of 100 points so far; {pass_mark} pass. {span} left.",
        points=context.plain(standing.total),
        pass_mark=context.plain(standing.pass_mark),
        span=context.span(left),
    )
    return f"\n{shown(total)}"
