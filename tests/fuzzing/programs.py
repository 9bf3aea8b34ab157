"""What a candidate's project holds: programs, their output, figures and the files of editors; and other Pythons."""

from __future__ import annotations

import json
import os
import random
import shutil
import struct
import sys
import zlib
from collections.abc import Mapping
from pathlib import Path

from mockexam.inspections.advice.advice import advise
from mockexam.inspections.inspection import inspect
from mockexam.interpreters.discovery import offers
from mockexam.interpreters.installation import installation_of
from mockexam.interpreters.reading import Reader
from mockexam.language.catalogue import shown
from mockexam.plots.description import told
from mockexam.plots.figures import description_of, figures, picture
from mockexam.plots.shelf import Shelf
from mockexam.preload.switches import Switches, variables
from mockexam.running.console import Console
from mockexam.running.output.epochs import EpochReader
from mockexam.running.output.folding import Folding
from mockexam.running.output.links import find_links
from mockexam.workspace.fault import WorkspaceError
from mockexam.workspace.open_file import OpenFile
from mockexam.workspace.place import check_place, draft_owner, project_owner
from mockexam.workspace.watch import ModelWatch
from tests.fuzzing.mutators import TEXTS, bent_bytes, bent_text, json_like
from tests.fuzzing.target import Make

PROGRAMS = Path(__file__).parents[1] / "course_programs" / "programs"


class Inspections:
    """The programs of courses, as the editor's inspections read them."""

    def __init__(self, folder: Path) -> None:
        self.sources = [path.read_text("utf-8") for path in sorted(PROGRAMS.glob("*.py"))]
        self.folder = folder

    def run(self, dice: random.Random) -> str:
        source = bent_text(dice.choice(self.sources), dice)
        found = inspect(
            source, keras=dice.choice((None, 2, 3)), modules=frozenset({"os", "keras"}), project=self.folder
        )
        return "\n".join(f"{shown(one.message)} {shown(one.detail)}" for one in found[:100])


class Output:
    """What a program writes: the console, epochs, folding, places, and the advice under a traceback."""

    SAID = (
        "Epoch 1/5\n\r 1/32 [>...] - ETA: 1s - loss: 0.69\r32/32 [====] - 1s 2ms/step - loss: 0.1 - val_loss: 0.2\n",
        "2026-03-28 12:00:00.123456: I tensorflow/core/util/port.cc:153] oneDNN custom operations are on.\n",
        'Traceback (most recent call last):\n  File "starter.py", line 3, in <module>\n    model.fit(x, y)\n'
        "ValueError: Data cardinality is ambiguous. Make sure all arrays contain the same number of samples.\n",
        'Traceback (most recent call last):\n  File "starter.py", line 1, in <module>\n    import nosuch\n'
        "ModuleNotFoundError: No module named 'nosuch'\n",
        "FileNotFoundError: [Errno 2] No such file or directory: 'data/points.csv'\n",
        "ValueError: Input 0 of layer \"dense\" is incompatible with the layer: expected axis -1 of input shape to have"
        " value 3, but received input with shape (None, 4)\n",
    )  # fmt: skip

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, dice: random.Random) -> str:
        text = bent_text("".join(dice.choice(self.SAID) for _ in range(dice.choice((1, 3, 200)))), dice)
        console, epochs = Console(), EpochReader()
        folding = Folding(console)
        for start in range(0, len(text), 4096):
            console.feed(text[start : start + 4096])
            epochs.feed_all(console.take_finished())
            folding.forget()
            folding.follow(0)
        epochs.remaining()
        for line in text.split("\n")[:200]:
            find_links(line, self.folder)
        tail = text[-20_000:]
        advice = advise(tail, keras=3, allowed="all", project=self.folder)
        return "" if advice is None else f"{shown(advice.words)} {shown(advice.replacement or '')}"


class Figures:
    """The figures of runs: pictures, what they say of themselves, how many gave way."""

    WORDS = json.dumps(
        {"title": "Loss", "axes": [{"title": "a", "x": "epoch", "y": "loss", "series": [
            {"kind": "line", "name": "train", "count": 3, "first": 1.0, "last": 0.1, "least": 0.1, "greatest": 1.0}]}],
         "boxes": False}
    ).encode()  # fmt: skip

    def __init__(self, folder: Path) -> None:
        self.runs = folder / "runs"
        self.plots = self.runs / "category1-1.plots"
        self.plots.mkdir(parents=True)
        head = struct.pack(">2L5B", 4, 4, 8, 2, 0, 0, 0)
        chunk = struct.pack(">L", 13) + b"IHDR" + head + struct.pack(">L", zlib.crc32(b"IHDR" + head))
        self.picture = b"\x89PNG\r\n\x1a\n" + chunk

    def run(self, dice: random.Random) -> str:
        name = dice.choice(("00000000000000000001-1", "99999999999999999999-99999", "\u0661" * 20 + "-1"))
        path = self.plots / f"{name}.png"
        path.write_bytes(bent_bytes(self.picture, dice) if dice.random() < 0.5 else self.picture)
        path.with_suffix(".json").write_bytes(json_like(self.WORDS, dice))
        (self.plots / "left-out").write_bytes(bent_bytes(b"12", dice))
        try:
            entries = Shelf(self.runs).look()
            for one in figures(self.plots):
                picture(one.path)
            said = [shown(line) for entry in entries for line in told(description_of(entry.figure))]
            return "\n".join([*said, *(description_of(entry.figure).heading() for entry in entries)])
        finally:
            for file in self.plots.iterdir():
                file.unlink()


