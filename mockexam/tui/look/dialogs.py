"""Dialogs: a question with two answers, and a plain notice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Static

from graders.sentences import Words, sentence
from mockexam.language.catalogue import shown
from mockexam.tui.dismissal import Dialog
from mockexam.tui.host import NO, YES
from mockexam.tui.look.controls import PushButton

if TYPE_CHECKING:
    from textual.events import Key

OK = sentence("OK")


class Question(Dialog[bool]):
    """A question; Escape and *no* answer False. With `typed`, *yes* is enabled only when that word has been typed."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "answer(False)", show=False),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]

    def __init__(
        self,
        title: Words,
        question: Words,
        *,
        yes: Words = YES,
        no: Words | None = NO,
        typed: str | None = None,
        danger: bool = False,
    ) -> None:
        super().__init__()
        self.heading, self.question = title, question
        self.yes, self.no, self.typed, self.danger = yes, no, typed, danger

    def compose(self) -> ComposeResult:
        """Title, question, perhaps a field, and the answers."""
        with Vertical(id="dialog"):
            yield Static(Content(shown(self.heading)), id="dialog-title")
            yield Static(Content(shown(self.question)), id="dialog-text")
            if self.typed is not None:
                field = Input(id="dialog-typed")
                field.border_title = shown(sentence("Type {word} to confirm", word=self.typed))
                yield field
            with Horizontal(id="dialog-buttons"):
                if self.no is not None:
                    yield PushButton(self.no, id="dialog-no")
                yield PushButton(
                    self.yes,
                    kind="danger" if self.danger else "primary",
                    id="dialog-yes",
                    disabled=self.typed is not None,
                )

    def on_mount(self) -> None:
        """Focus the answer so that a dangerous one is never one Enter away."""
        if self.typed is not None:
            self.query_one(Input).focus()
        elif self.danger and self.no is not None:
            self.query_one("#dialog-no").focus()
        else:
            self.query_one("#dialog-yes").focus()

    def on_key(self, event: Key) -> None:
        """Accept Y and N as answers, when there is nothing to type."""
        if self.typed is None and event.character and event.character.lower() in ("y", "n"):
            event.stop()
            self.dismiss(event.character.lower() == "y")

    @on(Input.Changed)
    def _typed(self) -> None:
        self.query_one("#dialog-yes").disabled = not self._agreed()

    @on(Input.Submitted)
    def _entered(self) -> None:
        if self._agreed():
            self.dismiss(True)

    def _agreed(self) -> bool:
        return self.query_one(Input).value.strip().casefold() == (self.typed or "").casefold()

    @on(PushButton.Pressed)
    def _pressed(self, event: PushButton.Pressed) -> None:
        event.stop()
        self.dismiss(event.control.id == "dialog-yes")

    def action_answer(self, answer: bool) -> None:
        """Answer with a key."""
        self.dismiss(answer)


async def tell(app: App[Any], title: Words, text: Words, *, ok: Words = OK) -> None:
    """A notice with one button. Call it from a worker."""
    await app.push_screen_wait(Question(title, text, yes=ok, no=None))
