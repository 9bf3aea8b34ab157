"""The whole examination of `mockexam doctor`: the machine, the grader's lock, the settings and the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from graders.sentences import joined, sentence, sentences
from mockexam.errors import RefusalError
from mockexam.sitting import isolation, machine
from mockexam.sitting.machine import NOTHING_TO_DO, Check
from mockexam.store.home import Home
from mockexam.store.settings import Settings, SettingsError

if TYPE_CHECKING:
    from mockexam.sitting.service import ExamService


SETTINGS = sentence("Settings")


def examine(home: Home | None = None) -> list[Check]:
    """All checks, in the order to show them. Imports no TensorFlow; takes well under a second."""
    home = home or Home.default()
    return [*machine.checks(home), *_lock(home)]


def examine_store(exams: ExamService) -> list[Check]:
    """Whether the ledger is sound and every submitted model is there, unchanged.

    Reads them all: a second for each gigabyte or so.
    """
    attempts = exams.attempts()
    submissions = [submission for attempt in attempts for submission in exams.submissions(attempt.id)]
    # Whether it is sound was checked when it was opened.
    found = sentence(
        "sound: {attempts}, {submissions}",
        attempts=sentences("{count} attempt", "{count} attempts", count=len(attempts)),
        submissions=sentences("{count} submission", "{count} submissions", count=len(submissions)),
    )
    whole = {sha256: exams.is_whole_content(sha256) for sha256 in {one.sha256 for one in submissions}}
    damaged = [one.id for one in submissions if not whole[one.sha256]]
    return [Check(sentence("Ledger"), "ok", found, NOTHING_TO_DO), _models(len(submissions), damaged)]


def _models(submissions: int, damaged: list[str]) -> Check:
    name = sentence("Submitted models")
    if not damaged:
        return Check(name, "ok", sentence("{number} whole", number=submissions), NOTHING_TO_DO)
    found = sentence(
        "{whole} whole, {damaged} missing or changed: {names}",
        whole=submissions - len(damaged),
        damaged=len(damaged),
        names=", ".join(damaged),
    )
    return Check(name, "fail", found, sentence("Check the disk; while the exam runs, submit those models again."))


def _lock(home: Home) -> Iterator[Check]:
    from graders.client.service import isolation_here
    from graders.sandbox.report import described

    report = isolation_here(tried=True)
    level = report.level
    layers = joined(list(report.layers.values()), "; ") if level == "full" else described(report.layers)
    if report.tried:
        found = sentence("{level}, tried here: {layers}", level=level, layers=layers)
    else:
        found = sentence("{level}, not tried: {layers}", level=level, layers=layers)
    yield Check(sentence("Grader's lock"), "ok" if level == "full" else "warn", found, report.advice or NOTHING_TO_DO)
    yield from _isolation(home, level)


def _isolation(home: Home, level: str) -> Iterator[Check]:
    """The settings, and what they or the environment ask of the lock."""
    name = sentence("Isolation asked for")
    try:
        settings = Settings(home.settings)
        yield from _settings(settings)
        required = isolation.chosen(settings) == "required"
    except RefusalError as refusal:
        where = SETTINGS if isinstance(refusal, SettingsError) else name
        advice = sentence("Expected {expected}. {advice}", expected=refusal.expected, advice=refusal.advice)
        yield Check(where, "fail", refusal.found, advice)
        return
    if required and level != "full":
        found = sentence("required, and the lock isn't full here: no model will be opened")
        yield Check(name, "fail", found, sentence("Use a machine with the full lock, or unset it."))
    elif required:
        yield Check(name, "ok", sentence("required"), NOTHING_TO_DO)


def _settings(settings: Settings) -> Iterator[Check]:
    for warning in settings.warnings:
        yield Check(SETTINGS, "warn", warning, sentence("Correct the names, or take them out."))
    if not settings.warnings:
        yield Check(SETTINGS, "ok", str(settings.path), NOTHING_TO_DO)
