"""Where the cursor is, for the status bar."""

from __future__ import annotations

from textual.content import Content

from graders.sentences import sentence, sentences
from mockexam.language.catalogue import shown
from mockexam.tui.exam.documents.files import Files
from mockexam.tui.exam.widgets import read_only_pages
from mockexam.tui.exam.widgets.status_bar import FileFacts, StatusBar

LINE_ENDS = {"\n": "LF", "\r\n": "CRLF", "\r": "CR"}


class Position:
    """Reads the file that is shown, and shows where the cursor is in it."""

    def __init__(self, files: Files, status: StatusBar) -> None:
        self._files = files
        self._status = status

    def show(self) -> None:
        """Bring the status bar up to date."""
        self._status.show_crumbs(self._crumbs())
        page, editor = self._files.page, self._files.editor
        mark = editor.mark_here if editor is not None else None
        self._status.show_hint(mark.message if mark is not None else None)
        if page is None or page.file is None or editor is None:
            self._status.show_file(None)
            return
        row, column = editor.cursor_location
        spaces = sentences("{count} space", "{count} spaces", count=editor.indent_width)
        indent = shown(sentence("tabs") if editor.indent_type == "tabs" else spaces)
        self._status.show_file(
            FileFacts(
                row, column, LINE_ENDS[page.file.newline], page.file.encoding.upper(), indent, len(editor.selected_text)
            )
        )

    def _crumbs(self) -> list[Content | str]:
        """Return where the cursor is, from the project down to the function."""
        project, active, editor = self._files.project, self._files.active, self._files.editor
        if active is None:
            return [project.name]
        parts = active.relative_to(project).parts if active.is_relative_to(project) else (str(active),)
        scope = editor.scope() if editor is not None else ()
        return [project.name, *parts[:-1], read_only_pages.named(active, parts[-1]), *scope]
