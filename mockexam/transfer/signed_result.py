"""A result as a signed file, with all it was made from: anybody can check the sums and test the models again."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import msgspec

import mockexam
from graders.sentences import Sentence, sentence
from graders.verdict import Verdict
from mockexam.errors import RefusalError
from mockexam.exam.allowance import breaches
from mockexam.exam.attempt import CategoryResult, EndReason, Move, Standing
from mockexam.exam.interpreter_record import PACKAGES, InterpreterRecord
from mockexam.exam.rules import Rules
from mockexam.exam.scoring import standing
from mockexam.exam.telling import told
from mockexam.store.journal import interpreters_of
from mockexam.store.records import Submission
from mockexam.store.sidecar import AttemptRecord
from mockexam.transfer import signing

FORMAT = 1
YEARS = range(1969, 3000)  # clocks that were never set begin in 1970, in the west a day before
MINUTES = range(1, 24 * 60 + 1)
PURPOSE = "result"
Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class PackNamed(msgspec.Struct, frozen=True, kw_only=True):
    """Which pack, identified to the byte."""

    id: str
    version: str
    digest: str


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """A problem of the exam; `key` is what its five draws are made from, with the submission's number if it says so."""

    category: int
    problem: str
    key: str


class Tested(msgspec.Struct, frozen=True, kw_only=True):
    """A submission: the model by its hash (SHA-256) and size in bytes, and its verdict with receipt and isolation."""

    category: int
    number: int
    pressed_at: Instant
    graded_at: Instant | None
    file: str
    sha256: str
    bytes: int
    verdict: Verdict


class SignedResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a result file says; instants are UTC.

    `versions` are those of the machine that wrote it, `interpreters` those that the candidate's programs were run with.
    """

    format: int
    attempt: str
    candidate: str
    pack: PackNamed
    seed: int
    rules: Rules
    started_at: Instant
    deadline: Instant
    ended_at: Instant
    end_reason: EndReason
    total: float
    passed: bool
    categories: tuple[CategoryResult, ...]
    problems: tuple[Drawn, ...]
    submissions: tuple[Tested, ...]
    isolation: tuple[str, ...]
    moves: tuple[Move, ...]
    remarks: tuple[str, ...]
    versions: dict[str, str]
    interpreters: tuple[InterpreterRecord, ...] = ()


def signed_result_of(kept: AttemptRecord, submissions: tuple[Submission, ...]) -> SignedResult:
    """The result of an attempt, with what a candidate may be told; raises RefusalError when it has no result."""
    attempt, result = kept.attempt, kept.result
    if result is None or attempt.started_at is None or attempt.deadline is None:
        found = sentence("{attempt} without one", attempt=attempt.id)
        advice = sentence("End the exam, see its result, then do this again.")
        raise RefusalError(sentence("an exam with a result"), found, advice, kind="nothing")
    scorings = {row.category: row.task.scoring if row.task else None for row in kept.problems}
    shown = told(attempt.rules, scorings, submissions)
    tested = tuple(_tested(one, one.verdict) for one in shown if one.verdict is not None)
    return SignedResult(
        format=FORMAT,
        attempt=attempt.id,
        candidate=attempt.candidate,
        pack=PackNamed(id=attempt.pack_id, version=attempt.pack_version, digest=attempt.pack_digest),
        seed=attempt.seed,
        rules=attempt.rules,
        started_at=attempt.started_at,
        deadline=attempt.deadline,
        ended_at=result.ended_at,
        end_reason=result.end_reason,
        total=result.total,
        passed=result.passed,
        categories=result.categories,
        problems=tuple(
            Drawn(category=row.category, problem=row.problem_id, key=row.grading_key) for row in kept.problems
        ),
        submissions=tested,
        isolation=tuple(sorted({one.verdict.isolation for one in tested})),
        moves=attempt.moves,
        remarks=result.remarks,
        versions=_versions(),
        interpreters=interpreters_of(kept.journal),
    )


def read(content: bytes, name: str) -> SignedResult:
    """The result in a verified file's content; raises RefusalError."""
    try:
        said = msgspec.json.decode(content, type=SignedResult)
    except (msgspec.MsgspecError, RecursionError) as error:
        found = sentence("{name}: {error}", name=name, error=error)
        advice = sentence("Update mockexam if the file is newer; otherwise ask for the file as it was written.")
        raise RefusalError(sentence("a result file of this format"), found, advice) from None
    if said.format != FORMAT:
        raise RefusalError(
            sentence("a result of format {format}", format=FORMAT),
            sentence("format {format}", format=said.format),
            sentence("Update mockexam."),
        )
    if fault := _out_of_range(said):
        raise RefusalError(sentence("times of an exam"), fault, sentence("Ask for the file as mockexam wrote it."))
    return said


