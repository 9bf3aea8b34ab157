"""What commands need to test models outside an exam: a problem of a pack, its data, and no exam running meanwhile."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from graders.sentences import Words, sentence
from mockexam.commands import context
from mockexam.errors import AttemptError, RefusalError
from mockexam.packs.format.model import Pack, Problem
from mockexam.store.home import Home

if TYPE_CHECKING:
    from graders.contract import Task
    from mockexam.packs.data.preparation import Prepared

pack_option = click.option("--pack", default="tensorflow-developer", show_default=True, help="A pack's id or folder.")
seed_option = click.option("--seed", type=int, default=1, show_default=True, help="What generated data is drawn with.")


def refuse_in_an_exam(advice: Words) -> None:
    """Raise AttemptError while an exam is running: what it hides must not be available beside it."""
    with context.queries() as queries:
        attempt = queries.running()
    if attempt is not None:
        found = sentence("one from the pack {pack}", pack=attempt.pack_id)
        raise AttemptError(sentence("no exam that is running"), found, advice)


def problem_of(pack: Pack, wanted: str) -> Problem:
    """The problem of that id; raises RefusalError naming those there are."""
    try:
        return pack.problem(wanted)
    except KeyError:
        known = ", ".join(problem.id for problem in pack.problems)
        expected = sentence("a problem of {pack} ({known})", pack=pack.id, known=known)
        raise RefusalError(expected, repr(wanted), sentence("Name one of them."), kind="usage") from None


def prepared(problem: Problem, public: Path, seed: int) -> Prepared:
    """The problem's data, the public half in `public`; raises RefusalError when it can't be prepared."""
    from mockexam.sitting import tasks

    return tasks.prepared(problem, seed, public, Home.default().cache, lambda fraction, detail: None)


def task(problem: Problem, public: Path, seed: int) -> Task:
    """What a grader needs to know of the problem, with its hidden set; raises RefusalError as `prepared` does."""
    from mockexam.sitting import tasks

    return tasks.asked(tasks.task_of(problem, prepared(problem, public, seed).hidden), problem.category)