class ProjectFiles:
    """A project's own files: the marker, drafts, programs and models of any name."""

    MARKER = b'{"format": 1, "attempt": "20260328-abcdef", "pack": "small", "categories": {"1": {"problem": "a"}}}'

    def __init__(self, folder: Path) -> None:
        self.project = folder / "project"

    def run(self, dice: random.Random) -> str:
        from mockexam.workspace import layout

        marker = layout.marker(self.project)
        marker.parent.mkdir(parents=True)
        category = layout.category_folder(self.project, 1)
        category.mkdir()
        said = []
        try:
            marker.write_bytes(json_like(self.MARKER, dice))
            program = category / "starter.py"
            cookie = dice.choice(
                (b"# coding: utf-7\n", b"# coding: \x1b[2J\n", b"# coding: idna\n", b"# coding: rot13\n", b"")
            )
            program.write_bytes(cookie + bent_bytes(b"import keras\r\nx = 'caf\xc3\xa9'\n", dice))
            (category / f"x{_file_name(dice)}").write_bytes(b"x")
            project_owner(self.project)
            draft_owner(self.project)
            ModelWatch(category).known()
            for refusable in (lambda: check_place(self.project), lambda: OpenFile(program).load()):
                try:
                    refusable()
                except WorkspaceError as error:
                    said.append(shown(error.sentence))
        finally:
            shutil.rmtree(self.project)
        return "\n".join(said)


def _file_name(dice: random.Random) -> str:
    """What a file may be called on Linux, not always text."""
    name = dice.choice(TEXTS).replace("\ud800", "\udcff").encode("utf-8", "surrogateescape")
    return os.fsdecode(name[:200].replace(b"/", b"_").replace(b"\0", b"_"))


class OtherPythons:
    """A folder that claims to be a Python: its configuration and the metadata of its packages."""

    CONFIGURATION = b"home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11.2\nprompt = mine\n"
    METADATA = b"Metadata-Version: 2.1\nName: tensorflow\nVersion: 2.15.0\n\nText.\n"

    def __init__(self, folder: Path) -> None:
        self.prefix = folder / "venv"
        self.package = self.prefix / "lib" / "python3.11" / "site-packages" / "tensorflow-2.15.0.dist-info"
        self.package.mkdir(parents=True)
        self.executable = self.prefix / "bin" / "python"
        self.executable.parent.mkdir()
        self.executable.symlink_to(sys.executable)

    def run(self, dice: random.Random) -> str:
        bent = bent_text(self.CONFIGURATION.decode(), dice).encode("utf-8", "surrogatepass")
        configuration = self.prefix / "pyvenv.cfg"
        configuration.write_bytes(bent_bytes(self.CONFIGURATION, dice) if dice.random() < 0.5 else bent)
        (self.package / "METADATA").write_bytes(
            bent_text(self.METADATA.decode(), dice).encode("utf-8", "surrogatepass")
        )
        (self.package.parent / "x.pth").write_bytes(bent_bytes(b"../elsewhere\nimport os\n", dice))
        installation = installation_of(self.executable, Reader())
        if installation is None:
            return ""
        return "\n".join(f"{shown(offer.name())} {offer.versions}" for offer in offers(installation))


class SwitchVariables:
    """The variables that bring parts before a program, with whatever the caller's environment has in them."""

    def __init__(self, folder: Path) -> None:
        made = variables(Switches(), {"PATH": "/usr/bin"})
        self.names = [*made, "PYTHONPATH", "PYTHONSTARTUP"]

    def run(self, dice: random.Random) -> str:
        base = {dice.choice(self.names): dice.choice(TEXTS) for _ in range(3)}
        variables(Switches(), base)
        return ""


TARGETS: Mapping[str, Make] = {
    "inspections": Inspections,
    "program-output": Output,
    "figures": Figures,
    "project-files": ProjectFiles,
    "other-pythons": OtherPythons,
    "switch-variables": SwitchVariables,
}
