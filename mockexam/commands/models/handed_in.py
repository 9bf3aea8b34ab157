"""What a class has handed in: the models below a folder, and the folders in which there is none."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from graders import formats
from graders.recognition.names import is_litter, name_of
from graders.recognition.places import DATA, Place, is_folder, place
from graders.sentences import Sentence, Words, joined, sentence
from graders.texts import one_line
from mockexam.errors import SubmissionError
from mockexam.preload.rescued import is_rescued
from mockexam.sitting.model_files import SeveralModelsError, model_at, selected_of, unlistable
from mockexam.workspace.layout import category_folder

Ask = Callable[[tuple[Path, ...]], tuple[Path, ...]]
"""Given a model and later copies of it, returns those that are to be tested."""


class HandIns:
    """What is to be tested of the paths that it is given, in `models`, and in `notes` what was left.

    `category` is that of the problem: of a whole project its folder counts. `ask` is None where nobody can be asked.
    """

    def __init__(self, category: int, ask: Ask | None = None) -> None:
        self.models: list[Path] = []
        self.notes: list[Sentence] = []
        self._category = category
        self._ask = ask
        self._unclear: list[SeveralModelsError] = []

    def add(self, given: Path) -> None:
        """Add the model at a path, or all below a folder that isn't one.

        A folder with a model that is called as starters call it is one person's: of these one is taken, as Submit
        takes it. Where none is called so, each model is somebody's. A folder right below that has no model is added
        itself, so that the grader says what it holds. What a rescue has saved is nobody's hand-in until it is renamed,
        and links to folders aren't followed. Raises SubmissionError when there is nothing, or a folder that can't be
        listed.
        """
        if not is_folder(given) or formats.is_model_folder(given):
            self._add_file(given)
            return
        found = self._below(given, top=True)
        if not found:
            raise _nothing(
                sentence("models, each of them {format}, or zips of them", format=formats.ANY),
                sentence("none below {folder}", folder=given),
                sentence("Name another folder."),
            )
        if not self._is_project(given):
            found += [folder for folder in _folders(given) if self._is_without(folder, found)]
        self.models += sorted(found)

    def settle(self) -> None:
        """Raise SubmissionError that names all models of which nobody could be asked which is meant."""
        if self._unclear:
            raise SubmissionError(
                self._unclear[0].expected,
                joined([one.found for one in self._unclear], "; "),
                sentence("Name those to be tested, or move the others away."),
                kind="usage",
            )

    def _add_file(self, given: Path) -> None:
        try:
            path = model_at(given).path
        except SubmissionError:  # a download that hasn't ended: the grader says so in its line
            path = given
        if not os.path.lexists(path):
            raise _nothing(
                sentence("a model or a folder of models"),
                sentence("nothing at {path}", path=given),
                sentence("Name one that is there."),
            )
        self.models.append(path)

    def _below(self, folder: Path, *, top: bool = False, owned: bool = False) -> list[Path]:
        """The hand-ins in a folder: one, if a model there is called as starters call it, unless the folder is `top`.

        `owned`: such a model lies beside the folder, so that others in it are part of what its owner has.
        """
        if self._is_project(folder):
            return self._taken(folder, place(folder, skip=is_rescued), category_folder(folder, self._category).name)
        here = place(folder, skip=is_rescued, depth=1, data=False)
        if Path() in here.unlisted:
            raise unlistable(folder)
        if any(name_of(model.path.name).is_meant for model in here.models):
            if not top:
                return self._taken(folder, place(folder, skip=is_rescued), "")
            found, owned = self._taken(folder, here, ""), True
        elif owned:
            found = []
        else:
            found = [folder / model.path for model in here.models] or [folder / one.path for one in here.unfinished]
            found += [path for path in _archives(folder) if path not in found]
        for inner in _folders(folder):
            if inner not in found:
                found += self._below(inner, owned=owned)
        return found

    def _taken(self, folder: Path, found: Place, within: str) -> list[Path]:
        """The hand-in of a folder, or those that are meant; the folder itself where the grader is to say why not."""
        try:
            selected = selected_of(folder, found, within)
        except SeveralModelsError as several:
            if self._ask is not None:
                return list(self._ask(several.choices))
            self._unclear.append(several)
            return list(several.choices)
        except SubmissionError:
            return [folder]
        if selected is None:
            return [folder]
        if selected.note is not None:
            self.notes.append(selected.note)
        return [selected.path]

    def _is_without(self, folder: Path, found: Sequence[Path]) -> bool:
        """Whether nothing was found in a folder; one with nothing but rescued models is told in a note."""
        if any(path.is_relative_to(folder) for path in found):
            return False
        if place(folder).models:
            note = sentence(
                "{folder} has only models that a rescue has saved. Name one to have it tested.",
                folder=one_line(os.fsencode(folder)),
            )
            self.notes.append(note)
            return False
        return True

    def _is_project(self, folder: Path) -> bool:
        return is_folder(category_folder(folder, self._category))


def _folders(folder: Path) -> list[Path]:
    """The folders in which hand-ins may lie; raises SubmissionError when they can't be listed."""
    try:
        with os.scandir(folder) as entries:
            found = [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        raise unlistable(folder) from None
    passed = [path for path in found if not (is_litter(path.name) or is_rescued(path.name) or path.name == DATA)]
    return sorted(path for path in passed if not path.name.startswith("."))


def _archives(folder: Path) -> list[Path]:
    """Zips, whatever they are called and hold: somebody has handed them in."""
    return [
        path for path in folder.iterdir() if name_of(path.name).is_zip and path.is_file() and not is_litter(path.name)
    ]


def _nothing(expected: Words, found: Words, advice: Words) -> SubmissionError:
    return SubmissionError(expected, found, advice, kind="nothing")
