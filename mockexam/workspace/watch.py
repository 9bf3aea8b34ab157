"""Notices when training has saved a model, or a download has brought one."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from graders import formats
from graders.recognition.choice import choice, without_twins
from graders.recognition.places import Model, Place, place
from mockexam.preload.rescued import is_rescued

MOST_ENTRIES = 1000
"""A category's folder has a handful of files; it is looked at each second."""

Fingerprint = tuple[int, int]  # when it was changed, bytes


def models_saved(folder: Path) -> Place:
    """What lies in a category's folder: models, but none among the problem's data, and none that a rescue has left."""
    return place(folder, skip=is_rescued, data=False, most=MOST_ENTRIES)


class ModelWatch:
    """Finds the models in a folder, files or folders, that are new or changed, at rest, and what Submit would take.

    A model is reported once, when its size and time haven't changed for `quiet` seconds. What was there at the start
    isn't reported until it changes. Poll it about once a second; a poll costs a few calls of the system.
    """

    def __init__(self, folder: Path, *, quiet: float = 1.5, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.folder = folder
        self.quiet = quiet
        self._monotonic = monotonic
        self._reported = self._fingerprints(models_saved(folder))
        self._moving: dict[Path, tuple[Fingerprint, float]] = {}

    def poll(self) -> list[Path]:
        """The models that came to rest since the last poll, oldest change first."""
        now = self._monotonic()
        rested = []
        found = models_saved(self.folder)
        models = self._fingerprints(found)
        for path, fingerprint in models.items():
            if self._reported.get(path) == fingerprint:
                self._moving.pop(path, None)
            elif self._moving.get(path, (None, 0.0))[0] != fingerprint:
                self._moving[path] = (fingerprint, now)
            elif now - self._moving[path][1] >= self.quiet:
                del self._moving[path]
                self._reported[path] = fingerprint
                rested.append(path)
        for path in [path for path in (*self._moving, *self._reported) if path not in models]:
            self._moving.pop(path, None)
            self._reported.pop(path, None)
        meant = self._meant(found) if rested else set()
        return sorted(meant.intersection(rested), key=lambda path: self._reported[path])

    def acknowledge(self) -> None:
        """Take the models there are now as known: what was submitted needs no report unless it changes again."""
        self._reported = self._fingerprints(models_saved(self.folder))
        self._moving.clear()

    def known(self) -> list[Path]:
        """Every model there is now, newest first, at rest or not."""
        models = self._fingerprints(models_saved(self.folder))
        return sorted(models, key=lambda path: models[path], reverse=True)

    def _fingerprints(self, found: Place) -> dict[Path, Fingerprint]:
        return {
            self.folder / model.path: (model.changed, model.size) for model in found.models if self._is_written(model)
        }

    def _is_written(self, model: Model) -> bool:
        """Whether there is something in each part of a folder; one that is being written has empty parts."""
        path = self.folder / model.path
        try:
            if not path.is_dir():
                return True
            return formats.of_names({file.name for file in path.iterdir() if file.stat().st_size}) is not None
        except OSError:
            return False

    def _meant(self, found: Place) -> set[Path]:
        """What Submit would take, or would ask about."""
        selected = without_twins(choice(found), self.folder)
        if selected.chosen is None or selected.unfinished is not None:
            return set()
        return {self.folder / path for path in (selected.chosen, *selected.rivals)}
