"""`mockexam practice`: one problem without an exam, with its hints and the pass probabilities that an exam hides."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from graders.sentences import Sentence, sentence
from graders.verdict import Verdict
from mockexam.commands import context, model_question
from mockexam.commands.models import outside_exam
from mockexam.commands.pack import pack_context
from mockexam.commands.submit import EXIT_OF_OUTCOME, verdict_lines
from mockexam.errors import RefusalError, SubmissionError
from mockexam.exam.telling import Telling, precision_of
from mockexam.language.catalogue import shown
from mockexam.packs.format.model import Pack, Problem
from mockexam.sitting.model_files import model_at

STARTER, STATEMENT, HINTS, DATA = "starter.py", "PROBLEM.md", "HINTS.md", "data"


@click.command("practice")
@click.argument("problem", required=False)
@click.argument("model", required=False, type=click.Path(path_type=Path))
@outside_exam.pack_option
@click.option("--into", type=click.Path(path_type=Path), help="The folder to write to; by default one named PROBLEM.")
@outside_exam.seed_option
@pack_context.as_json
def command(problem: str | None, model: Path | None, pack: str, into: Path | None, seed: int, as_json: bool) -> int:
    """Practise one PROBLEM: no clock, nothing recorded, not while an exam is running.

    Without PROBLEM the problems are listed. Without MODEL its starter, text, hints and data are written to a folder.
    With MODEL (.h5, .keras, a SavedModel folder, or a folder with one) it is tested, and the odds of 5/5 are shown.
    """
    chosen = pack_context.pack_of(pack)
    if problem is None:
        click.echo("\n".join(_listed(chosen)))
        return 0
    outside_exam.refuse_in_an_exam(sentence("Practise when it is over; `mockexam end` ends it."))
    wanted = outside_exam.problem_of(chosen, problem)
    if model is None:
        folder = _write(wanted, into or Path(wanted.id), seed)
        click.echo(shown(_written(wanted, folder)))
        return 0
    verdict = Telling(wanted.scoring, chosen.form.metric_shown).tell(_tested(wanted, model, seed, as_json=as_json))
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(verdict), indent=2))
    else:
        lines = verdict_lines(verdict, precision=precision_of(wanted.scoring))
        click.echo("\n".join([*lines, *pass_probability_lines(verdict)]))
    return EXIT_OF_OUTCOME[verdict.outcome]


def pass_probability_lines(verdict: Verdict) -> Iterator[str]:
    """How often fresh tests would be passed, most tests first, as "5/5  93 %"."""
    if not verdict.pass_probabilities:
        return
    most = len(verdict.pass_probabilities) - 1
    shares = [
        f"{passed}/{most}  {verdict.pass_probabilities[passed]:.1%}"
        for passed in range(most, -1, -1)
        if verdict.pass_probabilities[passed]
    ]
    label = sentence("odds of fresh draws")
    if verdict.pass_probability_sets:
        label = sentence("odds of fresh draws ({sets} counted)", sets=f"{verdict.pass_probability_sets:,}")
    yield f"  {shown(label)}  " + "   ".join(shares)


def _listed(pack: Pack) -> list[str]:
    rows = [("", shown(sentence("Problem")), shown(sentence("Title")), shown(sentence("Minutes")))]
    rows += [(f"{each.category}", each.id, each.title, f"{each.minutes}") for each in pack.problems]
    return context.columns(rows, right=frozenset({3}))


def _write(problem: Problem, folder: Path, seed: int) -> Path:
    from mockexam.workspace.project import substitute

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        advice = sentence("Name another one with --into.")
        raise RefusalError(sentence("a new or empty folder"), str(folder), advice, kind="usage")
    (folder / DATA).mkdir(parents=True)
    values = outside_exam.prepared(problem, folder / DATA, seed).values
    hints = problem.hints or shown(sentence("No hints.")) + "\n"
    texts = {STARTER: problem.starter, STATEMENT: problem.statement(), HINTS: hints}
    for name, text in texts.items():
        (folder / name).write_text(substitute(text, values), "utf-8")
    return folder


def _written(problem: Problem, folder: Path) -> Sentence:
    return sentence(
        "{folder}: {starter}, {statement}, {hints} and the data. When it has saved a model:"
        " mockexam practice {problem} {model}",
        folder=folder,
        starter=STARTER,
        statement=STATEMENT,
        hints=HINTS,
        problem=problem.id,
        model=folder / "mymodel.h5",
    )


def _tested(problem: Problem, given: Path, seed: int, *, as_json: bool) -> Verdict:
    model = model_question.answered(lambda: model_at(given, problem.category), as_json=as_json).path
    if not model.exists():
        found = sentence("nothing at {path}", path=given)
        advice = sentence("Run the script to its end so that it saves the model.")
        raise SubmissionError(sentence("a model"), found, advice, kind="nothing")
    with tempfile.TemporaryDirectory() as public, context.grader() as grader:
        task = outside_exam.task(problem, Path(public), seed)
        return grader().submit(model, task, key=f"practice/{problem.id}").result()
