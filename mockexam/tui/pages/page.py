"""The frame of every screen outside the exam: a rail with name and steps on the left, the content on the right."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from graders.sentences import Words, sentence
from mockexam import __version__
from mockexam.language.catalogue import shown
from mockexam.tui.dismissal import Dismissible
from mockexam.tui.host import Host, host_of
from mockexam.tui.look import formatting
from mockexam.tui.look.controls import PushButton

NOTE = sentence(
    "Not affiliated with Google, the TensorFlow team or JetBrains. The certificate it rehearses is retired."
)
JOURNEY = (
    sentence("Name and folder"),
    sentence("Provisioning"),
    sentence("Instructions"),
    sentence("Exam"),
    sentence("Result"),
)


class Page(Dismissible[None]):
    """A screen with the rail; a subclass provides `heading`, `body` and `buttons`, and perhaps its step."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", show=False),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]

    heading: Words = ""
    step: int | None = None

    @property
    def host(self) -> Host:
        """The app, as its screens know it."""
        return host_of(self)

    def compose(self) -> ComposeResult:
        """Rail, heading, body and a row of buttons."""
        with Horizontal(id="frame"):
            with Vertical(id="rail"):
                yield Static(_brand(), id="brand")
                yield Static(self.rail(), id="steps")
                yield Static(shown(NOTE), id="note")
            with Vertical(id="content"):
                if self.heading:
                    yield Static(shown(self.heading), id="heading")
                with Vertical(id="body"):
                    yield from self.body()
                buttons = list(self.buttons())
                if buttons:
                    with Horizontal(id="buttons"):
                        yield Static("", id="left-of-buttons")
                        yield from buttons

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Report work of this screen that failed."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.host.trouble(event.worker.error)

    def on_descendant_focus(self) -> None:
        """Move the terminal's cursor to the focus: a screen reader follows it."""
        if formatting.spoken() and self.focused is not None:
            self.app.cursor_position = self.focused.region.offset

    def rail(self) -> Content:
        """What is below the name: the steps from name to result, the present one marked."""
        if self.step is None:
            return Content("")
        if formatting.spoken():
            step = sentence(
                "Step {number} of {steps}: {name}", number=self.step + 1, steps=len(JOURNEY), name=JOURNEY[self.step]
            )
            return Content(shown(step))
        rows: list[Content] = []
        for number, name in enumerate(map(shown, JOURNEY)):
            if number < self.step:
                rows.append(Content.assemble(("✓  ", "$run"), (name, "$text-soft")))
            elif number == self.step:
                rows.append(Content.assemble(("●  ", "$link"), (name, "bold $text-strong")))
            else:
                rows.append(Content.assemble(("○  ", "$text-faint"), (name, "$text-faint")))
        return Content("\n").join(rows)

    def body(self) -> Iterable[Widget]:
        """The content of the screen."""
        return ()

    def buttons(self) -> Iterable[PushButton]:
        """The buttons below it, the usual one last."""
        return ()

    def action_back(self) -> None:
        """Go back to the previous screen."""
        self.dismiss()


def _brand() -> Content:
    if formatting.spoken():
        return Content(f"mockexam {__version__}")  # untranslated: it is a name
    return Content.assemble(
        ("▄▄▄▄▄", "$primary"),
        "\n",
        ("  M  ", "bold $on-primary on $primary"),
        ("  mockexam", "bold $text-strong"),
        "\n",
        ("▀▀▀▀▀", "$primary"),
        (f"  {__version__}", "$text-faint"),
    )
