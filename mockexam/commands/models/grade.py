"""`mockexam grade`: the files that others have handed in for a problem."""

from __future__ import annotations

import csv
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path

import click
import msgspec

from graders.sentences import Sentence, sentence
from graders.texts import one_line
from graders.verdict import Outcome, Verdict
from mockexam.commands import context, model_question
from mockexam.commands.exit_codes import ANSWER_IS_NO, DONE, OUR_FAULT
from mockexam.commands.models import outside_exam
from mockexam.commands.models.handed_in import HandIns
from mockexam.commands.pack import pack_context
from mockexam.errors import RefusalError
from mockexam.exam.telling import Telling, number, precision_of
from mockexam.language.catalogue import shown
from mockexam.language.verdicts import shown_reason
from mockexam.sitting.model_files import MOST_PATH
from mockexam.store.settings import CHOICES, Isolation

FIELDS = ("model", "outcome", "passed", "tests", "metrics", "link", "found", "sha256", "isolation")


@click.command("grade")
@click.argument("problem")
@click.argument("models", nargs=-1, required=True, type=click.Path(path_type=Path))
@outside_exam.pack_option
@outside_exam.seed_option
@click.option(
    "--isolation",
    "wanted",
    type=click.Choice(CHOICES),
    default="required",
    show_default=True,
    help="required: open no file without the full lock.",
)
@click.option("--csv", "as_csv", is_flag=True, help="Print a table for spreadsheets.")
@pack_context.as_json
def command(
    problem: str,
    models: tuple[Path, ...],
    pack: str,
    seed: int,
    wanted: Isolation,
    as_csv: bool,
    as_json: bool,
) -> int:
    """Test the MODELS that a class has handed in for PROBLEM; not while an exam is running.

    Each of MODELS is a .h5 or .keras file, a SavedModel folder, a zip of one, or a folder in which all such are looked
    for: where one is called mymodel, the folder is one person's, and that is tested. All meet the same tests. Nothing
    is recorded.
    """
    if as_csv and as_json:
        raise RefusalError(
            sentence("one form of output"),
            sentence("--csv and --json"),
            sentence("Leave one of them out."),
            kind="usage",
        )
    outside_exam.refuse_in_an_exam(sentence("Grade when it is over; `mockexam end` ends it."))
    from_pack = pack_context.pack_of(pack)
    chosen = outside_exam.problem_of(from_pack, problem)
    found = _handed_in(models, chosen.category, as_json=as_json)
    with tempfile.TemporaryDirectory() as public, context.grader(wanted) as grader:
        task = outside_exam.task(chosen, Path(public), seed)
        key = f"grade/{chosen.id}/{seed}"
        verdicts = _finished([grader().submit(model, task, key=key) for model in found])
    # Each is told as a first submission: these files are of different people.
    verdicts = [Telling(chosen.scoring, from_pack.form.metric_shown).tell(one) for one in verdicts]
    write = _write_json if as_json else _write_csv if as_csv else _write_table
    write(found, verdicts, precision_of(chosen.scoring))
    return exit_code(verdicts)


def _handed_in(given: Sequence[Path], category: int, *, as_json: bool) -> list[Path]:
    """What is to be tested, after asking where later copies lie beside a model; what was left is told."""
    can_ask = not as_json and model_question.is_anybody_there()
    hand_ins = HandIns(category, model_question.chosen if can_ask else None)
    for path in given:
        hand_ins.add(path)
    hand_ins.settle()
    for note in hand_ins.notes:
        click.echo(shown(note), err=True)
    return hand_ins.models


def exit_code(verdicts: Sequence[Verdict]) -> int:
    """0 when all were tested, whatever their scores; 4 when one could not be, else 1."""
    outcomes = {verdict.outcome for verdict in verdicts}
    return OUR_FAULT if "unable" in outcomes else ANSWER_IS_NO if outcomes != {"scored"} else DONE


def _finished(pending: Sequence[Future[Verdict]]) -> list[Verdict]:
    verdicts: list[Verdict] = []
    with pack_context.progress_line() as progress:
        for future in pending:
            tested = sentence("{number} of {total} tested", number=len(verdicts), total=len(pending))
            progress(len(verdicts) / len(pending), tested)
            verdicts.append(future.result())
    return verdicts


def _metrics(verdict: Verdict) -> dict[str, float]:
    """Each metric's mean over the tests: one number to compare files by."""
    names = verdict.tests[0].values if verdict.tests else ()
    return {name: sum(test.values[name] for test in verdict.tests) / len(verdict.tests) for name in names}


def _write_json(models: Sequence[Path], verdicts: Sequence[Verdict], _: int | None) -> None:
    pack_context.write_json(
        [{"model": _name(model)} | msgspec.to_builtins(one) for model, one in zip(models, verdicts, strict=True)]
    )


def _write_csv(models: Sequence[Path], verdicts: Sequence[Verdict], precision: int | None) -> None:
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(FIELDS)
    table.writerows(_row(model, verdict, precision) for model, verdict in zip(models, verdicts, strict=True))


def _row(model: Path, verdict: Verdict, precision: int | None) -> Iterator[str]:
    metrics = " ".join(f"{name}={number(value, precision)}" for name, value in _metrics(verdict).items())
    reason, receipt = verdict.reason, verdict.receipt
    yield _inert(_name(model))
    yield verdict.outcome
    yield str(verdict.passed)
    yield str(len(verdict.tests))
    yield metrics
    yield reason.link if reason else ""
    yield _inert(str(reason.found)) if reason else ""
    yield receipt.sha256 if receipt else ""
    yield verdict.isolation


def _inert(text: str) -> str:
    """A stranger's text, made such that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _write_table(models: Sequence[Path], verdicts: Sequence[Verdict], precision: int | None) -> None:
    rows = [(shown(sentence("Model")), shown(sentence("Tests")), "", "")]
    for model, verdict in zip(models, verdicts, strict=True):
        tests = f"{verdict.passed}/{len(verdict.tests)}" if verdict.tests else "–"
        detail = "  ".join(f"{name} {number(value, precision)}" for name, value in _metrics(verdict).items())
        outcome = shown(context.OUTCOMES[verdict.outcome])
        found = shown_reason(verdict.reason).found if verdict.reason else detail
        rows.append((_name(model), tests, outcome, found))
    click.echo("\n".join(context.columns(rows, right=frozenset({1}))))
    counts = Counter(verdict.outcome for verdict in verdicts)
    click.echo(", ".join(shown(_tally(outcome, count)) for outcome, count in sorted(counts.items())))


def _tally(outcome: Outcome, count: int) -> Sentence:
    return {
        "scored": sentence("{count} scored", count=count),
        "refused": sentence("{count} refused", count=count),
        "failed": sentence("{count} failed", count=count),
        "unable": sentence("{count} unable", count=count),
    }[outcome]


def _name(path: Path) -> str:
    """A path, made such that its characters can neither control a terminal nor break a table."""
    return one_line(os.fsencode(path), MOST_PATH)
