"""Notices when training has saved a model."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from graders import formats

Fingerprint = tuple[tuple[str, int, int], ...]  # relative path, size, mtime_ns of every file of the model

# A model that is a folder holds a handful of files; more isn't a model, and walking it each second would cost.
MAX_FILES = 500


class ModelWatch:
    """Finds the models called `mymodel` in a folder, files or folders, that are new or changed and at rest.

    A model is reported once, when its sizes and times haven't changed for `quiet` seconds. What was there at the
    start isn't reported until it changes. Poll it about once a second; a poll costs a few stat calls.
    """

    def __init__(
        self,
        folder: Path,
        *,
        stem: str = formats.STEM,
        quiet: float = 1.5,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder = folder
        self.stem = stem
        self.quiet = quiet
        self._monotonic = monotonic
        self._reported: dict[Path, Fingerprint] = dict(self._models())
        self._moving: dict[Path, tuple[Fingerprint, float]] = {}

    def poll(self) -> list[Path]:
        """The models that came to rest since the last poll, oldest change first."""
        now = self._monotonic()
        rested = []
        models = dict(self._models())
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
        return sorted(rested, key=lambda path: _newest(self._reported[path]))

    def acknowledge(self) -> None:
        """Take the models there are now as known: what was submitted needs no report unless it changes again."""
        self._reported = dict(self._models())
        self._moving.clear()

    def known(self) -> list[Path]:
        """Every model there is now, newest first, at rest or not."""
        models = dict(self._models())
        return sorted(models, key=lambda path: _newest(models[path]), reverse=True)

    def _models(self) -> Iterator[tuple[Path, Fingerprint]]:
        try:
            with os.scandir(self.folder) as entries:
                found = [entry for entry in entries if self._is_candidate(entry)]
        except OSError:
            return
        for entry in found:
            fingerprint = _fingerprint(Path(entry.path))
            if fingerprint:
                yield Path(entry.path), fingerprint

    def _is_candidate(self, entry: os.DirEntry[str]) -> bool:
        if not entry.name.startswith(self.stem):  # a folder has many files, and is looked at each second
            return False
        return Path(entry.name).stem == self.stem and (formats.is_model_file(entry.name) or entry.is_dir())


def _fingerprint(path: Path) -> Fingerprint:
    """Empty when there is no model at the path yet: an empty file, a folder being written, or nothing any more."""
    try:
        if path.is_dir():
            return _folder_fingerprint(path)
        status = path.stat()
    except OSError:
        return ()
    return ((path.name, status.st_size, status.st_mtime_ns),) if status.st_size else ()


def _folder_fingerprint(folder: Path) -> Fingerprint:
    if not formats.is_model_folder(folder):
        return ()
    files = []
    for parent, _, names in os.walk(folder):
        for name in names:
            file = Path(parent, name)
            status = file.stat()
            files.append((str(file.relative_to(folder)), status.st_size, status.st_mtime_ns))
        if len(files) > MAX_FILES:
            return ()
    written = {name for name, size, _ in files if size}
    return tuple(sorted(files)) if formats.of_names(written) is not None else ()


def _newest(fingerprint: Fingerprint) -> int:
    return max(changed for _, _, changed in fingerprint)
