"""Bring an exported attempt to this machine: checked against the pack, with its deadline and never with more time."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

import msgspec

from graders.sentences import Sentence, sentence
from mockexam.errors import AttemptError
from mockexam.exam.attempt import Move
from mockexam.exam.clock import TOLERANCE, anchored
from mockexam.interpreters.choices import Choices
from mockexam.sitting.provisioning import Step
from mockexam.sitting.service import Attempt, Event, ExamService
from mockexam.store.attempts import ProblemRow
from mockexam.store.journal import last_interpreter
from mockexam.store.sidecar import AttemptRecord
from mockexam.transfer.bundle import Bundle, BundleError, Label, opened
from mockexam.transfer.consistency import check_plausible
from mockexam.transfer.pending_import import PendingImport
from mockexam.transfer.problems import problem_rows
from mockexam.workspace import layout
from mockexam.workspace.draft import Draft
from mockexam.workspace.editors import editor_files
from mockexam.workspace.fault import WorkspaceError
from mockexam.workspace.place import project_owner

Progress = Callable[[Step], None]


def bring(exams: ExamService, file: Path, project: Path, progress: Progress = lambda step: None) -> Attempt:
    """Import the attempt in `file`, its project into the new folder `project`.

    Raises AttemptError, BundleError, SignatureError or SubmissionError, with nothing changed here. After a kill the
    attempt is here, whole, or the same call imports it.
    """
    with opened(file) as bundle:
        label = bundle.label
        check_plausible(label)
        local = _admitted(exams, label)
        exams.refuse_while_running()
        problems = problem_rows(exams.home, exams.catalogue, label.kept.attempt, label.kept.problems, progress)
        folder = Path(project).expanduser().absolute()
        arrival = PendingImport(exams.home.attempts, label.kept.attempt.id, bundle.digest, folder)
        if arrival.blocked:
            raise BundleError(
                sentence("a new folder for the project"),
                sentence("a project in {folder}", folder=folder),
                sentence("Name another with --project."),
                kind="usage",
            )
        _take_snapshots(exams, bundle)
        _unpack(bundle, folder, exams.home.folder, arrival, progress)
        attempt, events = _arrived(exams, label, local, folder)
        # A choice made here before it left is no more believed than one from elsewhere: the project came from outside.
        Choices(exams.home).arrived(attempt.id, last_interpreter(label.kept.journal))
        _arrive(exams, label, attempt, problems, events)
        arrival.clear()
    return exams.attempt(attempt.id)


def _admitted(exams: ExamService, label: Label) -> Attempt | None:
    """The same attempt as it is known here, or None; raises AttemptError unless the file continues it."""
    coming = label.kept.attempt
    local = next((one for one in exams.attempts() if one.id == coming.id), None)
    mark = exams.mark(coming.id)
    known = local.state if local else mark.state if mark else None
    moves = local.moves if local else mark.moves if mark else ()
    if known is None:
        return None
    goes_on = tuple(_tokens(coming.moves)[: len(moves)]) == _tokens(moves)
    if known == "moved" and goes_on:
        return local
    if known == "moved":
        found = sentence("an older copy: the exam has gone on since")
        advice = sentence("Import the file that was exported last.")
    elif local is None and known == "running":
        return None  # its ledger is lost; the mark still has the time
    elif known == "ended":
        found = sentence("one that has ended here")
        advice = sentence("See `mockexam results {attempt}`.", attempt=coming.id)
    else:
        found = sentence("one that runs here")
        advice = sentence("Go on with it: `mockexam start`.")
    raise AttemptError(sentence("an exam that is not here already"), found, advice)


def _tokens(moves: tuple[Move, ...]) -> tuple[str, ...]:
    return tuple(move.token for move in moves)


def _take_snapshots(exams: ExamService, bundle: Bundle) -> None:
    missing = []
    for sha256 in sorted({one.sha256 for one in bundle.label.submissions}):
        if f"snapshots/{sha256}" not in bundle.label.members and not bundle.below(f"snapshots/{sha256}"):
            missing.append(sha256)
            continue
        exams.adopt(sha256, partial(bundle.snapshot, sha256))
    if missing and any(one.verdict is None and one.sha256 in missing for one in bundle.label.submissions):
        found = sentence("{number} missing in {name}", number=len(missing), name=bundle.name)
        raise BundleError(sentence("every submitted model"), found, sentence("Export it again."))


def _unpack(bundle: Bundle, folder: Path, home: Path | None, arrival: PendingImport, progress: Progress) -> None:
    """Put the project into place, unless an earlier try did; `home` is this machine's MOCKEXAM_HOME."""
    progress(Step(sentence("Unpacking the project"), 0.8, str(folder)))
    try:
        with arrival.noted():
            draft = Draft.begin(folder, bundle.label.kept.attempt.id, needed=bundle.bytes)
            if not draft.finished:
                _fill(bundle, draft, home)
                draft.publish()
    except WorkspaceError as error:
        raise AttemptError(error.expected, error.found, error.advice, kind="usage") from error


