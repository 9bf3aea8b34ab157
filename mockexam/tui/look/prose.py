"""Markdown as the statements of problems need it: tables that take no more rows than they have."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Markdown
from textual.widgets._markdown import MarkdownTable


class _Table(MarkdownTable):
    """A table whose header is left out when it is empty, as in a list of labels and values."""

    def compose(self) -> ComposeResult:
        yield from super().compose()
        self.set_class(not any(header.plain.strip() for header in self._headers), "-headless")


class Prose(Markdown):
    """A text that never opens a browser: the target of a link is shown beside it."""

    BLOCKS = {**Markdown.BLOCKS, "table_open": _Table}  # noqa: RUF012 - as Textual declares it

    def __init__(self, text: str) -> None:
        super().__init__(text, open_links=False)
