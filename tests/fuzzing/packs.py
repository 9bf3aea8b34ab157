"""What instructors hand out: pack files, their texts, hidden sets, archives and proofs."""

from __future__ import annotations

import random
import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path

from mockexam.errors import RefusalError
from mockexam.language.catalogue import shown
from mockexam.packs.authoring import archive, proof
from mockexam.packs.authoring.installing import install
from mockexam.packs.format.faults import Fault, PackError
from mockexam.packs.format.reading import examine, read_pack
from mockexam.store.home import Home
from tests.fuzzing.containers import members_of, zip_like
from tests.fuzzing.mutators import bent_bytes, bent_text, json_like, toml_like
from tests.fuzzing.target import Make
from tests.fuzzing.worker import command
from tests.sitting.fakes import write_pack


def told(faults: tuple[Fault, ...]) -> str:
    """Faults as `pack check` words them."""
    return "\n".join(f"{shown(fault.expected)} {shown(fault.found)} {shown(fault.advice)}" for fault in faults)


class PackFiles:
    """pack.toml and problem.toml, read as the catalogue does; now and then through `pack info` and `pack list`."""

    def __init__(self, folder: Path) -> None:
        self.root = write_pack(Home.default().packs)
        self.honest = {name: (self.root / name).read_bytes() for name in ("pack.toml", "problem-1/problem.toml")}
        self.commands = (("pack", "info", "small"), ("pack", "list"), ("practice", "--pack", "small"))

    def run(self, dice: random.Random) -> str:
        name = dice.choice(list(self.honest))
        content = self.honest[name]
        (self.root / name).write_bytes(toml_like(content, dice, tomllib.loads(content.decode())))
        try:
            said = told(examine(self.root).faults)
            return said + command(*dice.choice(self.commands)) if dice.random() < 0.5 else said
        finally:
            (self.root / name).write_bytes(content)


class PackTexts:
    """Statements, stubs, tables and hidden sets, as `pack check` reads them; it starts no worker here."""

    def __init__(self, folder: Path) -> None:
        self.root = write_pack(folder)
        folder = self.root / "problem-1"
        (folder / "hints.md").write_text("Think.\n\nThen **write**.\n")
        (folder / "statement.ko.md").write_text("# 문제\n\n{{target}}\n")
        (folder / "data" / "points.csv").write_text("x,y\n" + "1,2\n" * 50)
        self.files = [path for path in folder.rglob("*") if path.suffix in (".md", ".py", ".csv")]

    def run(self, dice: random.Random) -> str:
        from mockexam.packs.authoring import check

        path = dice.choice(self.files)
        content = path.read_bytes()
        changed = bent_text(content.decode(), dice).encode("utf-8", "surrogatepass")
        path.write_bytes(changed if dice.random() < 0.7 else bent_bytes(content, dice))
        asked, check._hidden_sets = check._hidden_sets, lambda problems: iter(())
        try:
            return told(check.check(self.root).faults)
        finally:
            check._hidden_sets = asked
            path.write_bytes(content)


class PackArchives:
    """Archives of packs: unpacked, and their labels read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        root = write_pack(folder)
        archive.build(read_pack(root), folder / "small.zip")
        self.honest = members_of((folder / "small.zip").read_bytes())

    def run(self, dice: random.Random) -> str:
        file, into = self.folder / "changed.zip", self.folder / "into"
        file.write_bytes(zip_like(self.honest, dice, _inner))
        try:
            archive.read_label(file)
            return told(examine(archive.unpack(file, into)).faults)
        except RefusalError as refusal:
            return shown(refusal.sentence)
        finally:
            shutil.rmtree(into, ignore_errors=True)


class Installing:
    """`pack install` of an archive, with its workers stood in for."""

    def __init__(self, folder: Path) -> None:
        self.archives = PackArchives(folder)
        self.user = Home.default().packs

    def run(self, dice: random.Random) -> str:
        from mockexam.packs.authoring import check

        file = self.archives.folder / "changed.zip"
        file.write_bytes(zip_like(self.archives.honest, dice, _inner))
        asked, check._hidden_sets = check._hidden_sets, lambda problems: iter(())
        try:
            install(file, self.user, replace=True)
        except PackError as error:
            return told(error.faults)
        except RefusalError as refusal:
            return shown(refusal.sentence)
        finally:
            check._hidden_sets = asked
        return command("pack", "info", "small")


class Proofs:
    """proof.json beside a problem, as `pack prove` finds it."""

    def __init__(self, folder: Path) -> None:
        root = write_pack(folder)
        self.problem = read_pack(root).problems[0]
        finding = proof.Finding(kind="data", name="rows", expected="40", found="40", right=True, values={"mae": 0.5})
        made = proof.Proof(
            problem=self.problem.id, mockexam="0.1.0", seed=1, seconds=2.5, parts=proof.parts_of(self.problem, 1),
            findings=(finding,),
        )  # fmt: skip
        proof.write(made, self.problem.folder)
        self.file = self.problem.folder / "proof.json"
        self.honest = self.file.read_bytes()

    def run(self, dice: random.Random) -> str:
        self.file.write_bytes(json_like(self.honest, dice))
        found = proof.kept(self.problem, 1, [])
        return proof.report(found, shown) if found is not None else ""


def _inner(name: str, content: bytes, dice: random.Random) -> bytes:
    if name.endswith(".toml"):
        return toml_like(content, dice, tomllib.loads(content.decode()))
    if name.endswith(".json"):
        return json_like(content, dice)
    return bent_bytes(content, dice)


TARGETS: Mapping[str, Make] = {
    "pack-files": PackFiles,
    "pack-texts": PackTexts,
    "pack-archives": PackArchives,
    "pack-installing": Installing,
    "proofs": Proofs,
}
