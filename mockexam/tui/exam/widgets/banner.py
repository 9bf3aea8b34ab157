"""A line above the editor that offers a choice: a file changed outside, a model was saved, text was rescued."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Static

from graders.sentences import Words
from mockexam.language.catalogue import shown
from mockexam.tui.look.controls import PushButton


class Offers(Vertical):
    """The banners, one below the other."""

    def __init__(self) -> None:
        super().__init__(id="offers")

    def show(self, banner: Banner) -> None:
        """Show one more."""
        self.mount(banner)

    def of(self, topic: str) -> list[Banner]:
        """Return those about a topic."""
        return [banner for banner in self.query(Banner) if banner.topic == topic]

    def drop(self, topic: str, category: int, model: Path | None = None) -> None:
        """Take back what was offered about a problem's models, or about one of them."""
        for banner in self.of(topic):
            if not isinstance(banner.subject, tuple):
                continue
            if banner.subject[0] == category and model in (None, banner.subject[1]):
                banner.remove()


class Banner(Horizontal):
    """A sentence and its buttons; it closes when one is pressed."""

    DEFAULT_CSS = """
    Banner {
        height: auto;
        background: $selection;
        color: $text-strong;
        padding: 0 1;
    }
    Banner > .banner-text {
        width: 1fr;
        height: auto;
    }
    Banner > PushButton {
        margin: 0 0 0 1;
    }
    """

    @dataclass
    class Answered(Message):
        """A button was pressed."""

        banner: Banner
        answer: str

    def __init__(self, topic: str, subject: object, text: Words, answers: Sequence[tuple[str, Words]]) -> None:
        super().__init__(classes=f"banner -{topic}")
        self.topic = topic
        self.subject = subject
        self.text = shown(text)
        self.answers = [(name, shown(label)) for name, label in answers]

    def compose(self) -> ComposeResult:
        """The sentence, then the buttons."""
        yield Static(self.text, classes="banner-text")
        for index, (_, label) in enumerate(self.answers):
            yield PushButton(label, kind="primary" if index == 0 else "default")

    def on_push_button_pressed(self, event: PushButton.Pressed) -> None:
        """Give the answer."""
        event.stop()
        assert isinstance(event.pressed, PushButton)
        pressed = event.pressed.label
        self.post_message(self.Answered(self, next(name for name, label in self.answers if label == pressed)))
