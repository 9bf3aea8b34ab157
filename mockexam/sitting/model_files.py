"""Which file or folder a person means by "my model": of a problem of an exam, or at a path."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from graders import formats
from graders.formats import FORMATS, listed
from graders.recognition.choice import Choice, choice, without_twins
from graders.recognition.names import folded, name_of
from graders.recognition.places import Place, is_folder, place
from graders.sentences import Sentence, sentence
from graders.texts import one_line
from mockexam.errors import SubmissionError
from mockexam.preload.rescued import is_rescued
from mockexam.workspace.layout import category_folder
from mockexam.workspace.watch import models_saved

NAMES = tuple(each.file_name for each in FORMATS)
"""What to look for in a category's folder when nothing there looks like a saved model yet."""
SHOWN = 4
"""Files that a message names."""
MOST_NAME, MOST_PATH = 200, 4096


class Selected(NamedTuple):
    """The model that is meant, and models beside it that were left."""

    path: Path
    others: tuple[Path, ...] = ()

    @property
    def note(self) -> Sentence | None:
        """What to tell about the others, if there are any."""
        if not self.others:
            return None
        return sentence(
            "{file} is taken. Also there: {names}.",
            file=_shown(self.path),
            names=_listing(self.others, self.path.parent),
        )


class SeveralModelsError(SubmissionError):
    """Only the person knows which of `choices` is meant: the model, or one of the later copies of it."""

    choices: tuple[Path, ...] = ()


def find_model(project: Path, category: int) -> Selected:
    """The model in the category's folder: the only one, else the newest mymodel.

    Raises SeveralModelsError where a later copy lies beside it, SubmissionError when there is none.
    """
    folder = category_folder(project, category)
    found = models_saved(folder)
    if selected := selected_of(folder, found):
        return selected
    # An empty file, or a link that leads nowhere: what is wrong with it is told when it is copied.
    if there := [path for name in NAMES if os.path.lexists(path := folder / name)]:
        return Selected(there[0])
    if not is_folder(folder):
        missing = sentence("no folder {folder}", folder=folder)
    elif found.unlisted:
        raise unlistable(folder / found.unlisted[0])
    else:
        missing = sentence("no {names} in {folder}", names=listed(NAMES), folder=folder)
    raise SubmissionError(
        sentence("a model saved as {file}", file=folder / NAMES[0]),
        missing,
        sentence("Run starter.py so that it saves one, or name the file to submit."),
        kind="nothing",
    )


def model_at(given: Path, category: int | None = None) -> Selected:
    """The model that a path means: what is there, the model in the folder, or the file whose name is spelled otherwise.

    In a whole project the one of `category` is meant. Raises SeveralModelsError and SubmissionError. A folder without
    any model is returned as it is: the grader tells what it holds instead.
    """
    path = _spelled(given)
    if name_of(path.name).is_unfinished:
        raise _unfinished(path)
    if not is_folder(path) or formats.is_model_folder(path):
        return Selected(path)
    found = place(path, skip=is_rescued)
    selected = selected_of(path, found, "" if category is None else category_folder(path, category).name)
    if selected is None and found.unlisted:
        raise unlistable(path / found.unlisted[0])
    return selected or Selected(path)


def selected_of(folder: Path, found: Place, within: str = "") -> Selected | None:
    """The model of a folder in which `found` was found; None when it holds none.

    Of several, the one in the folder called `within` is meant. Raises SeveralModelsError and SubmissionError.
    """
    selected = without_twins(choice(found, within=within), folder)
    if selected.unfinished is not None:
        raise _unfinished(folder / selected.unfinished)
    if selected.chosen is None:
        if selected.others:
            raise _several(folder, selected)
        return None
    if selected.rivals:
        raise _unclear([folder / path for path in (selected.chosen, *selected.rivals)])
    return Selected(folder / selected.chosen, tuple(folder / path for path in selected.others))


def _unclear(choices: Sequence[Path]) -> SeveralModelsError:
    first, *others = choices
    error = SeveralModelsError(
        sentence("one model, and no later copy of it"),
        sentence("{file}, and newer: {names}", file=_shown(first), names=_listing(others, first.parent)),
        sentence("Name the one that is meant, or move the other away."),
        kind="usage",
    )
    error.choices = tuple(choices)
    return error


def _several(folder: Path, selected: Choice) -> SubmissionError:
    return SubmissionError(
        sentence('one model, or one that is called "{stem}"', stem=formats.STEM),
        sentence("{folder} with {names}", folder=_shown(folder), names=_listing(selected.others)),
        sentence("Name the one that is meant."),
        kind="usage",
    )


def _unfinished(path: Path) -> SubmissionError:
    return SubmissionError(
        sentence("a file that has been downloaded to its end"),
        sentence("{file}, which is still being downloaded, or was broken off", file=_shown(path)),
        sentence("Wait until the browser has finished, download it again, or name the file to take."),
        kind="nothing",
    )


def unlistable(folder: Path) -> SubmissionError:
    """The refusal of a folder that can't be looked into: a model there would be passed over without a word."""
    why = ""
    try:
        os.scandir(folder).close()
    except OSError as error:
        why = (error.strerror or str(error)).lower()
    return SubmissionError(
        sentence("a folder that can be listed"),
        f"{one_line(os.fsencode(folder), MOST_PATH)}: {why}",
        sentence("Check that you may read it (ls -l), or name the models that you may read."),
        kind="nothing",
    )


def _spelled(given: Path) -> Path:
    """The path, or the only one beside it whose name differs in case, accents or spaces at its end."""
    if os.path.lexists(given):
        return given
    try:
        alike = [path for path in given.parent.iterdir() if folded(path.name) == folded(given.name)]
    except (OSError, ValueError):
        return given
    return alike[0] if len(alike) == 1 else given


def _listing(paths: Sequence[Path], folder: Path | None = None) -> Sentence | str:
    names = [
        _shown(path.relative_to(folder) if folder is not None and path.is_relative_to(folder) else path)
        for path in paths
    ]
    listed = ", ".join(names[:SHOWN])
    if len(names) <= SHOWN:
        return listed
    return sentence("{names} and {count} more", names=listed, count=len(names) - SHOWN)


def _shown(path: Path) -> str:
    """A path, made such that its characters can't control a terminal."""
    return one_line(os.fsencode(path), MOST_NAME)
