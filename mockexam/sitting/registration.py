"""What a new attempt needs: a name, a free folder and an exam drawn from a pack."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from graders.sentences import Sentence, sentence, sentences
from mockexam.errors import AttemptError
from mockexam.exam.program_rules import ProgramRules
from mockexam.exam.rules import Rules, retake_from
from mockexam.sitting.tasks import grading_key
from mockexam.store.attempts import ProblemRow
from mockexam.workspace.fault import WorkspaceError
from mockexam.workspace.place import check_place

if TYPE_CHECKING:
    from mockexam.packs.catalogue import Catalogue
    from mockexam.packs.format.model import Pack

LONGEST_NAME = 80
BUILT_IN = "tensorflow-developer"


def candidate_name(text: str) -> str:
    """The name as it will be shown; raises AttemptError for an empty one, one too long, or control characters."""
    name = " ".join(text.split())
    if name and len(name) <= LONGEST_NAME and name.isprintable():
        return name
    raise AttemptError(
        sentence("a name of 1 to {most} characters", most=LONGEST_NAME),
        _found_instead(name),
        sentence("Give the name that the result should carry."),
        kind="usage",
    )


def _found_instead(name: str) -> Sentence:
    if not name:
        return sentence("nothing")
    if len(name) > LONGEST_NAME:
        return sentences("{count} character", "{count} characters", count=len(name))
    return sentence("control characters")


def free_folder(folder: Path) -> Path:
    """The folder as an absolute path; raises AttemptError when a project can't be put there."""
    try:
        check_place(folder)
    except WorkspaceError as error:
        raise AttemptError(error.expected, error.found, error.advice, kind="usage") from error
    return Path(os.path.abspath(folder.expanduser()))  # noqa: PTH100 - a link to a folder stays a link


def exam_of(
    catalogue: Catalogue, pack_id: str | None, seed: int, met: Collection[str] = (), language: str = "en"
) -> tuple[Pack, Rules, tuple[ProblemRow, ...]]:
    """The pack, its rules, and one problem of each category, drawn by `seed`; AttemptError if there is no such pack.

    Titles are in `language` where there are translations.
    """
    from mockexam.packs.catalogue import choose_form

    pack = _pack(catalogue, pack_id)
    rows = tuple(
        ProblemRow(
            category=problem.category,
            problem_id=problem.id,
            title=problem.title_in(language),
            grading_key=grading_key(seed, problem.uuid),
        )
        for problem in choose_form(pack, seed, met)
    )
    return pack, rules_of(pack), rows


def rules_of(pack: Pack) -> Rules:
    """A pack's rules as an attempt keeps them; a class may enforce the wait even if the pack doesn't."""
    form = pack.form
    enforced = os.environ.get("MOCKEXAM_RETAKE") == "enforced"
    return Rules(
        minutes=form.minutes,
        pass_mark=float(form.pass_mark),
        weights={category: float(weight) for category, weight in form.weights.items()},
        counts=form.counts,
        retake_days=form.retake_days,
        retake="enforced" if enforced else form.retake,
        programs=ProgramRules(**msgspec.structs.asdict(pack.programs)),
        max_submissions=form.by_category("max_submissions"),
        cooldown={category: seconds for category, seconds in form.by_category("cooldown").items() if seconds},
        precision=None if form.precision is msgspec.UNSET else form.precision,
        metric_shown=form.metric_shown,
    )


def refuse_early_retake(rules: Rules, sat: Sequence[tuple[datetime, bool]], now: datetime) -> None:
    """Raise AttemptError while the rules enforce a wait that isn't over; `sat` is (ended, passed), oldest first."""
    day = retake_from(sat, rules.retake_days)
    if rules.retake != "enforced" or day is None or now >= day:
        return
    raise AttemptError(
        sentence(
            "to sit this pack again from {time} on, as its rules ask after an exam not passed",
            time=f"{day.astimezone():%Y-%m-%d %H:%M}",
        ),
        sentence(
            "{time}; the last one ended on {day}",
            time=f"{now.astimezone():%Y-%m-%d %H:%M}",
            day=f"{sat[-1][0].astimezone():%Y-%m-%d}",
        ),
        sentence("Come back then, or take an exam from another pack: `mockexam pack list` shows them."),
    )


def _pack(catalogue: Catalogue, pack_id: str | None) -> Pack:
    from mockexam.packs.catalogue import UnknownPackError
    from mockexam.packs.format.faults import PackError

    usable = {pack.id: pack for pack in catalogue.packs()}
    if pack_id is None and usable:
        return usable.get(BUILT_IN) or next(iter(usable.values()))
    try:
        return catalogue.pack(pack_id or BUILT_IN)
    except UnknownPackError as error:
        raise AttemptError(error.expected, error.found, error.advice, kind="nothing") from error
    except PackError as error:
        raise AttemptError(
            sentence("a usable pack {pack}", pack=pack_id or BUILT_IN),
            str(error.faults[0]),
            sentence("See `mockexam pack list`."),
            kind="nothing",
        ) from error
