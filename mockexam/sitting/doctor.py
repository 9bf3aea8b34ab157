"""The whole examination of `mockexam doctor`: the machine, the grader's lock, the settings and the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mockexam.errors import RefusalError
from mockexam.sitting import isolation, machine
from mockexam.sitting.machine import Check
from mockexam.store.home import Home
from mockexam.store.settings import Settings, SettingsError

if TYPE_CHECKING:
    from mockexam.sitting.service import ExamService


def examine(home: Home | None = None) -> list[Check]:
    """Everything, in the order to show it. Imports no TensorFlow; takes well under a second."""
    home = home or Home.default()
    return [*machine.checks(home), *_lock(home)]


def examine_store(exams: ExamService) -> list[Check]:
    """Whether the ledger is sound and every submitted model is there, unchanged.

    Reads them all: a second for each gigabyte or so.
    """
    attempts = exams.attempts()
    submissions = [submission for attempt in attempts for submission in exams.submissions(attempt.id)]
    found = f"sound: {len(attempts)} attempts, {len(submissions)} submissions"  # it was checked when it was opened
    whole = {sha256: exams.is_whole_content(sha256) for sha256 in {one.sha256 for one in submissions}}
    damaged = [one.id for one in submissions if not whole[one.sha256]]
    return [Check("Ledger", "ok", found, "Nothing to do."), _models(len(submissions), damaged)]


def _models(submissions: int, damaged: list[str]) -> Check:
    if not damaged:
        return Check("Submitted models", "ok", f"{submissions} whole", "Nothing to do.")
    found = f"{submissions - len(damaged)} whole, {len(damaged)} missing or changed: {', '.join(damaged)}"
    return Check("Submitted models", "fail", found, "Check the disk; while the exam runs, submit those models again.")


def _lock(home: Home) -> Iterator[Check]:
    import graders

    report = graders.isolation_report(tried=True)
    level, how = report["level"], "tried here" if report["tried"] else "not tried"
    layers = "; ".join(report["layers"].values() if level == "full" else map(" ".join, report["layers"].items()))
    advice = report["advice"] or "Nothing to do."
    yield Check("Grader's lock", "ok" if level == "full" else "warn", f"{level}, {how}: {layers}", advice)
    try:
        settings = Settings(home.settings)
        yield _settings(settings)
        required = isolation.chosen(settings) == "required"
    except RefusalError as refusal:
        name = "Settings" if isinstance(refusal, SettingsError) else "Isolation asked for"
        yield Check(name, "fail", str(refusal.found), f"Expected {refusal.expected}. {refusal.advice}")
        return
    if required and level != "full":
        found = "required, and the lock isn't full here: no model will be opened"
        yield Check("Isolation asked for", "fail", found, "Use a machine with the full lock, or unset it.")
    elif required:
        yield Check("Isolation asked for", "ok", "required", "Nothing to do.")


def _settings(settings: Settings) -> Check:
    if settings.warnings:
        return Check("Settings", "warn", " ".join(map(str, settings.warnings)), "Correct the names, or take them out.")
    return Check("Settings", "ok", str(settings.path), "Nothing to do.")
