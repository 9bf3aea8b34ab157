"""The advice under a traceback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import msgspec

from graders.sentences import Sentence
from mockexam.inspections.advice import shapes, surroundings
from mockexam.inspections.advice.failure import Failure, failures
from mockexam.inspections.advice.surroundings import Surroundings, killed_for_memory
from mockexam.inspections.pattern import Generation, Look, Pattern
from mockexam.inspections.table import PATTERNS

Allowed = Literal["all", "api", "none"]
"""What a pack lets stand under a traceback: everything, what has changed in TensorFlow and Keras, or nothing."""


class Place(msgspec.Struct, frozen=True):
    """A line of a file of the project, counted from 1."""

    path: Path
    line: int


class Advice(msgspec.Struct, frozen=True, kw_only=True):
    """What is told: `words` say what happened, `replacement` what to write or do instead.

    `pattern` is an id of the table, "missing-package", or the kind of what didn't fit or was lacking; `section` is the
    page's section on it, if there is one. `fixable`: an inspection of the file may offer a fix. `keras_2`: the same
    program would get past this under Keras 2.
    """

    pattern: str
    words: Sentence
    replacement: Sentence | None = None
    place: Place | None = None
    section: str | None = None
    fixable: bool = False
    keras_2: bool = False


def advise(
    output_tail: str,
    *,
    keras: Generation | None,
    allowed: Allowed,
    project: Path,
    folder: Path | None = None,
    python: str = "",
    elsewhere: Callable[[str], str | None] = lambda module: None,
    killed: bool = False,
) -> Advice | None:
    """What to tell about a program that failed; None where nothing is known, or may be said.

    `output_tail` is the end of its output, without colours. `keras` is the generation it ran under, `folder` where it
    ran (the project, unless given), `python` the path of its Python, `elsewhere` names another Python for a module.
    `killed`: the system ended it because memory ran out. Reads the names of the project's files, none of the files.
    """
    if allowed == "none":
        return None
    if killed:
        return _of(killed_for_memory(), None) if allowed == "all" else None
    around = Surroundings(folder or project, project, python, elsewhere)
    found = failures(output_tail)
    place = next((one for failure in found if (one := _place(failure, around)) is not None), None)
    for failure in found:
        for pattern in _known(failure, keras):
            if allowed == "all" or pattern.kind == "api":
                return _of_pattern(pattern, keras, place)
        if allowed == "all":
            for told in _beside(failure, around):
                return _of(told, place)
    return None


def _known(failure: Failure, keras: Generation | None) -> Iterator[Pattern]:
    """The entries of the table whose failure looks so, under the generation that the program got."""
    for pattern in PATTERNS:
        if pattern.raises(keras) and any(_fits(look, failure) for look in pattern.looks):
            yield pattern


def _fits(look: Look, failure: Failure) -> bool:
    return failure.exception in look.exception.split("|") and look.message.search(failure.message) is not None


def _beside(failure: Failure, around: Surroundings) -> Iterator[tuple[str, Sentence, Sentence | None]]:
    yield from ((kind, words, None) for kind, words in shapes.told(failure))
    yield from surroundings.told(failure, around)


def _of_pattern(pattern: Pattern, keras: Generation | None, place: Place | None) -> Advice:
    return Advice(
        pattern=pattern.id,
        words=pattern.fails,
        replacement=pattern.replacement,
        place=place,
        section=pattern.id,
        fixable=place is not None and bool(pattern.example.after),
        keras_2=keras == 3 and 2 not in pattern.since,
    )


def _of(told: tuple[str, Sentence, Sentence | None], place: Place | None) -> Advice:
    kind, words, replacement = told
    return Advice(pattern=kind, words=words, replacement=replacement, place=place)


def _place(failure: Failure, around: Surroundings) -> Place | None:
    """The innermost line of the project's own files that was running."""
    for frame in reversed(failure.frames):
        path = around.folder / frame.path
        # What is compiled tells relative paths of its own sources.
        if path.is_relative_to(around.project) and "site-packages" not in path.parts and _is_file(path):
            return Place(path, frame.line)
    return None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False
