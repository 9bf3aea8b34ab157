"""What the trusted side reads of models and of the children that open them; and the packs' hidden sets."""

from __future__ import annotations

import io
import json
import os
import random
import shutil
import struct
import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec
import numpy as np

from graders import frames, protocol
from graders.contract import Contract, Limits
from graders.frames import ForgedFrame
from graders.trusted import findings, hidden_set
from graders.trusted.hidden_set import HiddenSetError
from graders.trusted.refused import Refused
from graders.trusted.staging import stage
from graders.verdict import Reason
from mockexam.language.catalogue import shown
from mockexam.language.plain import line_of
from mockexam.language.verdicts import shown_reason
from tests.fuzzing.containers import NAMES, members_of, zip_like
from tests.fuzzing.mutators import STEERING, bent_bytes, json_like
from tests.fuzzing.target import Make

HDF5 = b"\x89HDF\r\n\x1a\n" + bytes(range(256)) * 8
CONTRACT = Contract(input_shape=(1,), output_shape=(1,), max_bytes=64 << 20)


def worded(reason: Reason) -> str:
    """What people read of it, each part as a cell of the table that commands print."""
    told = shown_reason(reason)
    return " ".join(map(line_of, (told.expected, told.found, told.advice, reason.code)))


class Staging:
    """A model as a file, an archive or a folder, of any name."""

    KERAS: Mapping[str, bytes] = {"metadata.json": b"{}", "config.json": b'{"a": 1}', "model.weights.h5": HDF5}
    SAVED: Mapping[str, bytes] = {
        "mymodel/saved_model.pb": b"\x08\x01graph",
        "mymodel/variables/variables.index": bytes(40),
        "mymodel/variables/variables.data-00000-of-00001": bytes(400),
        "labels.txt": b"0 cat\n",
    }

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, dice: random.Random) -> str:
        name = dice.choice(
            ("mymodel.h5", "mymodel.keras", "model.zip", "x", *map(os.fsdecode, NAMES[13:17]), *STEERING[:3])
        )
        source, into = self.folder / name.replace("/", "_"), self.folder / "into"
        into.mkdir()
        try:
            self._write(source, dice)
            staged = stage(source, into, CONTRACT)
            told = findings.Findings(os.fsencode(source))
            told.staged(staged, 0.1)
            return f"{told.receipt().file} {' '.join(map(shown, told.notes))}"
        except Refused as refusal:
            return worded(refusal.reason)
        finally:
            shutil.rmtree(into)
            shutil.rmtree(source, ignore_errors=True)
            source.unlink(missing_ok=True)

    def _write(self, source: Path, dice: random.Random) -> None:
        files = dice.choice((self.KERAS, self.SAVED))
        match dice.randrange(4):
            case 0:
                source.write_bytes(bent_bytes(HDF5, dice))
            case 1 | 2:
                source.write_bytes(zip_like(files, dice, lambda name, content, dice: bent_bytes(content, dice)))
            case _:
                self._write_folder(source, files, dice)

    def _write_folder(self, source: Path, files: Mapping[str, bytes], dice: random.Random) -> None:
        source.mkdir()
        for name, content in files.items():
            if dice.random() < 0.8:
                path = source / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        for _ in range(dice.randrange(3)):
            odd = source / os.fsdecode(dice.choice(NAMES).replace(b"/", b"_").replace(b"\0", b"_")[:200] or b"_")
            match dice.randrange(4):
                case 0:
                    odd.symlink_to("/etc/hostname") if not odd.exists() else None
                case 1 if not odd.exists():
                    os.mkfifo(odd)
                case 2:
                    (source / ("d/" * 15)).mkdir(parents=True, exist_ok=True)
                case _ if not odd.exists():
                    odd.write_bytes(b"odd")


