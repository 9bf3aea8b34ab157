"""What stands under a program's output, set apart from it: advice on its failure, and another Keras for one run."""

from __future__ import annotations

from collections.abc import Iterator

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from graders.sentences import Sentence, sentence
from mockexam.inspections.advice.advice import Advice
from mockexam.language.catalogue import shown
from mockexam.running.run_session import RunSession
from mockexam.tui import keymap
from mockexam.tui.look.chip import Chip

ACTIONS = {
    "advice_fix": "advice_fix",
    "advice_place": "error_place",
    "run_keras_2": "run_keras_2",
    "keep_keras_2": "keep_keras_2",
    "advice_page": "advice_page",
}
"""What its chips do, in the order in which they stand, and the action of the key table that does the same."""


def _label(name: str, line: int) -> Sentence:
    """What a chip says."""
    return {
        "advice_fix": sentence("Apply the fix"),
        "advice_place": sentence("Go to line {line}", line=line),
        "run_keras_2": sentence("Run once with Keras 2"),
        "keep_keras_2": sentence("Keep Keras 2"),
        "advice_page": sentence("Explain"),
    }[name]


class AdviceBar(Vertical):
    """Hidden while there is nothing to say. It is no part of the output: no log and no selection holds it."""

    DEFAULT_CSS = """
    AdviceBar { height: auto; max-height: 50%; display: none; padding: 0 1; background: $chrome; }
    AdviceBar.-shown { display: block; }
    AdviceBar > Static { height: auto; width: 1fr; color: $text-body; }
    AdviceBar > Horizontal { height: 1; }
    AdviceBar .advice { color: $link; margin: 0 3 0 0; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[Advice | None, bool, bool] = (None, False, False)

    def compose(self) -> ComposeResult:
        """The words, and a row of what can be done."""
        yield Static("", id="advice-words")
        with Horizontal():
            for name in ACTIONS:
                chip = Chip("", id=f"do-{name}", classes="advice")
                chip.display = False
                yield chip

    def show(self, session: RunSession) -> None:
        """Follow what is known of a run."""
        kept = session.once and session.interpreter.keras == 2 and not session.running
        state = (session.advice, session.keras_2_offered, kept)
        if state == self._shown:
            return
        self._shown = state
        self.set_class(session.advice is not None or kept, "-shown")
        self.query_one("#advice-words", Static).update(_words(session.advice, session, kept))
        offered = set(_offered(session, kept))
        line = session.advice.place.line if session.advice is not None and session.advice.place else 0
        for name, action in ACTIONS.items():
            chip = self.query_one(f"#do-{name}", Chip)
            chip.display = name in offered
            key = keymap.shown(action)
            chip.update(Content.assemble(shown(_label(name, line)), (f"  {key}" if key else "", "$text-faint")))


def _offered(session: RunSession, kept: bool) -> Iterator[str]:
    advice = session.advice
    if advice is not None:
        if advice.fixable:
            yield "advice_fix"
        elif advice.place is not None:
            yield "advice_place"
        if session.keras_2_offered:
            yield "run_keras_2"
        if advice.section is not None:
            yield "advice_page"
    if kept:
        yield "keep_keras_2"


def _words(advice: Advice | None, session: RunSession, kept: bool) -> Content:
    parts: list[tuple[str, str]] = []
    if advice is not None:
        parts.append((shown(advice.words), "bold $text-strong"))
        if advice.replacement is not None:
            parts.append((" " + shown(advice.replacement), ""))
    if kept:
        used = sentence("This run used {python}; the next ones use what is chosen.", python=session.interpreter.name())
        parts.append((" " * bool(parts) + shown(used), "$text-soft"))
    return Content.assemble(*parts)
