"""The problems of an exported attempt, made from the pack installed here; nothing in the file is trusted."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from graders.sentences import sentence
from mockexam.errors import AttemptError
from mockexam.packs.catalogue import Catalogue, UnknownPackError
from mockexam.packs.format.faults import PackError
from mockexam.packs.format.model import Pack
from mockexam.sitting.provisioning import Step
from mockexam.sitting.registration import rules_of
from mockexam.sitting.tasks import grading_key, hidden_set, task_of
from mockexam.store.attempts import ProblemRow
from mockexam.store.home import Home
from mockexam.store.records import Attempt

Progress = Callable[[Step], None]


def pack_of(catalogue: Catalogue, pack_id: str, version: str, digest: str) -> Pack:
    """The installed pack of that digest; AttemptError says what to install."""
    expected = sentence(
        "the pack {pack} {version} with the digest {digest}…", pack=pack_id, version=version, digest=digest[:12]
    )
    advice = sentence("Install it as it was handed out, `mockexam pack install FILE`, then do this again.")
    try:
        pack = catalogue.pack(pack_id)
    except UnknownPackError:
        found = sentence("no pack called {pack}", pack=pack_id)
        raise AttemptError(expected, found, advice, kind="nothing") from None
    except PackError as error:
        found = sentence("one with faults: {fault}", fault=error.faults[0])
        raise AttemptError(expected, found, advice, kind="nothing") from None
    if pack.digest != digest:
        found = sentence("{pack} {version} with {digest}…", pack=pack_id, version=pack.version, digest=pack.digest[:12])
        advice = sentence(
            "Install it as it was handed out, `mockexam pack install --replace FILE`, then do this again."
        )
        raise AttemptError(expected, found, advice, kind="nothing")
    return pack


def problem_rows(
    home: Home, catalogue: Catalogue, attempt: Attempt, seconds: Sequence[ProblemRow], progress: Progress
) -> tuple[ProblemRow, ...]:
    """The attempt's problems as this machine grades them, hidden sets prepared; `seconds` has the time spent on each.

    Raises AttemptError: the pack isn't installed here, or the attempt doesn't fit it.
    """
    pack = pack_of(catalogue, attempt.pack_id, attempt.pack_version, attempt.pack_digest)
    _check_exam(pack, attempt)
    spent = {row.category: row.seconds for row in seconds}
    rows = []
    for place, (category, problem_id) in enumerate(sorted(attempt.problems.items())):
        problem = pack.problem(problem_id)
        step = sentence("Preparing category {category}: {title}", category=category, title=attempt.titles[category])
        progress(Step(step, 0.8 * place / len(attempt.problems)))
        rows.append(
            ProblemRow(
                category=category,
                problem_id=problem_id,
                title=attempt.titles[category],
                grading_key=grading_key(attempt.seed, problem.uuid),
                seconds=spent.get(category, 0.0),
                task=task_of(problem, hidden_set(problem, attempt.seed, home.cache)),
            )
        )
    return tuple(rows)


def _check_exam(pack: Pack, attempt: Attempt) -> None:
    known = {problem.id: problem for problem in pack.problems}
    fits = set(attempt.problems) == set(pack.form.weights) and all(
        problem_id in known
        and known[problem_id].category == category
        and attempt.titles[category] in (known[problem_id].title, known[problem_id].title_in(attempt.language))
        for category, problem_id in attempt.problems.items()
    )
    rules = msgspec.structs.replace(rules_of(pack), retake=attempt.rules.retake)
    if not fits or rules != attempt.rules:
        raise AttemptError(
            sentence("an exam of the pack {pack}", pack=pack.id),
            sentence("other problems or rules"),
            sentence("Don't use this file."),
        )
