"""Which Python an attempt's programs run in: a choice of this user on this machine, which never leaves it."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from graders.sentences import Sentence, sentence
from mockexam.exam.interpreter_record import InterpreterRecord
from mockexam.exam.program_rules import Generation, ProgramRules
from mockexam.files.writing import Promise, make_folder, write
from mockexam.interpreters.discovery import offers
from mockexam.interpreters.doubts import doubts
from mockexam.interpreters.installation import CONFIGURATION, installation_of
from mockexam.interpreters.interpreter import Change, Interpreter, this_python
from mockexam.interpreters.named import InterpreterError
from mockexam.interpreters.reading import Reader
from mockexam.store.home import Home
from mockexam.workspace.fault import from_os

NAME = "interpreter.json"
PRIVATE = Promise(mode=0o600)
LARGEST = 1 << 20


class Chosen(NamedTuple):
    """The Python that programs run in; `why_fallen_back` says why it isn't the one that was chosen."""

    interpreter: Interpreter
    why_fallen_back: Sentence | None = None


class _Place(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it was when its Python was chosen."""

    path: str
    leads_to: str
    device: int
    inode: int
    owner: int


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a choice; without an `executable` it is this Python."""

    format: int = 1
    keras: Generation | None = 3
    executable: str | None = None
    legacy: bool = False
    places: tuple[_Place, ...] = ()
    confirmed: tuple[str, ...] = ()
    variables: dict[str, Change] = {}
    moved: InterpreterRecord | None = None
    """The Python that programs ran in before the attempt came here; told until one is chosen."""


class Choices:
    """The choice of each attempt, in a file beside the ledger that only this user can read."""

    def __init__(self, home: Home) -> None:
        self._folder = home.attempts

    def chosen(self, attempt_id: str, rules: ProgramRules, project: Path | None = None) -> Chosen:
        """The Python for an attempt's programs, read from its files as they are now; nothing is executed.

        Another Python that is gone, that leads elsewhere or belongs to somebody else now, that others can change now,
        or that the rules don't allow, is replaced by this one, with the same generation of Keras where it may have it.
        """
        kept = self._read(attempt_id)
        if not isinstance(kept, _Kept):
            usual = this_python(rules.keras or 3)
            return Chosen(usual, None if kept is None else _told_of_damage(kept, usual))
        ours = this_python(rules.keras or kept.keras or 3)
        if kept.moved is not None:
            return Chosen(ours, _told_of_move(kept.moved, ours))
        if kept.executable is None:
            return Chosen(ours)
        found = _found_again(kept, project)
        if isinstance(found, Interpreter) and not rules.allows(found.keras, ours=False):
            found = sentence("The exam's rules don't allow it.")
        if isinstance(found, Interpreter):
            return Chosen(found)
        why = sentence(
            "The Python that you chose isn't used: {path}. {reason} Programs run in {name} until you choose another.",
            path=kept.executable,
            reason=found,
            name=ours.name(),
        )
        return Chosen(ours, why)

    def choose(
        self,
        attempt_id: str,
        interpreter: Interpreter,
        rules: ProgramRules,
        *,
        project: Path | None = None,
        confirmed: Sequence[Sentence] = (),
    ) -> None:
        """Keep a choice. `confirmed` are the doubts that somebody was told of and accepted.

        Raises InterpreterError for one that the rules don't allow or that has more doubts, and when it can't be kept.
        """
        refuse_unless_allowed(interpreter, rules)
        accepted = tuple(doubt.english for doubt in confirmed)
        for doubt in doubts(interpreter, project):
            if doubt.english not in accepted:
                raise InterpreterError(
                    sentence("a Python that nobody but you can have put there or change"),
                    doubt,
                    sentence("Confirm that you trust it, or choose another."),
                )
        kept = _Kept(keras=interpreter.keras)
        if not interpreter.ours:
            kept = _Kept(
                keras=interpreter.keras,
                executable=str(interpreter.executable),
                legacy=interpreter.legacy,
                places=tuple(_places(interpreter.executable, interpreter.prefix)),
                confirmed=accepted,
                variables=interpreter.variables,
            )
        self._write(attempt_id, kept)

    def arrived(self, attempt_id: str, last: InterpreterRecord | None) -> None:
        """Forget the choice of an attempt that was imported; `last` is the Python in which its programs ran last."""
        if last is None:
            self.forget(attempt_id)
        else:
            self._write(attempt_id, _Kept(keras=last.keras, moved=last if last.kind == "other" else None))

    def forget(self, attempt_id: str) -> None:
        """Programs run in this Python again, as if nothing had been chosen."""
        self._path(attempt_id).unlink(missing_ok=True)

    def _path(self, attempt_id: str) -> Path:
        return self._folder / attempt_id / NAME

    def _read(self, attempt_id: str) -> _Kept | Path | None:
        """What was kept, or the file that can't be believed: a damaged one, or one that others could have written."""
        path = self._path(attempt_id)
        try:
            status = path.lstat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError:
            return path
        if status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & 0o022:
            return path
        try:
            return msgspec.json.decode(Reader().content(path, LARGEST), type=_Kept)
        except (msgspec.MsgspecError, RecursionError):
            return path

    def _write(self, attempt_id: str, kept: _Kept) -> None:
        path = self._path(attempt_id)
        try:
            make_folder(path.parent, 0o700)
            write(path, msgspec.json.format(msgspec.json.encode(kept), indent=1), PRIVATE)
        except OSError as error:
            fault = from_os(error, path, sentence("to write {path}", path=path))
            raise InterpreterError(fault.expected, fault.found, fault.advice, kind="fault") from error


def refuse_unless_allowed(interpreter: Interpreter, rules: ProgramRules) -> None:
    """Raise InterpreterError for an interpreter that an exam's rules don't allow."""
    if not interpreter.ours and not rules.others:
        raise InterpreterError(
            sentence("mockexam's own Python, as the rules of this exam ask"),
            sentence("another one: {path}", path=interpreter.executable),
            sentence("Choose this Python."),
        )
    if not rules.allows(interpreter.keras, ours=interpreter.ours):
        raise InterpreterError(
            sentence("Keras {keras}, as the rules of this exam ask", keras=rules.keras),
            interpreter.name(),
            sentence("Choose this Python with Keras {keras}.", keras=rules.keras)
            if not rules.others
            else sentence("Choose this Python with Keras {keras}, or another that has it.", keras=rules.keras),
        )


def _found_again(kept: _Kept, project: Path | None) -> Interpreter | Sentence:
    """The Python that was chosen, with today's packages, or why it isn't used."""
    executable = Path(kept.executable or "")
    installation = installation_of(executable, Reader())
    if installation is None:
        return sentence("It is gone, or no Python any more.")
    if tuple(_places(executable, installation.prefix)) != kept.places:
        return sentence("What lies there is another file now, leads elsewhere or belongs to somebody else.")
    offered = offers(installation)
    wanted: Literal[2, 3] | None = 2 if kept.legacy else None
    found = next((one for one in offered if wanted in (None, one.keras)), offered[0])
    found = msgspec.structs.replace(found, variables=kept.variables)
    news = [doubt for doubt in doubts(found, project) if doubt.english not in kept.confirmed]
    return news[0] if news else found


def _places(executable: Path, prefix: Path) -> list[_Place]:
    """The files that decide what runs, as they are; fewer when one is gone."""
    found = []
    for path in (executable, prefix / CONFIGURATION):
        try:
            status = path.stat()
        except OSError:
            continue
        found.append(
            _Place(
                path=str(path),
                leads_to=os.path.realpath(path),
                device=status.st_dev,
                inode=status.st_ino,
                owner=status.st_uid,
            )
        )
    return found


def _told_of_damage(file: Path, usual: Interpreter) -> Sentence:
    return sentence(
        "The Python that was chosen can't be told from {file}, which is damaged or could have been written by others."
        " Programs run in {name} until you choose one.",
        file=file,
        name=usual.name(),
    )


def _told_of_move(last: InterpreterRecord, ours: Interpreter) -> Sentence:
    return sentence(
        "Before the exam came here, programs ran in another Python {python}. It stays where it is: here they run in"
        " {name} until you choose another.",
        python=last.python,
        name=ours.name(),
    )
