"""What is wrong in the open files, looked for when typing pauses: syntax errors, and what will fail when it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from weakref import WeakKeyDictionary

from mockexam.tui.code.editor import Editor
from mockexam.tui.code.knowledge import diagnosis
from mockexam.tui.code.knowledge.inspector import Inspector
from mockexam.tui.code.knowledge.offer import Offer
from mockexam.tui.code.knowledge.readers import Readers
from mockexam.tui.code.marks import Mark
from mockexam.tui.exam.documents.open_page import OpenPage
from mockexam.tui.exam.ports import Start


class Marked(NamedTuple):
    """A mark and the file that it is in."""

    path: Path
    mark: Mark


class Checking:
    """Marks stay, and follow what is typed, until there is an answer about the text as it is then.

    `on_marks` is called when marks came or went.
    """

    def __init__(self, pages: Mapping[Path, OpenPage], readers: Readers, start: Start) -> None:
        self.on_marks: Callable[[], None] = lambda: None
        self._pages = pages
        self._readers = readers
        self._inspector = Inspector(readers.reader)
        self._start = start
        self._inspected: WeakKeyDictionary[Editor, int] = WeakKeyDictionary()

    def check(self, page: OpenPage) -> None:
        """Look at a file, in place of what is still being found out about it."""
        self._start(self._check(page), group=f"check-{page.path}", exclusive=True)

    async def _check(self, page: OpenPage) -> None:
        editor = page.editor
        if editor is None or editor.language != "python":
            return
        editor.edit_done()
        await asyncio.gather(self._compile(editor), self.inspect(editor))

    async def _compile(self, editor: Editor) -> None:
        version = editor.edits
        faults = await diagnosis.find_faults(list(editor.document.lines), self._readers.python)
        if editor.edits == version:
            editor.show_faults(faults)
            self.on_marks()

    async def inspect(self, editor: Editor) -> bool:
        """Mark what is found in a text as it is now; False when it changes meanwhile, or there is no answer."""
        version = editor.edits
        if self._inspected.get(editor) == version:
            return True
        findings = await self._inspector.findings(list(editor.document.lines), _folder(editor))
        if findings is None or editor.edits != version:
            return False
        self._inspected[editor] = version
        editor.show_findings(findings)
        editor.show_checked()
        self.on_marks()
        return True

    def is_current(self, editor: Editor) -> bool:
        """Whether the findings that are marked belong to the text as it is now."""
        return self._inspected.get(editor) == editor.edits

    def forget(self, editor: Editor) -> None:
        """Inspect a text again when it is looked at next, even if it hasn't changed."""
        self._inspected.pop(editor, None)

    async def offers(self, editor: Editor, rows: Iterable[int]) -> list[Offer]:
        """All that can be offered for what is found in some rows of a text."""
        return await self._inspector.offers(list(editor.document.lines), _folder(editor), rows)

    def check_all(self) -> None:
        """Look at all files again: the Python that they are for, or its packages, changed."""
        self._inspected.clear()
        for page in self._pages.values():
            page.unchecked = page.editor is not None

    def marks(self) -> Iterator[Marked]:
        """What is wrong in the open files."""
        for path, page in self._pages.items():
            if page.editor is not None:
                yield from (Marked(path, mark) for mark in page.editor.marks)


def _folder(editor: Editor) -> Path | None:
    return editor.path.parent if editor.path is not None else None
