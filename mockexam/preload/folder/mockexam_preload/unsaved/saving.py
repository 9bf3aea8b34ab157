"""Writes models to files after a program has failed, while its terminal is still there."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import warnings

from . import files, opening, reading, training, wording

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


class Ended(BaseException):
    """Ctrl+C was pressed a second time: the rescue is over at once."""


def rescue(models: list[tuple[Any, int]], folder: str, program: str, begun: float) -> None:
    """Save models of a program, given with their epochs, in a folder; tell what became of each.

    `begun` is when this run of it began, in seconds since the epoch.
    """
    with contextlib.suppress(Ended), _interrupts():
        _rescue(models, folder, program, begun)


def _rescue(models: list[tuple[Any, int]], folder: str, program: str, begun: float) -> None:
    saved: list[reading.Saved] = []
    try:
        with _quiet(), files.partial(folder) as partial:
            stem = files.stem()
            for model, epochs in models:
                saved += _saved(model, epochs, _Place(folder, partial, stem, program))
        if len(saved) == len(models):
            files.remove_older(folder, program, [each.name for each in saved], begun)
    except OSError as error:
        wording.tell("no_folder", folder=folder, reason=error.strerror or error)
        return
    whole = [each for each in saved if not each.name.endswith(files.WEIGHTS)]
    with _quiet():
        for keras in sorted({each.keras for each in whole}):
            reading.tell(keras, [each for each in whole if each.keras == keras])
    if saved:
        wording.tell("not_handed_in")


class _Place:
    """Where models go: the folder, the one for what isn't whole, how names begin, and the program they are from."""

    def __init__(self, folder: str, partial: str, stem: str, program: str) -> None:
        self.folder = folder
        self.partial = partial
        self.stem = stem
        self.program = program


def _saved(model: Any, epochs: int, place: _Place) -> list[reading.Saved]:
    counted = wording.text("one_epoch" if epochs == 1 else "epochs", count=epochs)
    try:
        name = files.keep(_written(model, place.partial), place.folder, place.stem, place.program)
        saved = reading.Saved(model, name, place.folder, training.generation(model) or "keras")
    except Exception as error:
        wording.tell("not_saved", epochs=counted, reason=opening.reason(error))
        return []
    key = "weights_saved" if saved.name.endswith(files.WEIGHTS) else "saved"
    wording.tell(key, epochs=counted, file=saved.shown, load=saved.load_weights)
    return [saved]


def _written(model: Any, partial: str) -> str:
    """Write a model as .keras where its Keras can, else as .h5, as a SavedModel (Keras 2 can), or its weights alone.

    Raises what the first way raised.
    """
    first: Exception | None = None
    for suffix in (".keras", ".h5", "", files.WEIGHTS):
        path = os.path.join(partial, "model" + suffix)
        try:
            (model.save_weights if suffix == files.WEIGHTS else model.save)(path)
        except Exception as error:
            first = first or error
            continue
        # Keras before 2.12 takes .keras for a name of an HDF5 file.
        if files.content(path) is not None:
            return path
    raise first or OSError(errno.EIO, os.strerror(errno.EIO))


@contextlib.contextmanager
def _interrupts() -> Iterator[None]:
    """The first Ctrl+C is answered, a second ends the rescue, a third the process."""
    pressed: list[int] = []

    def press(number: int, frame: object) -> None:
        pressed.append(number)
        if len(pressed) == 1:
            wording.tell("pressed")
            return
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        raise Ended

    before = signal.signal(signal.SIGINT, press)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before if before is not None else signal.SIG_DFL)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """No warnings of Keras' on our behalf."""
    import logging

    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
