"""What is kept beside the ledger, a few small files for each attempt: enough to rebuild the ledger after damage."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from graders.sentences import sentence
from mockexam.exam.attempt import Result
from mockexam.files.writing import make_folder, write
from mockexam.store.attempts import ProblemRow
from mockexam.store.ledger import LedgerError
from mockexam.store.records import Attempt, Event, Submission
from mockexam.workspace.fault import from_os

ADVICE = sentence("Check the disk: is it full, and may you write there? What was recorded before is kept.")


@dataclass(frozen=True, kw_only=True)
class AttemptRecord:
    """An attempt as it is kept: everything but its submissions."""

    attempt: Attempt
    problems: tuple[ProblemRow, ...]
    journal: tuple[Event, ...] = ()
    result: Result | None = None


class SidecarRecords:
    """The folder of attempts. Whatever is written is written whole or not at all, and is on disk on return."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, kept: AttemptRecord) -> None:
        """Write an attempt as it now is."""
        self._write(self.folder / kept.attempt.id / "attempt.json", kept)

    def keep_submission(self, submission: Submission) -> None:
        """Write a submission as it now is."""
        name = f"submission-{submission.category}-{submission.number:04}.json"
        self._write(self.folder / submission.attempt_id / name, submission)

    def attempts(self) -> Iterator[AttemptRecord]:
        """Every attempt that can be read, oldest first."""
        found = [kept for path in self.folder.glob("*/attempt.json") if (kept := _read(path, AttemptRecord))]
        yield from sorted(found, key=lambda kept: kept.attempt.created_at)

    def forget(self, attempt_id: str) -> None:
        """Remove the files of an attempt; call it before the ledger forgets the attempt."""
        shutil.rmtree(self.folder / attempt_id, ignore_errors=True)

    def submissions(self, attempt_id: str) -> Iterator[Submission]:
        """The submissions of an attempt that can be read, by category and number."""
        for path in sorted((self.folder / attempt_id).glob("submission-*.json")):
            if submission := _read(path, Submission):
                yield submission

    def _write(self, path: Path, record: object) -> None:
        try:
            make_folder(path.parent, 0o700)
            write(path, msgspec.json.format(msgspec.json.encode(record, enc_hook=_path_as_text), indent=1))
        except OSError as error:
            fault = from_os(error, path, sentence("to write {path}", path=path))
            raise LedgerError(fault.expected, fault.found, ADVICE, kind="fault") from error


def encode(record: object) -> bytes:
    """A record as JSON."""
    return msgspec.json.encode(record, enc_hook=_path_as_text)


def decode(data: bytes, kind: type[Any]) -> Any:
    """The record that `encode` wrote; raises msgspec.MsgspecError, or RecursionError, for anything else."""
    return msgspec.json.decode(data, type=kind, dec_hook=_text_as_path)


def _read(path: Path, kind: type[Any]) -> Any:
    try:
        return decode(path.read_bytes(), kind)
    except (OSError, msgspec.MsgspecError, RecursionError):
        return None


def _path_as_text(value: object) -> str:
    if isinstance(value, Path):
        return str(value)
    raise NotImplementedError(type(value))


def _text_as_path(kind: type[Any], value: object) -> Any:
    if kind is Path and isinstance(value, str) and "\0" not in value:
        return Path(value)
    raise TypeError("a path is a text without NUL")  # untranslated: msgspec tells it as its own