def _out_of_range(said: SignedResult) -> Sentence | None:
    """A time that no exam has, and no calendar can count with; worded to follow "found"."""
    times = [said.started_at, said.deadline, said.ended_at]
    times += [time for move in said.moves for time in (move.exported_at, move.imported_at) if time is not None]
    for one in said.submissions:
        times += [time for time in (one.pressed_at, one.graded_at) if time is not None]
    for time in times:
        if time.year not in YEARS:
            return sentence("the year {year}", year=time.year)
    if said.rules.minutes not in MINUTES:
        return sentence("an exam of {minutes} minutes", minutes=said.rules.minutes)
    return None


def verified(file: bytes, name: str) -> tuple[SignedResult, str]:
    """The result in a result file and the key it was signed with; raises SignatureError or RefusalError."""
    content, key = signing.verified(PURPOSE, file, name)
    return read(content, name), key


def contradictions(said: SignedResult) -> Iterator[Sentence]:
    """Where the total doesn't follow from the submissions, or times don't fit the rules; worded to follow "found"."""
    if said.deadline > said.started_at + timedelta(minutes=said.rules.minutes):
        yield sentence("a deadline later than the exam is long")
    if not said.started_at <= said.ended_at <= said.deadline:
        yield sentence("an end outside the exam")
    if any(not said.started_at <= one.pressed_at < said.deadline for one in said.submissions):
        yield sentence("a model that was submitted outside the exam")
    for category in sorted({one.category for one in said.submissions}):
        yield from breaches(said.rules, category, [one for one in said.submissions if one.category == category])
    if len(said.categories) != len(recomputed(said).categories):
        yield sentence("categories that are no problems of the exam")
    for line, follows in zip(said.categories, recomputed(said).categories, strict=False):
        if _score(line) != _score(follows):
            yield sentence(
                "category {category} with {points} points where its submissions give {follow}",
                category=line.category,
                points=f"{line.points:g}",
                follow=f"{follows.points:g}",
            )
    if (total := recomputed(said)).total != said.total or total.passed != said.passed:
        yield sentence(
            "{points} points in all where the submissions give {follow}",
            points=f"{said.total:g}",
            follow=f"{total.total:g}",
        )


def recomputed(said: SignedResult) -> Standing:
    """The standing that follows from the submissions and the rules."""
    titles = {line.category: line.title for line in said.categories}
    titles |= {drawn.category: titles.get(drawn.category, drawn.problem) for drawn in said.problems}
    by_category = {category: [one for one in said.submissions if one.category == category] for category in titles}
    return standing(titles, by_category, said.rules)


def _score(line: CategoryResult) -> tuple[object, ...]:
    return line.category, line.tests_passed, line.tests, line.points, line.weight


def _tested(submission: Submission, verdict: Verdict) -> Tested:
    return Tested(
        category=submission.category,
        number=submission.number,
        pressed_at=submission.pressed_at,
        graded_at=submission.graded_at,
        file=submission.source.name,
        sha256=submission.sha256,
        bytes=submission.bytes,
        verdict=verdict,
    )


def _versions() -> dict[str, str]:
    found = {"mockexam": mockexam.__version__, "python": platform.python_version(), "system": platform.platform()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"  # untranslated: it is signed
    return found
