"""The form that begins an exam: a name, a project folder, and which pack."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on, work
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Select, Static

from graders.sentences import sentence
from mockexam.language.catalogue import shown
from mockexam.tui.look import formatting
from mockexam.tui.look.controls import PushButton
from mockexam.tui.pages.page import Page
from mockexam.tui.pages.welcome_state import BUILT_IN

if TYPE_CHECKING:
    from mockexam.interpreters.interpreter import Interpreter
    from mockexam.packs.format.model import Pack
    from mockexam.sitting.service import Attempt, ExamService
    from mockexam.tui.launch_options import LaunchOptions

LANGUAGES = {
    "en": "English",
    "ko": "한국어",
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
    "ja": "日本語",
    "zh": "中文",
}


CHANGE = sentence("Change…")


class NewExamScreen(Page):
    """Name, folder and pack, checked during typing; *Next* is enabled when all is well."""

    CSS_PATH = "new_exam.tcss"
    heading = sentence("Take the certificate exam")
    step = 0

    def __init__(self, launch_options: LaunchOptions) -> None:
        super().__init__()
        self.launch_options = self.options = launch_options
        self.packs: dict[str, Pack] = {}
        self.complaint = ""
        self._hurried = False

    def body(self) -> Iterable[Widget]:
        """The fields, each with a line below that says what is wrong with it."""
        known = self.launch_options.name or self.host.settings.get("name", "")
        name = Input(known, placeholder=shown(sentence("As on a certificate")), id="name")
        name.border_title = shown(sentence("Your name"))
        folder = Input(formatting.homely(self.launch_options.project or free_folder()), id="folder")
        folder.border_title = shown(sentence("Project folder"))
        yield name
        yield Static(id="name-says")
        yield folder
        yield Static(id="folder-says")
        with Horizontal(id="picks"):
            yield Select((), prompt=shown(sentence("Looking for packs…")), id="pack")
            language: Select[str] = Select((), prompt="English", id="language")
            language.display = False
            yield language
        yield Static(id="pack-says")
        with Horizontal(id="programs"):
            yield Static(shown(sentence("Programs run in")), id="programs-say")
            yield PushButton("", id="interpreter", disabled=True)

    def buttons(self) -> Iterable[PushButton]:
        """Back to the welcome screen, or on."""
        yield PushButton(sentence("Back"), id="back")
        yield PushButton(sentence("Next"), key="Enter", kind="primary", id="next", disabled=True)

    def on_mount(self) -> None:
        """Start in the first field that needs filling, and find the packs."""
        for select, title in (("#pack", sentence("Problem pack")), ("#language", sentence("Language"))):
            current = f"{select} SelectCurrent"  # untranslated: a selector
            self.query_one(current).border_title = shown(title)
        name = self.query_one("#name", Input)
        self.query_one("#folder" if name.value else "#name").focus()
        self._load_packs()
        self._check()

    @work(group="packs", exit_on_error=False)
    async def _load_packs(self) -> None:
        packs = await asyncio.to_thread(lambda: tuple(self.host.exams.catalogue.packs()))
        select: Select[str] = self.query_one("#pack", Select)
        if not packs:
            none = sentence("No problem pack is installed. `mockexam doctor` says where packs are looked for.")
            self._say("pack", shown(none), False)
            return
        self.packs = {pack.id: pack for pack in packs}
        wanted = self.launch_options.pack
        first = next(
            (one for one in (wanted, self.host.settings.get("pack"), BUILT_IN) if one in self.packs), packs[0].id
        )
        select.set_options([(f"{pack.title}  {pack.version}", pack.id) for pack in packs])
        select.value = first
        if wanted is not None and wanted not in self.packs:
            missing = sentence(
                "There is no pack “{wanted}” here; found {packs}.", wanted=wanted, packs=", ".join(self.packs)
            )
            self.complaint = shown(missing)
            self._say("pack", self.complaint, False)
        self._check()

    @on(Select.Changed, "#pack")
    def _offer_languages(self, event: Select.Changed) -> None:
        pack = self.packs.get(str(event.value))
        select: Select[str] = self.query_one("#language", Select)
        if pack is None:
            return
        form = formatting.form(len(pack.form.weights), pack.form.minutes, pack.form.pass_mark)
        if pack.offline:
            note = sentence("{form}.", form=form)
        else:
            note = sentence("{form}. Needs a network: its data is downloaded when the exam is prepared.", form=form)
        self._say("pack", self.complaint or shown(note), False if self.complaint else None)
        self._show_interpreter(pack)
        languages = spoken_throughout(pack)
        select.display = len(languages) > 1
        select.set_options([(LANGUAGES.get(code, code), code) for code in languages])
        usual = self.launch_options.language or self.host.settings.get("language", "en")
        select.value = usual if usual in languages else languages[0]

    @on(Input.Changed)
    def _typed(self) -> None:
        self._hurried = False
        self._check()

    @on(Select.Changed)
    def _chosen(self) -> None:
        self._check()

    @work(group="check", exclusive=True, exit_on_error=False)
    async def _check(self) -> None:
        name, folder = self.query_one("#name", Input).value.strip(), self._folder()
        if folder:
            complaint = await asyncio.to_thread(folder_fault, folder)
        else:
            complaint = shown(sentence("Give a folder for the exam's project."))
        self._say("name", "" if name else shown(sentence("The name is printed on the result.")), None)
        well = shown(sentence("A new folder will be made for the problems."))
        self._say("folder", complaint or well, None if not complaint else False)
        self.query_one("#folder").set_class(bool(complaint), "-invalid")
        ready = bool(name) and not complaint and self._picked("pack") is not None
        self.query_one("#next").disabled = not ready
        self._hurried = self._hurried and bool(name) and not complaint
        if ready and self._hurried:
            self._hurried = False
            self._begin()

    def _folder(self) -> Path | None:
        text = self.query_one("#folder", Input).value.strip()
        return Path(text).expanduser().absolute() if text else None

    def _picked(self, field: str) -> str | None:
        select: Select[str] = self.query_one(f"#{field}", Select)
        return select.value if isinstance(select.value, str) else None

    def _say(self, field: str, text: str, good: bool | None) -> None:
        style = "$stop" if good is False else "$text-faint"
        self.query_one(f"#{field}-says", Static).update(Content.styled(text, style))

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        following = self.query_one("#next")
        if not following.disabled:
            self._begin()
        elif event.input.id == "name":
            self.query_one("#folder").focus()
        else:
            self._hurried = True  # what was typed is still being looked at
            self._check()

    @on(PushButton.Pressed)
    def _pressed(self, event: PushButton.Pressed) -> None:
        if event.control.id == "next":
            self._begin()
        elif event.control.id == "interpreter":
            self._choose_interpreter()
        else:
            self.action_back()

    @work(group="interpreter", exclusive=True, exit_on_error=False)
    async def _show_interpreter(self, pack: Pack) -> None:
        """Print what programs will run in, unless the command line or the window has said so."""
        present = await self._interpreter(pack)
        button = self.query_one("#interpreter", PushButton)
        button.relabel(present.name(), shown(CHANGE))
        button.disabled = False

    async def _interpreter(self, pack: Pack) -> Interpreter:
        from mockexam.interpreters.interpreter import this_python

        if self.options.python is not None:
            return self.options.python
        return await asyncio.to_thread(this_python, pack.programs.keras or 3)

    @work(group="interpreter", exclusive=True, exit_on_error=False)
    async def _choose_interpreter(self) -> None:
        from mockexam.errors import RefusalError
        from mockexam.interpreters.choosing import made_ready
        from mockexam.tui.interpreters.project_interpreter import ProjectInterpreter
        from mockexam.tui.look.dialogs import tell

        pack = self.packs[self._picked("pack") or ""]
        present = await self._interpreter(pack)
        selection = await self.app.push_screen_wait(ProjectInterpreter(pack.programs, self._folder(), present))
        if selection is None:
            return
        try:
            ready = await asyncio.to_thread(made_ready, selection.interpreter)
        except RefusalError as refusal:
            await tell(self.app, sentence("Programs can't run in this Python"), shown(refusal.sentence))
            return
        self.options = replace(self.options, python=ready, confirmed=selection.confirmed)
        self.query_one("#interpreter", PushButton).relabel(ready.name(), shown(CHANGE))

    @work(group="begin", exclusive=True, exit_on_error=False)
    async def _begin(self) -> None:
        from mockexam.errors import RefusalError
        from mockexam.tui.look.dialogs import tell

        name, folder = self.query_one("#name", Input).value.strip(), self._folder()
        pack, language = self._picked("pack"), self._picked("language") or "en"
        assert folder is not None
        assert pack is not None
        try:
            attempt = await asyncio.to_thread(
                create, self.host.exams, self.options, name, folder, self.packs[pack], language
            )
        except RefusalError as refusal:
            await tell(self.app, sentence("The exam can't begin like this"), shown(refusal.sentence))
            self._check()
            return
        self.host.keep(name=name, pack=pack, language=language)
        self.host.enter(attempt)


def create(exams: ExamService, options: LaunchOptions, name: str, folder: Path, pack: Pack, language: str) -> Attempt:
    """A new attempt whose programs run in the Python that was asked for. Blocking; raises RefusalError."""
    if options.python is None:
        return exams.create(name, folder, pack.id, None, language)
    from mockexam.interpreters.choices import Choices, refuse_unless_allowed
    from mockexam.sitting.registration import rules_of

    refuse_unless_allowed(options.python, rules_of(pack).programs)
    attempt = exams.create(name, folder, pack.id, None, language)
    Choices(exams.home).choose(
        attempt.id, options.python, attempt.rules.programs, project=folder, confirmed=options.confirmed
    )
    return attempt


def spoken_throughout(pack: Pack) -> list[str]:
    """The languages that every problem of a pack is written in, English first."""
    common = set.intersection(*(set(problem.languages) for problem in pack.problems)) if pack.problems else set()
    return sorted(common or {"en"}, key=lambda code: (code != "en", code))


def free_folder(today: date | None = None) -> Path:
    """A folder below ~/mockexam that doesn't exist yet, named after the day."""
    base = Path.home() / "mockexam"
    name = f"{today or date.today():%Y-%m-%d}-exam"
    candidate, number = base / name, 2
    while candidate.exists():
        candidate, number = base / f"{name}-{number}", number + 1
    return candidate


def folder_fault(folder: Path) -> str:
    """Why an exam can't be written to `folder`, in a sentence, or "". Blocking."""
    from mockexam.workspace.fault import WorkspaceError
    from mockexam.workspace.place import check_place

    try:
        check_place(folder)
    except WorkspaceError as error:
        return shown(sentence("Found {fault}", fault=error.brief))
    return ""
