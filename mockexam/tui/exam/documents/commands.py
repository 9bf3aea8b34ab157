"""What keys and menus do with the open files, beyond opening and closing them."""

from __future__ import annotations

import asyncio
import os
import shlex
from collections.abc import Awaitable, Callable
from typing import Protocol

from graders.sentences import Words, sentence
from mockexam.language.catalogue import shown
from mockexam.tui.exam.documents.files import Files
from mockexam.tui.exam.ports import Notify
from mockexam.tui.terminal.external_editor import NoTerminalError
from mockexam.workspace import layout
from mockexam.workspace.fault import WorkspaceError
from mockexam.workspace.project import reset_starter


class Ask(Protocol):
    """Asks a question with two answers."""

    async def __call__(self, title: Words, question: Words, *, yes: Words, no: Words, danger: bool) -> bool:
        """Return whether the answer was yes."""


class FileCommands:
    """`save_all` writes all that was typed on the screen; `lend` gives the terminal to a command and waits for it."""

    def __init__(
        self,
        files: Files,
        notify: Notify,
        ask: Ask,
        save_all: Callable[[], Awaitable[bool]],
        lend: Callable[[list[str]], Awaitable[object]],
    ) -> None:
        self._files = files
        self._notify = notify
        self._ask = ask
        self._save_all = save_all
        self._lend = lend

    async def save(self) -> None:
        """Save everything."""
        if await self._save_all():
            self._notify(shown(sentence("Everything is saved.")), timeout=2)

    async def close(self) -> None:
        """Save and close the tab."""
        if self._files.active is not None:
            await self._files.close(self._files.active)

    async def reset_starter(self, category: int) -> None:
        """Put the original starter back, after a question; the text is kept in a backup, and undo leads back."""
        name = f"Category{category}/{layout.STARTER}"
        sure = await self._ask(
            sentence("Reset the starter?"),
            sentence("{file} becomes what it was at the start. Your text is kept in .mockexam/backups.", file=name),
            yes=sentence("Reset"),
            no=sentence("Keep my code"),
            danger=True,
        )
        if not sure:
            return
        files = self._files
        await files.saving.save_all()
        try:
            await asyncio.to_thread(reset_starter, files.project, category)
        except WorkspaceError as error:
            self._notify(shown(error.brief), title=shown(sentence("The starter is unchanged")), severity="error")
            return
        await files.outside.look()
        await files.open(layout.starter(files.project, category))

    async def open_outside(self) -> None:
        """Edit the file in $EDITOR; the screen waits, the clock and the programs do not."""
        command = os.environ.get("VISUAL") or os.environ.get("EDITOR")
        if not command or self._files.active is None:
            unset = sentence("Set EDITOR to the editor you like, as in EDITOR=vim.")
            self._notify(shown(unset), severity="warning")
            return
        await self._files.saving.save_all()
        try:
            await self._lend([*shlex.split(command), str(self._files.active)])
        except (NoTerminalError, OSError, ValueError) as error:
            self._notify(str(error), title=shown(sentence("Can't open the editor")), severity="error")
        await self._files.outside.look()
