"""The interpreter that somebody names: by a word for this Python, by a folder, or by an executable."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import msgspec

from graders.sentences import Sentence, Words, sentence
from mockexam.errors import RefusalError
from mockexam.interpreters.discovery import OLDEST, identity, offers
from mockexam.interpreters.installation import (
    CONFIGURATION,
    Installation,
    installation_at,
    installation_of,
    is_program,
    own,
    short_version,
)
from mockexam.interpreters.interpreter import Interpreter, keras_of, this_python
from mockexam.interpreters.packages import tensorflow_version
from mockexam.interpreters.reading import Reader

THIS: dict[str, Literal[2, 3]] = {"this": 3, "keras3": 3, "keras2": 2}
"""Words for this Python, with the Keras that each asks for."""

HOW_TO_NAME = sentence(
    "Give the folder of an environment, as in ~/exam/.venv, or the executable in it, as in ~/exam/.venv/bin/python."
)
A_PYTHON = sentence("a Python {version} or newer", version=f"{OLDEST[0]}.{OLDEST[1]}")
SCRIPT = b"#!"


class InterpreterError(RefusalError):
    """A Python that can't be used, or may not be."""


def named(text: str, keras: Literal[2, 3] | None = None) -> Interpreter:
    """The interpreter for `this`, `keras2`, `keras3`, a folder or an executable; nothing is executed.

    `keras` asks for a generation where there are two. Raises InterpreterError.
    """
    if text in THIS:
        return this_python(keras or THIS[text])
    path = Path(os.path.abspath(os.path.expanduser(text)))  # noqa: PTH100, PTH111 - links stay, nobody's ~ too
    installation = _installation(path)
    if installation.version < OLDEST:
        raise InterpreterError(
            A_PYTHON,
            sentence("Python {version} at {path}", version=installation.python, path=path),
            sentence("TensorFlow 2 needs Python 3; choose another.")
            if installation.version < (3, 0)
            else sentence("It is too old; choose another."),
            kind="usage",
        )
    if identity(installation) == identity(own()):
        return this_python(keras or 3)
    return with_keras(offers(installation), keras)


def of_generation(interpreter: Interpreter, keras: Literal[2, 3]) -> Interpreter:
    """The same Python with the other generation of Keras; InterpreterError when it hasn't got that one."""
    if interpreter.keras == keras:
        return interpreter
    if interpreter.ours:
        return this_python(keras)
    found = with_keras(offers(interpreter.installation), keras)
    return msgspec.structs.replace(found, variables=interpreter.variables)


def with_keras(offered: list[Interpreter], keras: Literal[2, 3] | None) -> Interpreter:
    """Of one Python's interpreters that with the Keras asked for; InterpreterError when there is none."""
    for interpreter in offered:
        if keras is None or interpreter.keras == keras:
            return interpreter
    first = offered[0]
    version = tensorflow_version(first.versions)
    found: Words = sentence("a Python without TensorFlow ({path})", path=first.executable)
    if version is not None:
        found = sentence("TensorFlow {version} with Keras {keras}", version=version, keras=keras_of(first.versions))
    advice = sentence("Choose another Python, or this one: mockexam has both.")
    if keras == 2 and version is not None and short_version(version) > (2, 15):
        advice = sentence("Install tf_keras there, in the version of its TensorFlow, or choose another Python.")
    raise InterpreterError(sentence("a Python with Keras {keras}", keras=keras), found, advice, kind="usage")


def _installation(path: Path) -> Installation:
    reader = Reader()
    try:
        is_folder = path.is_dir()
        if not is_folder and not path.exists():
            found = (
                sentence("a link that leads nowhere: {path}", path=path)
                if path.is_symlink()
                else sentence("no such file or folder: {path}", path=path)
            )
            raise InterpreterError(A_PYTHON, found, HOW_TO_NAME, kind="usage")
    except (OSError, ValueError) as error:
        raise InterpreterError(A_PYTHON, f"{path}: {error}", HOW_TO_NAME, kind="usage") from error
    installation = installation_at(path, reader) if is_folder else None
    if is_folder and installation is None and path.name == "bin":
        installation = installation_at(path.parent, reader)
    if not is_folder and os.access(path, os.X_OK):
        installation = installation_of(path, reader)
    if installation is None:
        raise _no_python(path, reader)
    return installation


def _no_python(path: Path, reader: Reader) -> InterpreterError:
    """Why a path that is there names no Python."""
    found: Sentence
    advice = HOW_TO_NAME
    if path.is_dir():
        if (path / CONFIGURATION).is_file():
            found = sentence("an environment whose Python is gone: {path}", path=path)
            advice = sentence("Make it again with `python3 -m venv`, or choose another.")
        elif not os.access(path, os.R_OK | os.X_OK):
            found = sentence("a folder that you may not read: {path}", path=path)
        else:
            found = sentence("a folder without a Python: {path}", path=path)
    elif not path.is_file():
        found = sentence("no plain file: {path}", path=path)
    elif not os.access(path, os.X_OK):
        found = sentence("a file that can't be executed: {path}", path=path)
        advice = sentence("Name the Python itself, or ask whoever installed it for permission to run it.")
    elif reader.content(path, len(SCRIPT)) == SCRIPT:
        found = sentence("a script: {path}", path=path)
        advice = sentence("Name the Python that it starts: pyenv, for example, keeps them in ~/.pyenv/versions.")
    elif not is_program(path, reader):
        found = sentence("a file that is no program of this machine: {path}", path=path)
    else:
        found = sentence("a program that is no Python, or one whose standard library is gone: {path}", path=path)
    return InterpreterError(A_PYTHON, found, advice, kind="usage")