class Frames:
    """What a child sends: frames, cut anywhere, and the bodies of each kind."""

    EXPECTED = frames.Expected((7, 3), 3)

    def __init__(self, folder: Path) -> None:
        values = np.arange(21, dtype=np.float32).tobytes()
        told = {"stage": "loaded", "keras_version": "3.8", "loader": "keras", "layers": 3, "parameters": 12,
                "input_shape": [None, 1], "output_shape": [None, 3], "notes": ["a note"]}  # fmt: skip
        refused = {"link": "input", "code": "x", "expected": "a", "found": "b", "advice": "c"}
        template = {"template": "{a} of {b}", "values": {"a": "x", "b": {"template": "y", "values": {}}}}
        self.bodies: tuple[tuple[bytes, object], ...] = (
            (frames.STAGE, told), (frames.STAGE, {**told, "notes": [template, template]}),
            (frames.REFUSED, refused), (frames.REFUSED, {**refused, "found": template}),
            (frames.WANTING, {"memory": "nothing", "notes": [template]}),
            (frames.ERROR, {"type": "ValueError", "message": "no"}), (frames.LOCK_FAILED, {"message": "no"}),
        )  # fmt: skip
        self.predictions = frames.shape_head((7, 3)) + values

    def run(self, dice: random.Random) -> str:
        stream = b"".join(self._sent(dice) for _ in range(dice.choice((1, 3, 40))))
        if dice.random() < 0.4:
            stream = bent_bytes(stream, dice)
        reader = frames.FrameReader()
        reader.expected = self.EXPECTED
        told, known = [], findings.Findings(b"model.h5")
        try:
            while stream:
                size = dice.choice((1, 5, 100, 100_000))
                for one in reader.feed(stream[:size]):
                    told.append(self._understood(one, known, dice))
                stream = stream[size:]
        except ForgedFrame as forged:
            told.append(shown(forged.found))
        return "\n".join([*told, *(line_of(shown(note)) for note in known.notes)])

    def _sent(self, dice: random.Random) -> bytes:
        if dice.random() < 0.2:
            return frames.frame(frames.PREDICTIONS, bent_bytes(self.predictions, dice))
        type_, body = dice.choice(self.bodies)
        return frames.frame(type_, json_like(json.dumps(body).encode(), dice))

    def _understood(self, one: frames.Frame, known: findings.Findings, dice: random.Random) -> str:
        match one.type:
            case frames.PREDICTIONS:
                shape, values = frames.read_predictions(one.body, self.EXPECTED)
                return f"{shape} {len(values)}"
            case frames.STAGE:
                known.stage(one.body)
            case frames.WANTING:
                known.waiting(one.body)
            case frames.REFUSED:
                return worded(known.refusal(one.body, in_codes=dice.random() < 0.5))
            case frames.ERROR:
                return worded(known.error(one.body, Limits(), in_codes=dice.random() < 0.5))
        return ""


class ProtocolLines:
    """Lines between the application and its supervisor, and tasks and verdicts in them."""

    def __init__(self, folder: Path) -> None:
        from tests.sitting.fakes import refused, scored

        verdicts = [protocol.Done(id=1, verdict=verdict) for verdict in (scored(3), refused())]
        self.lines = [protocol.encode(line) for line in (*verdicts, protocol.PhaseReached(id=1, phase="loading"),
                      protocol.StateChanged(state="ready", isolation={"level": "full"}), protocol.Cancel(id=4),
                      protocol.Setup(scratch=b"/tmp/x", required=True, slots=2))]  # fmt: skip

    def run(self, dice: random.Random) -> str:
        line = json_like(dice.choice(self.lines), dice)
        for decode in (protocol.decode_event, protocol.decode_order):
            try:
                decode(line)
            except (msgspec.MsgspecError, ValueError, RecursionError):
                continue
        return ""


class HiddenSets:
    """hidden.npz, as the supervisor reads it."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "hidden.npz"
        x = np.linspace(0, 1, 40, dtype=np.float32).reshape(-1, 1)
        made = io.BytesIO()
        np.savez_compressed(made, inputs=x, labels=2 * x, texts=np.array(["a", "b"]))
        self.honest = members_of(made.getvalue())

    def run(self, dice: random.Random) -> str:
        self.file.write_bytes(zip_like(self.honest, dice, _array))
        try:
            found = hidden_set.read(os.fsencode(self.file))
        except HiddenSetError as error:
            return shown(error.found)
        return f"{found.shape} {found.dtype}"


def _array(name: str, content: bytes, dice: random.Random) -> bytes:
    """An array whose header says something else."""
    if dice.random() < 0.4:
        return bent_bytes(content, dice)
    descr = dice.choice(("<f4", "|O", "<f8", ">c16", "|V0", "|S0", "<U1000000", "<M8[ns]", "f4", "<f4,<i4", "x", "|b1"))
    shape = dice.choice(("(40, 1)", "()", "(0,)", "(1099511627776,)", "(-1,)", "(2147483648, 2147483648)", "(40,1,1,1)",
                         "(True,)", "(" + "1," * 40 + ")", "x", "((((1,))))"))  # fmt: skip
    header = f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape}, }}"
    if dice.random() < 0.2:
        header = dice.choice(("(" * 5000, "{'a':" * 500, "[" * 9000, "1" * 9000, "\x1b[2J", "__import__('os').abort()"))
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header) & 0xFFFF) + header.encode() + content[128:]


class Archives:
    """The guard against zip archives, at the bounds that packs, models and bundles set."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.honest = {"a/config.json": b"{}", "a/model.weights.h5": HDF5, "b.txt": b"text"}

    def run(self, dice: random.Random) -> str:
        from graders.archives import ArchiveError, Limits, Names, guarded

        file = self.folder / "changed.zip"
        file.write_bytes(zip_like(self.honest, dice))
        limits = Limits(1000, 64 << 20, 4 << 20, 10, dice.choice((None, 100)))
        names = dice.choice(
            (
                Names(),
                Names(backslash_separates=True, legacy=True, folders=True),
                Names(refused="", spelling_matters=True),
            )
        )
        with tempfile.TemporaryDirectory(dir=self.folder) as into:
            try:
                with guarded(file, limits, names) as archive:
                    archive.unpack(Path(into))
            except ArchiveError as error:
                return ascii(str(error))
        return ""


TARGETS: Mapping[str, Make] = {
    "staging": Staging,
    "frames": Frames,
    "protocol-lines": ProtocolLines,
    "hidden-sets": HiddenSets,
    "archives": Archives,
}
