"""The Python that the programs of the exam on the screen run in: read, chosen, and told to whoever follows it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.app import App

from graders.sentences import Sentence, Words, sentence
from mockexam.errors import Error
from mockexam.interpreters.choices import Choices, Chosen
from mockexam.interpreters.choosing import made_ready
from mockexam.interpreters.description import Description, describe
from mockexam.interpreters.interpreter import Interpreter
from mockexam.language.catalogue import shown
from mockexam.preload.switches import Switches, switched_off
from mockexam.running.environment import program_environment
from mockexam.workspace.bridges import Bridges
from mockexam.workspace.editor_launch import launch_of
from mockexam.workspace.editors import Launch

if TYPE_CHECKING:
    from mockexam.sitting.service import Attempt
    from mockexam.tui.host import Host
    from mockexam.tui.interpreters.offers import Selection

TITLE = sentence("Project interpreter")
MOST_NAMED = 3
"""How many files a notice names."""


class ExamInterpreter:
    """Knows the choice of one attempt. What reads or writes files runs in threads; call its coroutines from workers."""

    def __init__(
        self, app: App[Any], host: Host, attempt: Attempt, on_change: Callable[[Interpreter], object] = lambda new: None
    ) -> None:
        """`on_change` is called with the first interpreter, and whenever another one or other packages are there."""
        self.present: Interpreter | None = None
        self.on_change = on_change
        self._app = app
        self._host = host
        self._attempt = attempt
        self._rules = attempt.rules.programs
        self._choices = Choices(host.exams.home)
        self._bridges = Bridges.of(attempt, host.exams.home)
        self._fingerprint: object = None
        self._launch: Launch | None = None
        self._told: set[str] = set()

    async def read(self) -> Interpreter:
        """The interpreter as its files are now, told if it isn't the one that was chosen."""
        chosen, fingerprint = await asyncio.to_thread(self._read)
        if chosen.why_fallen_back is not None:
            self._tell(chosen.why_fallen_back)
        before, self.present = self.present, chosen.interpreter
        changed = fingerprint != self._fingerprint
        self._fingerprint = fingerprint
        if changed or before != self.present:
            self.on_change(self.present)
        launch = self._launch_of(self.present)
        if launch != self._launch:
            before_opening, self._launch = self._launch is None, launch
            edited = await self._lead_editors(launch)
            if edited and not before_opening:  # at every opening it would be no news
                self._tell(_told_of_edited(edited))
        return self.present

    async def look(self) -> None:
        """Follow what was installed or switched off meanwhile; some milliseconds of a thread when nothing was."""
        present = self.present
        if present is None:
            return
        installed = await asyncio.to_thread(present.fingerprint)
        if installed != self._fingerprint or self._launch_of(present) != self._launch:
            await self.read()

    def _read(self) -> tuple[Chosen, object]:
        chosen = self._choices.chosen(self._attempt.id, self._rules, self._attempt.project)
        return chosen, chosen.interpreter.fingerprint()

    async def choose(self, selection: Selection) -> None:
        """Keep a choice and follow it; says why when it can't be kept."""
        try:
            await asyncio.to_thread(self._keep, selection)
        except Error as error:
            self._app.notify(shown(error.sentence), title=shown(TITLE), severity="error")
            return
        self._told.clear()
        chosen = await self.read()
        now = sentence("Programs run in {name} from now on.", name=chosen.name())
        self._app.notify(shown(now), title=shown(TITLE))

    async def ask(self) -> None:
        """Show the window, and follow what was chosen there."""
        from mockexam.tui.interpreters.project_interpreter import ProjectInterpreter

        present = self.present or await self.read()
        window = ProjectInterpreter(self._rules, self._attempt.project, present, ask=_described)
        selection = await self._app.push_screen_wait(window)
        if selection is not None:
            await self.choose(selection)

    def _keep(self, selection: Selection) -> None:
        self._choices.choose(
            self._attempt.id,
            made_ready(selection.interpreter),
            self._rules,
            project=self._attempt.project,
            confirmed=selection.confirmed,
        )

    def _launch_of(self, interpreter: Interpreter) -> Launch:
        """How editors are to run programs in it."""
        attempt, off = self._attempt, switched_off(self._host.settings)
        return launch_of(interpreter, attempt.project, sorted(attempt.problems), self._rules, off=off)

    async def _lead_editors(self, launch: Launch) -> list[str]:
        """Have other editors run programs like this; returns the files that were edited there, which stay."""
        try:
            return await asyncio.to_thread(partial(self._bridges.follow, launch))
        except OSError as error:
            self._tell(
                sentence("Files for other editors couldn't be changed: {error}.", error=error.strerror or str(error))
            )
            return []

    def _tell(self, said: Sentence) -> None:
        """Notify of something once."""
        text = shown(said)
        if text not in self._told:
            self._told.add(text)
            self._app.notify(text, title=shown(TITLE), severity="warning", timeout=12)


def _told_of_edited(files: Sequence[str]) -> Sentence:
    """That these stay as they are; a few are named."""
    named: Words = ", ".join(files[:MOST_NAMED])
    if len(files) > MOST_NAMED:
        named = sentence("{files} and {count} more", files=named, count=len(files) - MOST_NAMED)
    return sentence("Files for other editors that you edited stay as they are: {files}.", files=named)


def _described(interpreter: Interpreter) -> Description:
    return describe(interpreter, program_environment(interpreter, Switches(keras_2=interpreter.legacy)))
