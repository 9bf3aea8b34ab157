"""What can be done about what is wrong at the cursor: one list, and what becomes of the choice."""

from __future__ import annotations

import textwrap
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textual.app import App
from textual.geometry import Offset

from graders.sentences import Words, sentence, sentences
from mockexam.inspections.findings import Edit, Finding, Fix
from mockexam.language.catalogue import shown
from mockexam.tui import keymap
from mockexam.tui.code.editor import Editor
from mockexam.tui.code.marks import Mark
from mockexam.tui.exam.documents.checking import Checking
from mockexam.tui.exam.documents.files import Files
from mockexam.tui.exam.ports import Notify, Start
from mockexam.tui.look import dialogs
from mockexam.tui.look.menu import Item, Menu

MESSAGE_WIDTH = 56


@dataclass(frozen=True)
class Remedy:
    """One thing that can be done: what the list says of it, and how it is done."""

    label: Words
    do: Callable[[], Awaitable[object]]
    note: str = ""


class Remedies:
    """A fix is applied to the text that it was found in and to no other; each is one step of undo."""

    def __init__(self, app: App[Any], files: Files, checking: Checking, notify: Notify, start: Start) -> None:
        self._app = app
        self._files = files
        self._checking = checking
        self._notify = notify
        self._start = start

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
        remedies = list(self._of(editor, [mark.finding for mark in marks if mark.finding is not None]))
        if not remedies:
            self._notify(shown(marks[0].message if marks else sentence("Nothing is marked on this line.")))
            return
        x, y = editor.cursor_screen_offset
        items = [Item(str(number), one.label, one.note) for number, one in enumerate(remedies)]
        menu = Menu([*_heading(marks), *items], at=Offset(x, y + 1), chosen=items[0].name)
        chosen = await self._app.push_screen_wait(menu)
        if chosen is not None:
            await remedies[int(chosen)].do()

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

    def _of(self, editor: Editor, findings: Sequence[Finding]) -> Iterator[Remedy]:
        """Fixes first, then what is done about all of a kind, then all that leaves the code as it is."""
        several = len(findings) > 1
        for finding in findings:
            for fix in finding.fixes:
                yield Remedy(fix.title, lambda fix=fix: self._mend(editor, fix.edits))  # type: ignore[misc]
        for finding in findings:
            yield from self._of_all(editor, finding)
        for finding in findings:
            note = finding.pattern if several else ""
            yield Remedy(sentence("Explain"), lambda one=finding: self._explain(one), note)  # type: ignore[misc]

    def _of_all(self, editor: Editor, finding: Finding) -> Iterator[Remedy]:
        every = [mark.finding for mark in editor.marks.findings if mark.finding is not None]
        for fix in finding.fixes:
            same = list(_same(every, finding.pattern, fix.name))
            if len(same) > 1:
                edits = _together(same)
                title = sentences(
                    "{fix}, in all {count} places of this file",
                    "{fix}, in all {count} places of this file",
                    count=len(same),
                    fix=fix.title,
                )
                yield Remedy(title, lambda edits=edits: self._mend(editor, edits))  # type: ignore[misc]

    # ── what is done ──

    async def _mend(self, editor: Editor, edits: Sequence[Edit]) -> None:
        if not self._checking.is_current(editor):
            changed = sentence("The text has changed since; it is inspected again.")
            self._notify(shown(changed), severity="warning")
        elif not editor.apply_edits(edits):
            self._notify(shown(sentence("This file can't be changed here.")), severity="warning")
        page = self._files.pages.get(editor.path) if editor.path is not None else None
        if page is not None:
            self._checking.check(page)

    async def _explain(self, finding: Finding) -> None:
        await dialogs.tell(self._app, finding.message, finding.detail)

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


def _heading(marks: Iterable[Mark]) -> list[Item]:
    """What is wrong, above what can be done about it."""
    told = dict.fromkeys(shown(mark.message) for mark in marks)
    lines = [line for message in told for line in textwrap.wrap(message, MESSAGE_WIDTH)]
    return [Item(f"heading-{number}", line, enabled=False) for number, line in enumerate(lines)]


def _same(findings: Iterable[Finding], pattern: str, name: str) -> Iterator[Fix]:
    """The fixes of a name among findings of a pattern."""
    for finding in findings:
        if finding.pattern == pattern:
            yield from [fix for fix in finding.fixes if fix.name == name][:1]


def _together(fixes: Iterable[Fix]) -> list[Edit]:
    """The edits of several fixes, each once; of two that overlap the first."""
    edits: list[Edit] = []
    for edit in sorted({edit for fix in fixes for edit in fix.edits}, key=lambda one: (one.row, one.column)):
        if not edits or (edits[-1].end_row, edits[-1].end_column) <= (edit.row, edit.column):
            edits.append(edit)
    return edits
