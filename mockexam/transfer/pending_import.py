"""An import under way, noted so that another try after a kill continues it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from mockexam.files.writing import make_folder, write
from mockexam.workspace.draft import discard_draft, is_sealed
from mockexam.workspace.place import project_owner


class _Note(msgspec.Struct, frozen=True):
    file: str
    project: str


class PendingImport:
    """One exported file, by its digest, on its way into one folder; the note is beside the attempt's other files."""

    def __init__(self, folder: Path, attempt_id: str, digest: str, project: Path) -> None:
        self._attempt_id = attempt_id
        self._path = folder / attempt_id / "arriving.json"
        self._now = _Note(digest, str(project))
        self._before = self._read()

    @property
    def blocked(self) -> bool:
        """Whether the folder holds a project, or part of one, that no earlier try with this file put there."""
        return self._is_there() and self._before != self._now

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Keep the note on disk while the project is put into place; an import that fails leaves none.

        Removes what a try in another folder left half done. Raises OSError.
        """
        if self._before is not None and self._before.project != self._now.project:
            discard_draft(Path(self._before.project), self._attempt_id)
        make_folder(self._path.parent, 0o700)
        write(self._path, msgspec.json.encode(self._now))
        try:
            yield
        except BaseException:
            if not self._is_there():
                self.clear()
            raise

    def clear(self) -> None:
        """Remove the note: the attempt has arrived."""
        self._path.unlink(missing_ok=True)
        with suppress(OSError):  # it holds what is known about the attempt
            self._path.parent.rmdir()

    def _is_there(self) -> bool:
        project = Path(self._now.project)
        return project_owner(project) is not None or is_sealed(project)

    def _read(self) -> _Note | None:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=_Note)
        except (OSError, msgspec.MsgspecError, RecursionError):
            return None
