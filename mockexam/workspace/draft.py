"""A project while it is being written: hidden until it is whole, and taken up again after a kill."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

from graders.sentences import sentence
from mockexam.files.writing import sync_folder, write
from mockexam.workspace import layout
from mockexam.workspace.fault import from_os
from mockexam.workspace.place import DRAFT, check_place, draft_owner, project_owner


class Draft:
    """The project of one attempt, being written into `folder`.

    It grows in a subfolder of `folder`, so that it is on the same disk and a folder that the candidate made or is
    in stays the same folder. `publish` moves its parts up, the marker last: a folder without it isn't a project.
    """

    def __init__(self, folder: Path, attempt_id: str, *, finished: bool) -> None:
        self.folder = folder
        self.attempt_id = attempt_id
        self.finished = finished
        self.content = folder / DRAFT / "content"

    @classmethod
    def begin(cls, folder: Path, attempt_id: str, *, needed: int = 0) -> Draft:
        """Start, or continue where a killed process stopped; `finished` says that nothing is left to do.

        Raises WorkspaceError when the folder isn't suitable.
        """
        folder = Path(os.path.abspath(folder.expanduser()))  # noqa: PTH100 - a link to a folder stays a link
        check_place(folder, attempt_id=attempt_id, needed=needed)
        if project_owner(folder) == attempt_id:
            shutil.rmtree(folder / DRAFT, ignore_errors=True)
            return cls(folder, attempt_id, finished=True)
        draft = cls(folder, attempt_id, finished=False)
        try:
            draft._open()
        except OSError as error:
            raise from_os(error, folder, sentence("to write a project to {folder}", folder=folder)) from error
        return draft

    def _open(self) -> None:
        if draft_owner(self.folder) != self.attempt_id:
            shutil.rmtree(self.folder / DRAFT, ignore_errors=True)
        elif self._sealed.is_file():
            self.publish()
            return
        self.content.mkdir(parents=True, exist_ok=True)
        write(self.folder / DRAFT / "attempt", self.attempt_id.encode())

    @property
    def _sealed(self) -> Path:
        """The file written when the content is whole: from then on a new start only moves it up."""
        return self.folder / DRAFT / "sealed"

    def data_folder(self, category: int) -> Path:
        """Where a problem's public data may be prepared, to be published without another copy; it exists on return."""
        folder = layout.data_folder(self.content, category)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise from_os(error, folder, sentence("to write {path}", path=folder)) from error
        return folder

    def write(self, name: Path | str, text: str) -> None:
        """Put a text file into the content. Raises OSError."""
        path = self.content / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def publish(self) -> None:
        """Make the content the project. Raises WorkspaceError; can be repeated after a kill at any point."""
        try:
            os.sync()  # once for all files, data included: what is sealed must outlast a power cut
            write(self._sealed, b"")
            for part in sorted(self.content.iterdir(), key=lambda part: part.name == layout.OWN):
                part.rename(self.folder / part.name)
            sync_folder(self.folder)
            shutil.rmtree(self.folder / DRAFT)
            sync_folder(self.folder)
        except OSError as error:
            raise from_os(error, self.folder, sentence("to write a project to {folder}", folder=self.folder)) from error
        self.finished = True

    def discard(self) -> None:
        """Remove what has not been published, and the folder itself when nothing else is in it."""
        if self._sealed.exists():
            return  # some parts may be in place already; beginning again finishes the rest
        shutil.rmtree(self.folder / DRAFT, ignore_errors=True)
        with contextlib.suppress(OSError):  # it may hold something
            self.folder.rmdir()


def is_sealed(folder: Path) -> bool:
    """Whether a project is being moved up in `folder`, or was being moved when its process was killed."""
    return (folder / DRAFT / "sealed").is_file()


def discard_draft(folder: Path, attempt_id: str) -> None:
    """Remove what a cancelled provisioning of this attempt left in `folder`; a finished project stays."""
    if draft_owner(folder) == attempt_id:
        Draft(folder, attempt_id, finished=False).discard()
