"""The keys, as listed in the key table."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from graders.sentences import Sentence, sentence
from mockexam.language.catalogue import shown
from mockexam.tui import keymap
from mockexam.tui.dismissal import Dialog
from mockexam.tui.host import host_of
from mockexam.tui.look.chip import Chip


class HelpScreen(Dialog[None]):
    """All keys by group; the exam's only while there is one."""

    CSS_PATH = "keys.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1,q,enter", "dismiss", show=False),
        Binding("c", "course_code", show=False),
    ]

    def __init__(self, in_exam: bool) -> None:
        super().__init__()
        self.in_exam = in_exam

    def compose(self) -> ComposeResult:
        """A title, and the groups in as many columns as fit."""
        with Vertical(id="help"):
            yield Static(
                Content.assemble(
                    (shown(sentence("Keys")), "bold $text-strong"),
                    ("   " + shown(sentence("Esc closes")), "$text-faint"),
                ),
                id="help-title",
            )
            about = sentence("C  Code from the courses on today's TensorFlow: what fails, and what to write")
            yield Chip(Content.styled(shown(about), "$link"), id="help-course-code")
            with VerticalScroll(id="help-box"):
                yield Static(self._table(), id="help-keys")

    @on(Chip.Pressed, "#help-course-code")
    def action_course_code(self) -> None:
        """Go on to the page on courses' code."""
        host = host_of(self)
        self.dismiss()
        self.call_later(host.show_course_code)

    def on_mount(self) -> None:
        """Give the focus to the box, so that keys scroll it."""
        self.query_one("#help-box").focus()

    def on_resize(self) -> None:
        """Lay out the groups again."""
        self.query_one("#help-keys", Static).update(self._table())

    def _table(self) -> Content:
        columns = min(3, max(1, (self.app.size.width * 96 // 100 - 7) // WIDTH))
        return table(columns, self.in_exam)


def table(columns: int, in_exam: bool = True) -> Content:
    """The groups of the key table side by side in `columns` columns of balanced length."""
    groups = [group for group in keymap.GROUPS if in_exam or group == keymap.GROUPS[-1]]
    blocks = [_block(group) for group in groups]
    stacks: list[list[Content]] = [[] for _ in range(columns)]
    share = -(-sum(map(len, blocks)) // columns)
    place = 0
    for block in blocks:
        if len(stacks[place]) + len(block) // 2 > share and place < columns - 1:
            place += 1
        stacks[place] += block
    height = max(map(len, stacks))
    rows = [
        Content("").join([stack[row] if row < len(stack) else Content(" " * WIDTH) for stack in stacks])
        for row in range(height)
    ]
    return Content("\n").join(rows)


TITLE, KEY, OTHER = 22, 15, 13
WIDTH = TITLE + KEY + OTHER + 2


def _block(group: Sentence) -> list[Content]:
    rows = [Content.styled(f"{shown(group):<{WIDTH}}", "bold $link")]
    for row in keymap.TABLE:
        if row.group != group:
            continue
        keys = keymap.spellings(row.name)
        first = keys[0] if keys else keymap.shown("search_everywhere") + " …"
        other = keys[1] if len(keys) > 1 else ""
        rows.append(
            Content.assemble(
                f"{shown(row.title):<{TITLE}}",
                (f"{first:<{KEY}}", "$text-strong" if keys else "$text-faint"),
                (f"{other:<{OTHER + 2}}", "$text-faint"),
            )
        )
    return [*rows, Content(" " * WIDTH)]
