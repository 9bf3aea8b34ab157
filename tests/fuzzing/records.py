"""What lies in the user's own folders, where a backup, another program or a stranger's advice may have changed it."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from mockexam.errors import RefusalError
from mockexam.exam.program_rules import ProgramRules
from mockexam.interpreters.choices import Choices
from mockexam.language.catalogue import shown
from mockexam.packs.catalogue import Catalogue
from mockexam.sitting.service import ExamService
from mockexam.store.home import Home
from mockexam.store.settings import Settings, SettingsError
from mockexam.transfer import signing
from tests.fuzzing.containers import bend_sqlite
from tests.fuzzing.mutators import bent_bytes, json_like
from tests.fuzzing.target import Make
from tests.fuzzing.worker import command
from tests.sitting.fakes import FakeClock, FakeService, scored, write_pack


class SettingsFile:
    """settings.json, read by itself and by `doctor`'s neighbours."""

    HONEST = b'{"isolation": "required", "language": "ko", "plots": true, "theme": "mockexam-light", "name": "Ada"}'

    def __init__(self, folder: Path) -> None:
        self.file = Home.default().settings
        self.file.parent.mkdir(parents=True)

    def run(self, dice: random.Random) -> str:
        self.file.write_bytes(json_like(self.HONEST, dice))
        try:
            settings = Settings(self.file)
        except SettingsError as error:
            return shown(error.sentence)
        settings.set("theme", "mockexam-dark")
        settings.save()
        return "\n".join(map(shown, settings.warnings))


class Kept:
    """A home with an exam that runs and one that has ended, of which one kind of files is changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.packs = folder / "packs"
        write_pack(self.packs)
        self.honest = folder / "honest"
        home = Home.under(self.honest)
        shutil.copytree(self.packs, home.packs)
        exams = ExamService(home, FakeClock(), Catalogue(home.packs))
        for number in range(2):
            attempt = exams.create("Ada", folder / f"project-{number}", "small", seed=7)
            exams.provision(attempt.id)
            attempt = exams.start(attempt.id)
            for category in (1, 2):
                model = attempt.project / f"Category{category}" / "mymodel.h5"
                model.write_bytes(b"model")
                exams.grade(exams.submit(attempt.id, category).id, FakeService([scored(4)])).result(5)
            if number == 0:
                exams.end(attempt.id)
                exams.settle(attempt.id)
        signing.signed("result", {}, home.signing_key)
        exams.close()

    def opened(self, change: Callable[[Home], None]) -> str:
        """Everything that a changed home says, by the service and by commands; the home is the honest one again."""
        home = Home.default()
        shutil.copytree(self.honest, home.data.parent)
        try:
            change(home)
            exams = ExamService(home, FakeClock(), Catalogue(home.packs))
            said = [shown(notice) for notice in exams.notices]
            try:
                for attempt in exams.attempts():
                    exams.standing(attempt.id)
                    exams.journal(attempt.id)
                    exams.result(attempt.id)
                    exams.interpreters(attempt.id)
                    chosen = Choices(home).chosen(attempt.id, ProgramRules(), attempt.project)
                    said.append(shown(chosen.why_fallen_back or ""))
                if (running := exams.running()) is not None:
                    exams.remaining(running)
            finally:
                exams.close()
            return "\n".join(said) + command("status") + command("results", "show") + command("results", "export")
        except RefusalError as refusal:
            return shown(refusal.sentence)
        finally:
            shutil.rmtree(home.data.parent)
            for file in Path.cwd().glob("*.json"):
                file.unlink()


class LedgerFile:
    """The SQLite ledger."""

    def __init__(self, folder: Path) -> None:
        self.kept = Kept(folder)

    def run(self, dice: random.Random) -> str:
        return self.kept.opened(lambda home: bend_sqlite(home.ledger, dice))


class SidecarFiles:
    """The files beside the ledger and the marks: with the ledger as it was, an older one, or none."""

    def __init__(self, folder: Path) -> None:
        self.kept = Kept(folder)

    def run(self, dice: random.Random) -> str:
        def change(home: Home) -> None:
            beside = [*home.attempts.rglob("*.json"), *home.marks]
            for file in dice.sample(beside, dice.choice((1, 1, 3))):
                file.write_bytes(json_like(file.read_bytes(), dice))
            if dice.random() < 0.6:
                home.ledger.unlink()
            elif dice.random() < 0.5:
                home.ledger.write_bytes(b"no ledger")

        return self.kept.opened(change)


class SigningKey:
    """The key for signatures."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "signing-key"
        signing.signed("result", {}, self.file)
        self.honest = self.file.read_bytes()

    def run(self, dice: random.Random) -> str:
        self.file.write_bytes(bent_bytes(self.honest, dice))
        try:
            signing.signed("result", {}, self.file)
        except RefusalError as refusal:
            return shown(refusal.sentence)
        return str(signing.public_key(self.file))


class InterpreterChoices:
    """interpreter.json beside the ledger."""

    HONEST = (
        b'{"format":1,"keras":2,"executable":"/usr/bin/python3","legacy":false,"places":[{"path":"/usr/bin/python3",'
        b'"leads_to":"/usr/bin/python3.11","device":1,"inode":2,"owner":0}],"confirmed":["It is old."],'
        b'"variables":{"PATH":{"value":"/usr/bin","before":"","after":""}},"moved":null}',
        b'{"format":1,"keras":3,"moved":{"kind":"other","python":"3.8.18","keras":2,"versions":{"numpy":"1.24"}}}',
    )

    def __init__(self, folder: Path) -> None:
        self.home = Home.default()
        self.file = self.home.attempts / "20260328-abcdef" / "interpreter.json"
        self.file.parent.mkdir(parents=True)

    def run(self, dice: random.Random) -> str:
        self.file.write_bytes(json_like(dice.choice(self.HONEST), dice))
        self.file.chmod(0o600)
        chosen = Choices(self.home).chosen(self.file.parent.name, ProgramRules(), self.home.data)
        return f"{shown(chosen.interpreter.name())} {shown(chosen.why_fallen_back or '')}"


TARGETS: Mapping[str, Make] = {
    "settings": SettingsFile,
    "ledger": LedgerFile,
    "sidecar-records": SidecarFiles,
    "signing-key": SigningKey,
    "interpreter-choices": InterpreterChoices,
}
