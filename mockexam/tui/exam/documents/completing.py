"""Names offered at the cursor of the exam screen's editors."""

from __future__ import annotations

import asyncio
from functools import partial

from textual.widget import Widget

from graders.sentences import sentence
from mockexam.language.catalogue import shown
from mockexam.tui.code.completion_list import CompletionList
from mockexam.tui.code.editor import Editor
from mockexam.tui.code.knowledge.completion import Completer, wish_at
from mockexam.tui.exam.ports import Notify, Start

SLOW = 0.6
"""Seconds after which somebody who waits for names is told why."""


class Completing:
    """Asks for names and shows them, while the cursor stays where it was."""

    def __init__(self, completer: Completer, notify: Notify, start: Start) -> None:
        self.list = CompletionList()
        self._completer = completer
        self._notify = notify
        self._start = start

    def request(self, editor: Editor, *, asked: bool) -> None:
        """Offer names at the cursor, unless it moves on meanwhile; when `asked` for by key, say if there are none."""
        self._start(self._offer(editor, asked), group="complete", exclusive=True)

    async def _offer(self, editor: Editor, asked: bool) -> None:
        row, column = editor.cursor_location
        wish = wish_at(editor.document[row][:column])
        if wish is None or (not asked and wish.owner is None):
            return
        slow = shown(sentence("Looking names up: the first time takes some seconds."))
        patience = asyncio.get_running_loop().call_later(SLOW, partial(self._notify, slow, timeout=4))
        try:
            names = await self._completer.names(wish, editor.document.lines, row, column)
        finally:
            patience.cancel()
        now_row, now_column = editor.cursor_location
        typed = editor.document[now_row][column - len(wish.typed) : now_column]
        if now_row == row and editor.has_focus and names and (typed.isidentifier() or not typed):
            self.list.offer(editor, names, typed)
        elif asked and not names:
            self._notify(shown(sentence("No names fit here.")), timeout=2)

    def cursor_moved(self, editor: Editor) -> None:
        """Show what still fits."""
        if editor.popup is not None:
            self.list.narrow()

    def focus_moved(self, widget: Widget) -> None:
        """Close the list when another widget takes the focus."""
        if widget is not self.list.editor:
            self.list.close()
