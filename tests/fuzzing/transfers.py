"""What candidates send: exported attempts and signed results, each signed anew by a stranger's own key."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Mapping
from pathlib import Path

import msgspec

from mockexam.errors import RefusalError
from mockexam.language.catalogue import shown
from mockexam.store.home import Home
from mockexam.transfer import bundle, signed_result, signing
from mockexam.transfer.exporting import export
from mockexam.transfer.importing import bring
from tests.fuzzing.containers import member, members_of, packed, zip_like
from tests.fuzzing.mutators import json_like
from tests.fuzzing.target import Make
from tests.fuzzing.worker import command
from tests.sitting.fakes import FakeClock, write_pack
from tests.transfer.conftest import Machine


class Sent:
    """One attempt, exported while it ran, and the same after its end elsewhere, with its result."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.packs = folder / "packs"
        self.key = folder / "strangers.key"
        write_pack(self.packs)
        here = Machine(folder / "here", self.packs, FakeClock())
        attempt = here.begin()
        here.submit(attempt, 1, 5)
        here.submit(attempt, 2, 3)
        self.moved = members_of(export(here.exams, attempt.id, folder / "moved.zip").file.read_bytes())
        arrived = Machine(folder / "elsewhere", self.packs, FakeClock(boot="other-1"))
        attempt = bring(arrived.exams, folder / "moved.zip", folder / "elsewhere" / "exam")
        arrived.clock.advance(minutes=10)
        arrived.exams.end(attempt.id)
        arrived.exams.settle(attempt.id)
        self.ended = members_of(export(arrived.exams, attempt.id, folder / "ended.zip").file.read_bytes())
        kept, submissions = arrived.exams.kept(attempt.id), arrived.exams.submissions(attempt.id)
        result = signed_result.signed_result_of(kept, submissions)
        self.result = signing.signed(signed_result.PURPOSE, result, self.key)

    def relabelled(self, files: Mapping[str, bytes], dice: random.Random) -> dict[str, bytes]:
        """The files with a changed list, signed by a stranger."""
        content = msgspec.json.encode(msgspec.json.decode(files[bundle.LABEL])["content"])
        return {**files, bundle.LABEL: self.signed_anew(bundle.PURPOSE, content, dice)}

    def signed_anew(self, purpose: str, content: bytes, dice: random.Random) -> bytes:
        """A changed content; when it is still JSON, with a valid signature."""
        changed = json_like(content, dice)
        try:
            return signing.signed(purpose, msgspec.Raw(msgspec.json.encode(json.loads(changed))), self.key)
        except (ValueError, RecursionError, OverflowError, TypeError, msgspec.MsgspecError):
            return b'{"content":' + changed + b',"key":"' + b"a" * 64 + b'","signature":"' + b"b" * 128 + b'"}'


class Bundles:
    """Exported attempts, opened and imported on another machine."""

    def __init__(self, folder: Path) -> None:
        self.sent = Sent(folder)

    def run(self, dice: random.Random) -> str:
        files = dice.choice((self.sent.moved, self.sent.ended))
        file, there = self.sent.folder / "changed.zip", self.sent.folder / "there"
        if dice.random() < 0.6:
            again = self.sent.relabelled(files, dice)
            file.write_bytes(packed([member(name.encode(), content) for name, content in again.items()]))
        else:
            file.write_bytes(zip_like(files, dice))
        machine = Machine(there, self.sent.packs, FakeClock(boot="third-1"))
        try:
            attempt = bring(machine.exams, file, there / "exam")
            machine.exams.standing(attempt.id)
            machine.exams.running()
            return f"{attempt.candidate} {attempt.id} {machine.exams.result(attempt.id)}"
        except RefusalError as refusal:
            return shown(refusal.sentence)
        finally:
            machine.exams.close()
            shutil.rmtree(there)


class Results:
    """Signed results, and exported attempts as results, by `results verify`."""

    def __init__(self, folder: Path) -> None:
        self.sent = Sent(folder)

    def run(self, dice: random.Random) -> str:
        file = self.sent.folder / dice.choice(("result.json", "result\x1b[2J\n.json"))
        kind = dice.random()
        if kind < 0.6:
            content = msgspec.json.encode(msgspec.json.decode(self.sent.result)["content"])
            file.write_bytes(self.sent.signed_anew(signed_result.PURPOSE, content, dice))
        elif kind < 0.75:
            file.write_bytes(json_like(self.sent.result, dice))
        else:
            again = self.sent.relabelled(self.sent.ended, dice)
            file.write_bytes(packed([member(name.encode(), content) for name, content in again.items()]))
        return command("results", "verify", str(file), *dice.choice(((), (), ("--json",))))


class Imports:
    """`import-attempt` and, when that took it, the commands that tell of it."""

    def __init__(self, folder: Path) -> None:
        self.sent = Sent(folder)
        self.home = Home.default()
        shutil.copytree(self.sent.packs, self.home.packs)

    def run(self, dice: random.Random) -> str:
        file = self.sent.folder / "changed.zip"
        again = self.sent.relabelled(dice.choice((self.sent.moved, self.sent.ended)), dice)
        file.write_bytes(packed([member(name.encode(), content) for name, content in again.items()]))
        project = self.sent.folder / "brought"
        try:
            said = command("import-attempt", str(file), "--project", str(project))
            if project.exists():
                said += command("status") + command("results")
                said += command("results", "show", "2026") + command("results", "export")
            return said
        finally:
            shutil.rmtree(project, ignore_errors=True)
            for path in self.home.data.iterdir():
                if path.is_dir() and path != self.home.packs:
                    shutil.rmtree(path)
                elif path.is_file():
                    path.unlink()
            shutil.rmtree(self.home.config, ignore_errors=True)


TARGETS: Mapping[str, Make] = {"bundles": Bundles, "results": Results, "imports": Imports}
