"""Write an attempt into one file: a running one leaves this machine with it; for one that has ended it is a copy."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import IO

import mockexam
from graders.sentences import Sentence, Words, sentence
from mockexam.errors import AttemptError
from mockexam.exam.attempt import Move
from mockexam.files.writing import sweep
from mockexam.sitting.service import Attempt, ExamService, Submission
from mockexam.store.sidecar import AttemptRecord
from mockexam.transfer import bundle
from mockexam.transfer.bundle import BundleError, Label, Writing
from mockexam.workspace.bridges import Bridges
from mockexam.workspace.place import DRAFT

TRIES = 3
"""How many times to try when something is submitted meanwhile."""

LARGEST = 2 << 30
"""The largest file of a project that is exported, in bytes."""

NO_PLAIN_FILE = sentence("no plain file")


@dataclass(frozen=True)
class Exported:
    """What was written; `left_out` says which files of the project were not, and why."""

    file: Path
    attempt: Attempt
    files: int
    submissions: int
    left_out: tuple[Sentence, ...]


def export(exams: ExamService, attempt_id: str, target: Path) -> Exported:
    """Write the attempt to `target`; one that runs is moved: it can't continue here unless it is imported again.

    The clock runs on. Whole or not at all: a kill leaves the attempt running and no file, or the attempt moved and the
    file to be written again. Raises AttemptError, BundleError, SignatureError.
    """
    if os.path.lexists(target):
        raise BundleError(
            sentence("a new file"),
            sentence("{file}, which is already there", file=target),
            sentence("Give another name with --output."),
            kind="usage",
        )
    try:
        sweep(target.parent)
        for _ in range(TRIES):
            writing = Writing(target)
            try:
                if done := _export(exams, _exportable(exams, attempt_id), writing):
                    return done
            finally:
                writing.discard()
    except OSError as error:
        raise BundleError(
            sentence("to write {file}", file=target),
            error.strerror or str(error),
            sentence("Choose a folder with room for it."),
            kind="fault",
        ) from error
    raise AttemptError(
        sentence("an attempt in which nothing is being submitted"),
        sentence("one that is busy"),
        sentence("Try again in a moment."),
        kind="fault",
    )


def _exportable(exams: ExamService, attempt_id: str) -> Attempt:
    attempt = exams.attempt(attempt_id)
    if attempt.state in ("provisioning", "ready"):
        raise AttemptError(
            sentence("an exam that was started"),
            sentence("one that was not"),
            sentence("Nothing is lost if you begin one on the other machine: `mockexam start`."),
            kind="nothing",
        )
    return attempt


def _export(exams: ExamService, attempt: Attempt, writing: Writing) -> Exported | None:
    """One try; None when a submission came in meanwhile."""
    kept, submissions = exams.kept(attempt.id), exams.submissions(attempt.id)
    runs = attempt.state == "running"
    if runs:
        move = Move(token=os.urandom(8).hex(), exported_at=exams.now(attempt))
        kept = replace(kept, attempt=replace(attempt, state="moved", moves=(*attempt.moves, move)))
    left_out = [
        *_add_snapshots(exams, submissions, writing),
        *_add_project(attempt.project, writing, Bridges.of(attempt, exams.home).plain()),
    ]
    label = _label(exams, kept, submissions, writing, left_out)
    writing.seal(label, exams.home.signing_key)
    if runs and not exams.depart(attempt, move, len(submissions)):
        return None
    writing.publish()
    files = sum(name.startswith("project/") for name in writing.members)
    return Exported(writing.target, exams.attempt(attempt.id), files, len(submissions), tuple(left_out))


def _label(
    exams: ExamService,
    kept: AttemptRecord,
    submissions: tuple[Submission, ...],
    writing: Writing,
    left_out: list[Sentence],
) -> Label:
    ungraded = [one if one.verdict else replace(one, state="recorded") for one in submissions]
    return Label(
        format=bundle.FORMAT,
        made_by=mockexam.__version__,
        exported_at=exams.now(kept.attempt),
        interpreter=sys.executable,
        home=str(exams.home.folder or ""),
        kept=kept,
        submissions=tuple(ungraded),
        members=writing.members,
        left_out=tuple(reason.english for reason in left_out),
    )


def _add_snapshots(exams: ExamService, submissions: tuple[Submission, ...], writing: Writing) -> Iterator[Sentence]:
    """Add each submitted model once, as it was submitted; yields what is missing."""
    for sha256 in sorted({one.sha256 for one in submissions}):
        path = exams.snapshot(sha256)
        if not exams.is_whole_content(sha256):
            yield sentence("snapshots/{sha256}: missing, or changed on the disk", sha256=sha256)
        elif path.is_dir():
            for file in sorted(path.rglob("*")):
                if file.is_file():
                    with file.open("rb") as reading:
                        writing.add(f"snapshots/{sha256}/{file.relative_to(path).as_posix()}", reading)
        else:
            with path.open("rb") as reading:
                writing.add(f"snapshots/{sha256}", reading)


def _add_project(project: Path, writing: Writing, instead: Mapping[str, bytes | None]) -> Iterator[Sentence]:
    """Add the project's files, for some others instead or none; yields each that can't go along, with the reason."""
    if not project.is_dir():
        yield sentence("{folder}: no folder there any more; the models that were submitted travel", folder=project)
    for folder, folders, names in os.walk(project):
        folders[:] = sorted(name for name in folders if name not in ("__pycache__", DRAFT))
        for name in list(folders):
            if reason := _reason_to_leave(Path(folder, name), project):
                folders.remove(name)
                yield reason
        for name in sorted(names):
            path = Path(folder, name)
            if path.name == writing.draft.name:
                continue
            relative = path.relative_to(project).as_posix()
            inside = f"project/{relative}"
            if relative in instead:
                if (content := instead[relative]) is not None:
                    writing.add(inside, BytesIO(content))
            elif not bundle.safe_name(inside):
                name = ascii(str(path.relative_to(project)))
                yield sentence("{file}: a name that not every machine can write", file=name)
            elif isinstance(reading := _opened(path), Sentence | str):
                yield sentence("{file}: {reason}", file=path.relative_to(project), reason=reading)
            else:
                with reading:
                    writing.add(inside, reading)


def _reason_to_leave(folder: Path, project: Path) -> Sentence | None:
    name = ascii(str(folder.relative_to(project)))[1:-1]
    if folder.is_symlink():
        return sentence("{folder}: a symbolic link", folder=name)
    if (folder / "pyvenv.cfg").is_file():
        return sentence("{folder}: a virtual environment", folder=name)
    readable = os.access(folder, os.R_OK | os.X_OK)
    return None if readable else sentence("{folder}: no permission", folder=name)


def _opened(path: Path) -> IO[bytes] | Words:
    """The file open for reading, or why it stays here."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        kinds = {errno.ELOOP: sentence("a symbolic link"), errno.ENXIO: NO_PLAIN_FILE}
        return kinds.get(error.errno or 0, error.strerror or str(error))
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode) and status.st_size <= LARGEST:
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    return sentence("larger than 2 GB") if stat.S_ISREG(status.st_mode) else NO_PLAIN_FILE
