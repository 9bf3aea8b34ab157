"""What can be done about what is wrong at the cursor: one list, and what becomes of the choice."""

from __future__ import annotations

import textwrap
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from textual.app import App
from textual.content import Content
from textual.geometry import Offset

from graders.sentences import Words, sentence, sentences
from mockexam.inspections.findings import MISSING, Edit, Finding
from mockexam.language.catalogue import shown
from mockexam.tui import keymap
from mockexam.tui.code.editor import Editor
from mockexam.tui.code.knowledge.offer import Offer
from mockexam.tui.code.marks import Mark
from mockexam.tui.exam.documents.checking import Checking
from mockexam.tui.exam.documents.files import Files
from mockexam.tui.exam.ports import Notify, Start
from mockexam.tui.look import dialogs
from mockexam.tui.look.menu import Item, Menu

MESSAGE_WIDTH = 56
AROUND = 12
"""Cells of a list that none of its lines can have: borders, blanks, a gap before the note."""

INSTALLING = "line"
"""Which value of a finding's detail is the line that installs what it lacks."""


@dataclass(frozen=True)
class Remedy:
    """One thing that can be done: what the list says of it, and how it is done."""

    label: Words
    do: Callable[[], Awaitable[object]]
    note: str = ""


class Remedies:
    """A fix is applied to the text that it was found in and to no other; each is one step of undo."""

    def __init__(
        self,
        app: App[Any],
        files: Files,
        checking: Checking,
        notify: Notify,
        start: Start,
        show_page: Callable[[str], None],
    ) -> None:
        """`show_page` shows the page about code from the courses, at the section of a pattern."""
        self._app = app
        self._files = files
        self._checking = checking
        self._notify = notify
        self._start = start
        self._show_page = show_page

    def request(self, editor: Editor) -> None:
        """Offer what can be done at the cursor, or on its line."""
        self._start(self._offer(editor), group="remedies", exclusive=True)

    async def _offer(self, editor: Editor) -> None:
        if editor.language != "python":
            self._notify(shown(sentence("Only Python files are inspected.")))
            return
        if not await self._inspected(editor):
            return
        marks = self._here(editor)
        offers = await self._offers(editor, marks)
        if not offers:
            self._say_why_nothing(editor, marks)
            return
        remedies = list(self._of(editor, offers))
        chosen = await self._app.push_screen_wait(self._menu(editor, marks, remedies))
        if chosen is not None:
            await remedies[int(chosen)].do()

    def _menu(self, editor: Editor, marks: Sequence[Mark], remedies: Sequence[Remedy]) -> Menu:
        """The list, below the cursor's line or above it: the line itself can still be read."""
        columns, rows = self._app.size
        widest = columns * 9 // 10 - AROUND
        items = _heading(marks, min(MESSAGE_WIDTH, widest))
        for number, one in enumerate(remedies):
            room = max(1, widest - len(one.note))
            items.append(Item(str(number), Content(shown(one.label)).truncate(room, ellipsis=True), one.note))
        x, y = editor.cursor_screen_offset
        height = len(items) + 2
        below = y + 1 + height <= rows or y < height
        return Menu(items, at=Offset(x, y + 1 if below else y - height), chosen="0")

    def _say_why_nothing(self, editor: Editor, marks: Sequence[Mark]) -> None:
        if not marks:
            self._notify(shown(sentence("Nothing is marked on this line.")))
        elif all(mark.finding is None for mark in marks):
            error = sentence("Python can't read this: {message}", message=marks[0].message)
            self._notify(shown(error), severity="warning")
        else:
            # A package was installed meanwhile, say.
            self._checking.forget(editor)
            self._check(editor)
            self._notify(shown(sentence("What was marked here isn't wrong any more.")))

    async def _offers(self, editor: Editor, marks: Sequence[Mark]) -> list[Offer]:
        findings = [mark.finding for mark in marks if mark.finding is not None]
        if not findings:
            return []
        offers = await self._checking.offers(editor, {one.row for one in findings})
        wanted = {(one.pattern, one.row, one.column) for one in findings}
        return [one for one in offers if (one.finding.pattern, one.finding.row, one.finding.column) in wanted]

    async def _inspected(self, editor: Editor) -> bool:
        """Whether the marks are those of the present text; says why when they can't be."""
        version = editor.edits
        if await self._checking.inspect(editor):
            return True
        if editor.edits != version:
            key = keymap.shown("remedies")
            changed = sentence("The text has changed while it was inspected. Press {key} again.", key=key)
            self._notify(shown(changed))
        else:
            self._notify(shown(sentence("The inspection gave no answer for this file.")), severity="warning")
        return False

    @staticmethod
    def _here(editor: Editor) -> list[Mark]:
        """The marks at the cursor; else those of its line."""
        place = editor.cursor_location
        marks = sorted(editor.marks.of_row(place[0]), key=lambda mark: (mark.start, mark.end))
        return [mark for mark in marks if mark.holds(place)] or marks

    # ── the list ──

    def _of(self, editor: Editor, offers: Sequence[Offer]) -> Iterator[Remedy]:
        """Fixes first, then what is done about all of a kind, then all that leaves the code as it is."""
        several = len(offers) > 1
        for offer in offers:
            for fix in offer.finding.fixes:
                yield Remedy(fix.title, partial(self._mend, editor, fix.edits))
        for name, everywhere, title in _everywhere(offers):
            yield Remedy(title, partial(self._mend, editor, everywhere), name if several else "")
        for offer in offers:
            finding, note = offer.finding, offer.finding.pattern if several else ""
            if (line := finding.detail.values.get(INSTALLING)) is not None:
                yield Remedy(sentence("Copy the line that installs it"), partial(self._copy, str(line)), note)
            if offer.ignoring is not None:
                yield Remedy(sentence("Ignore here, by a comment"), partial(self._mend, editor, [offer.ignoring]), note)
            yield Remedy(sentence("Explain"), partial(self._explain, finding), note)

    # ── what is done ──

    async def _mend(self, editor: Editor, edits: Sequence[Edit]) -> None:
        if not self._checking.is_current(editor):
            changed = sentence("The text has changed since; it is inspected again.")
            self._notify(shown(changed), severity="warning")
        elif not editor.apply_edits(edits):
            self._notify(shown(sentence("This file can't be changed here.")), severity="warning")
        self._check(editor)

    def _check(self, editor: Editor) -> None:
        page = self._files.pages.get(editor.path) if editor.path is not None else None
        if page is not None:
            self._checking.check(page)

    async def _copy(self, line: str) -> None:
        self._app.copy_to_clipboard(line)
        self._notify(line, title=shown(sentence("Copied")))

    async def _explain(self, finding: Finding) -> None:
        if finding.pattern == MISSING:
            await dialogs.tell(self._app, finding.message, finding.detail)
        else:
            self._show_page(finding.pattern)

    # ── for who has only seen the program fail ──

    async def found(self, path: Path, pattern: str, row: int | None = None) -> Finding | None:
        """Return what the inspection finds of a pattern now in a file, nearest to a row; opens the file if need be."""
        if path not in self._files.pages:
            await self._files.open(path, focus=False)
        page = self._files.pages.get(path)
        if page is None or page.editor is None or not await self._checking.inspect(page.editor):
            return None
        found = [one.finding for one in page.editor.marks.findings if one.finding is not None]
        return min(
            (one for one in found if one.pattern == pattern),
            key=lambda one: abs(one.row - (row if row is not None else 0)),
            default=None,
        )

    async def apply_fix(self, path: Path, pattern: str, row: int | None = None) -> bool:
        """Apply the first fix of a pattern where the inspection finds it now, and show the place.

        `row` is the one that a traceback names, counted from 0: the finding nearest to it is meant. False, and says so,
        when it isn't found any more.
        """
        finding = await self.found(path, pattern, row)
        if finding is None or not finding.fixes:
            self._notify(shown(sentence("It isn't in the code any more.")), title=path.name)
            return False
        await self._files.open(path, (finding.row, finding.column))
        editor = self._files.editor
        if editor is None:
            return False
        await self._mend(editor, finding.fixes[0].edits)
        return True


def _heading(marks: Iterable[Mark], width: int) -> list[Item]:
    """What is wrong, above what can be done about it."""
    told = dict.fromkeys(shown(mark.message) for mark in marks)
    lines = [line for message in told for line in textwrap.wrap(message, width)]
    return [Item(f"heading-{number}", line, enabled=False) for number, line in enumerate(lines)]


def _everywhere(offers: Iterable[Offer]) -> Iterator[tuple[str, Sequence[Edit], Words]]:
    """What makes a fix in all places of a text, once for each pattern: its id, the edits, what the list says of it."""
    seen = set()
    for offer in offers:
        titles = {fix.name: fix.title for fix in offer.finding.fixes}
        for one in offer.everywhere:
            if (key := (offer.finding.pattern, one.name)) not in seen:
                seen.add(key)
                title = sentences(
                    "{fix}, in {count} place of this file",
                    "{fix}, in all {count} places of this file",
                    count=one.count,
                    fix=titles[one.name],
                )
                yield offer.finding.pattern, one.edits, title