def _fill(bundle: Bundle, draft: Draft, home: Path | None) -> None:
    """Write the project, whole but not yet in place."""
    try:
        shutil.rmtree(draft.content)
        draft.content.mkdir()
        bundle.unpack("project", draft.content)
        # It names files by where they were, and a stranger's could name any file of this user.
        shutil.rmtree(layout.unsaved(draft.content), ignore_errors=True)
        _settle_in(bundle.label, draft, home)
    except BaseException as error:
        draft.discard()
        if isinstance(error, OSError):
            raise BundleError(
                sentence("to write {folder}", folder=draft.folder),
                error.strerror or str(error),
                sentence("Choose another folder."),
                kind="fault",
            ) from error
        raise


def _settle_in(label: Label, draft: Draft, home: Path | None) -> None:
    """Make the editors' files name this machine's Python and home, and the marker name this attempt."""
    attempt = label.kept.attempt
    categories = sorted(attempt.problems)
    there = editor_files(categories, label.interpreter, Path(label.home) if label.home else None)
    here = editor_files(categories, sys.executable, home)
    for name in (*here, "README.md"):
        path = draft.content / name
        if not path.is_file():
            continue
        content = path.read_bytes()
        untouched = name in here and content == there[name].encode()
        # An empty MOCKEXAM_HOME counts as unset.
        names = {label.interpreter: sys.executable, label.home: str(home or "")}
        path.write_bytes(here[name].encode() if untouched else _renamed(content, names))
    if project_owner(draft.content) != attempt.id:
        layout.marker(draft.content).parent.mkdir(exist_ok=True)
        marker = {
            "format": 1,
            "attempt": attempt.id,
            "pack": attempt.pack_id,
            "pack_version": attempt.pack_version,
            "language": attempt.language,
            "categories": {
                str(category): {"problem": problem, "title": attempt.titles[category]}
                for category, problem in attempt.problems.items()
            },
        }
        layout.marker(draft.content).write_bytes(msgspec.json.encode(marker))


def _renamed(content: bytes, names: dict[str, str]) -> bytes:
    """The content with old names replaced by new ones; of names that begin alike the longer one is meant."""
    old = [re.escape(name.encode()) for name in sorted(names, key=len, reverse=True) if name]
    if not old:
        return content
    return re.sub(b"|".join(old), lambda found: names[found[0].decode()].encode(), content)


def _arrived(exams: ExamService, label: Label, local: Attempt | None, folder: Path) -> tuple[Attempt, list[Event]]:
    """The attempt as it continues here. The time is the latest of the file's, this clock's and this ledger's."""
    coming = replace(label.kept.attempt, project=folder)
    if coming.state == "ended":
        return coming, []
    reading = exams.clock.reading()
    now = max(label.exported_at, reading.utc, *([exams.now(local), local.seen_at or reading.utc] if local else []))
    if (mark := exams.mark(coming.id)) is not None:
        now = max(now, mark.seen_at)
    behind = (now - reading.utc).total_seconds()
    moves = (*coming.moves[:-1], msgspec.structs.replace(coming.moves[-1], imported_at=now))
    attempt = replace(
        coming, state="running", seen_at=now, anchor=anchored(now, reading), wall_shift=-behind, moves=moves
    )
    detail = _told(label.exported_at, now, behind, back=local is not None).english
    return attempt, [Event(at=now, kind="moved", detail=detail)]


def _told(exported: datetime, now: datetime, behind: float, *, back: bool) -> Sentence:
    """What the journal says about the move."""
    values = {"exported": f"{exported.astimezone():%H:%M}", "imported": f"{now.astimezone():%H:%M}"}
    if behind < TOLERANCE and back:
        return sentence(
            "exported {exported}, imported {imported} back on a machine it had left; deadline kept", **values
        )
    if behind < TOLERANCE:
        return sentence("exported {exported}, imported {imported} on another machine; deadline kept", **values)
    values["minutes"] = f"{round(behind / 60)}"
    if back:
        return sentence(
            "exported {exported}, imported {imported} back on a machine it had left, whose clock is {minutes} min"
            " behind; deadline kept",
            **values,
        )
    return sentence(
        "exported {exported}, imported {imported} on another machine, whose clock is {minutes} min behind;"
        " deadline kept",
        **values,
    )


def _arrive(
    exams: ExamService, label: Label, attempt: Attempt, problems: tuple[ProblemRow, ...], events: list[Event]
) -> None:
    kept = AttemptRecord(
        attempt=attempt,
        problems=problems,
        journal=(*label.kept.journal, *events),
        result=label.kept.result if attempt.state == "ended" else None,
    )
    exams.arrive(kept, label.submissions)
