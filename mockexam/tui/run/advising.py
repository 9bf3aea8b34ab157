"""From a program that failed to what can be done about it: advice, its fix, another Keras for one run."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graders.sentences import sentence
from mockexam.errors import Error
from mockexam.exam.program_rules import ProgramRules
from mockexam.interpreters.discovery import found
from mockexam.interpreters.interpreter import Interpreter
from mockexam.interpreters.named import of_generation
from mockexam.language.catalogue import shown
from mockexam.running.run_session import RunSession

if TYPE_CHECKING:
    from mockexam.inspections.advice.advice import Advice


@dataclass(frozen=True)
class AdviceDoers:
    """What the rest of the screen does about advice; `start` runs a coroutine in the background."""

    start: Callable[[Coroutine[Any, Any, object]], object]
    run_with: Callable[[Path, Interpreter], Awaitable[object]]
    """Runs a file in another Python than the chosen one, this once."""
    keep: Callable[[Interpreter], Awaitable[object]]
    """Chooses an interpreter from now on."""
    mend: Callable[[Path, str, int | None], Awaitable[bool]]
    """Applies the fix of a pattern in a file, nearest to a row; False where the inspection finds none there now."""
    open_file: Callable[[Path, tuple[int, int] | None], object]
    explain: Callable[[str], object]
    """Shows the section of a pattern on the page about courses' code."""
    tell: Callable[[str], object]


class Advising:
    """Advice of all runs of a sitting, within what the exam's rules allow."""

    def __init__(self, project: Path, rules: ProgramRules, doers: AdviceDoers) -> None:
        self._project = project
        self._rules = rules
        self._doers = doers

    def follow(self, session: RunSession) -> None:
        """Find out what to say of a run that has ended."""
        if session.failed and self._rules.advice != "none":
            self._doers.start(self._advise(session))

    async def _advise(self, session: RunSession) -> None:
        session.advice = advice = await asyncio.to_thread(self._advice, session)
        session.keras_2_offered = advice is not None and advice.keras_2 and self._other(session) is not None
        session.changed()

    def _advice(self, session: RunSession) -> Advice | None:
        """Reads the table, which takes a moment the first time."""
        from mockexam.inspections.advice.advice import advise

        return advise(
            session.tail,
            keras=session.interpreter.keras,
            allowed=self._rules.advice,
            project=self._project,
            folder=session.run.cwd,
            python=str(session.interpreter.executable),
            elsewhere=self._elsewhere,
            killed=session.out_of_memory,
        )

    def _elsewhere(self, module: str) -> str | None:
        """Another Python that has a module and that may be chosen."""
        if not self._rules.others:
            return None
        others = (one for one in found(self._project) if self._rules.allows(one.keras, ours=False))
        return next((shown(one.name()) for one in others if module in one.modules()), None)

    def _other(self, session: RunSession) -> Interpreter | None:
        """The Python of a run with Keras 2, if it has that one and the rules allow it."""
        try:
            other = of_generation(session.interpreter, 2)
        except Error:
            return None
        return other if self._rules.allows(2, ours=other.ours) else None

    # ── what is done about it ──

    def do(self, name: str, session: RunSession | None) -> None:
        """Do what a chip or a key says, for the run that is shown."""
        doing = {
            "advice_fix": self._fix,
            "advice_place": self._go,
            "run_keras_2": self._run_once,
            "keep_keras_2": self._keep,
            "advice_page": self._explain,
        }
        self._doers.start(doing[name](session))

    async def _fix(self, session: RunSession | None) -> None:
        advice = session.advice if session is not None else None
        if advice is None or advice.place is None:
            self._doers.tell(shown(sentence("There is no advice on a line of your files.")))
            return
        row = advice.place.line - 1
        if not (advice.fixable and await self._doers.mend(advice.place.path, advice.pattern, row)):
            self._doers.open_file(advice.place.path, (row, 0))

    async def _go(self, session: RunSession | None) -> None:
        if session is not None and session.advice is not None and session.advice.place is not None:
            self._doers.open_file(session.advice.place.path, (session.advice.place.line - 1, 0))

    async def _run_once(self, session: RunSession | None) -> None:
        if session is None or session.running:
            self._doers.tell(shown(sentence("Run the program first; then it can be run once with Keras 2.")))
            return
        other = await asyncio.to_thread(self._other, session)
        if other is None:
            self._doers.tell(
                shown(sentence("This Python can't run it with Keras 2, or the exam's rules don't allow it."))
            )
        else:
            await self._doers.run_with(session.script, other)

    async def _keep(self, session: RunSession | None) -> None:
        if session is not None and session.once:
            await self._doers.keep(session.interpreter)
        else:
            self._doers.tell(shown(sentence("The program that is shown ran with what is chosen already.")))

    async def _explain(self, session: RunSession | None) -> None:
        advice = session.advice if session is not None else None
        self._doers.explain(advice.section or "" if advice is not None else "")
