"""The page on code from the courses: what fails on today's TensorFlow, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable

from textual import on
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from graders.sentences import sentence
from mockexam.inspections import page
from mockexam.language.catalogue import shown
from mockexam.tui.look.controls import PushButton
from mockexam.tui.pages.page import Page


class CourseCodeScreen(Page):
    """Opens at the section of a pattern, if one is given."""

    CSS_PATH = "course_code.tcss"
    heading = page.TITLE

    def __init__(self, section: str = "") -> None:
        super().__init__()
        self._section = section

    def body(self) -> Iterable[Widget]:
        """The text, in a box that scrolls."""
        with VerticalScroll(id="text"):
            yield Static(Content("\n\n").join([Content(shown(words)) for words in page.INTRODUCTION]))
            yield from (Static(_section(one), id=f"section-{one.id}") for one in page.sections())

    def buttons(self) -> Iterable[PushButton]:
        """The one way on."""
        yield PushButton(sentence("Back"), key="Esc", kind="primary", id="back")

    def on_mount(self) -> None:
        """Show the section that was asked for, with keys that scroll."""
        self.query_one("#text").focus()
        self.call_after_refresh(self._go)

    def _go(self) -> None:
        found = self.query(f"#section-{self._section}") if self._section else None
        if found:
            widget = found.first()
            widget.add_class("-asked")
            self.query_one("#text").scroll_to_widget(widget, top=True, animate=False, force=True)

    @on(PushButton.Pressed)
    def _pressed(self) -> None:
        self.action_back()


def _section(section: page.Section) -> Content:
    title = section.title if isinstance(section.title, str) else shown(section.title)
    parts: list[tuple[str, str]] = [
        (title + "\n", "bold $text-strong"),
        (" ".join(map(shown, section.words)) + "\n", ""),
        *_code(shown(page.BEFORE), section.before, "$stop"),
    ]
    for number, code in enumerate(section.after):
        parts += _code(shown(page.OR if number else page.AFTER), code, "$run")
    return Content.assemble(*parts)


def _code(label: str, code: str, style: str) -> list[tuple[str, str]]:
    lines = "".join(f"    {line}\n" for line in code.rstrip().splitlines())
    return [(label + "\n", "$text-soft"), (lines, style)]
