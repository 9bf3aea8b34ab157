"""Damaged models, made from honest ones by a seed: blind damage to bytes, and damage that leaves the container intact.

Blind damage mostly breaks a checksum and ends there. So most of these take the container apart, damage what is inside
(an architecture, a weight file, a variable index) and put it together again with matching checksums and lengths.
"""

from __future__ import annotations

import json
import random
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py

STRANGE_VALUES: tuple[Any, ...] = (
    0, -1, 1, 2**31, 2**63, 10**12, 1e308, -0.0, float("nan"), None, True, "", "..", "../../etc/passwd", "\0",
    "a" * 5000,
    [], {}, [[]], [None, None], [1] * 200, "float16", "int32", "string", "linear", "http://127.0.0.1:9/x", "file:///x",
)  # fmt: skip
CLASS_NAMES = (
    "Dense", "LSTM", "GRU", "Bidirectional", "TimeDistributed", "Functional", "Sequential", "InputLayer", "Lambda",
    "StringLookup", "TextVectorization", "TFSMLayer", "Embedding", "Conv2D", "RNN", "Reshape", "get_file", "object",
)  # fmt: skip


def mutant(honest: Path, into: Path, seed: int) -> Path:
    """A damaged model of one of the kinds below, written into the folder `into`; the same for the same seed."""
    dice = random.Random(seed)
    makers = (_bytes_of_h5, _architecture_of_h5, _bytes_of_archive, _members_of_archive, _graph, _variables)
    return makers[seed % len(makers)](honest, into, dice)


def _bytes_of_h5(honest: Path, into: Path, dice: random.Random) -> Path:
    return _written(into / "mymodel.h5", _damaged((honest / "honest.h5").read_bytes(), dice))


def _bytes_of_archive(honest: Path, into: Path, dice: random.Random) -> Path:
    return _written(into / "mymodel.keras", _damaged((honest / "honest.keras").read_bytes(), dice))


def _architecture_of_h5(honest: Path, into: Path, dice: random.Random) -> Path:
    target = into / "mymodel.h5"
    shutil.copy(honest / "honest.h5", target)
    with h5py.File(target, "r+") as file:
        file.attrs["model_config"] = _bent(str(file.attrs["model_config"]), dice)
    return target


def _members_of_archive(honest: Path, into: Path, dice: random.Random) -> Path:
    with zipfile.ZipFile(honest / "honest.keras") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    victim = dice.choice(("config.json", "config.json", "metadata.json", "model.weights.h5"))
    if victim.endswith(".json"):
        members[victim] = _bent(members[victim].decode(), dice).encode("utf-8", "surrogatepass")
    else:
        members[victim] = _damaged(members[victim], dice)
    with zipfile.ZipFile(into / "mymodel.keras", "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return into / "mymodel.keras"


def _graph(honest: Path, into: Path, dice: random.Random) -> Path:
    return _in_folder(honest, into, "saved_model.pb", lambda data: _damaged(data, dice))


def _variables(honest: Path, into: Path, dice: random.Random) -> Path:
    names = ("variables/variables.index", "variables/variables.data-00000-of-00001", "fingerprint.pb")
    return _in_folder(honest, into, dice.choice(names), lambda data: _damaged(data, dice))


def _in_folder(honest: Path, into: Path, inner: str, change: Callable[[bytes], bytes]) -> Path:
    target = into / "mymodel"
    shutil.copytree(honest / "honest-saved", target)
    _written(target / inner, change((target / inner).read_bytes()))
    return target


def _written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def _damaged(whole: bytes, dice: random.Random) -> bytes:
    """Flip bits, overwrite, cut, repeat or insert at random places."""
    data = bytearray(whole)
    for _ in range(dice.choice((1, 1, 2, 4, 16))):
        at = dice.randrange(len(data)) if data else 0
        kind = dice.choice(("flip", "flip", "overwrite", "cut", "repeat", "extreme"))
        if kind == "flip" and data:
            data[at] ^= 1 << dice.randrange(8)
        elif kind == "overwrite":
            data[at : at + 8] = dice.randbytes(8)
        elif kind == "cut":
            del data[at : at + dice.choice((1, 64, 100_000))]
        elif kind == "repeat":
            data[at:at] = data[at : at + 64]
        else:
            data[at : at + 8] = dice.choice((b"\xff" * 8, b"\0" * 8, b"\xff" * 7 + b"\x7f"))
    return bytes(data)


def _bent(text: str, dice: random.Random) -> str:
    """JSON text with some of its values replaced, dropped, doubled or moved."""
    tree = json.loads(text)
    for _ in range(dice.choice((1, 1, 2, 3))):
        places = list(_places(tree))
        if not places:
            break
        holder, key = dice.choice(places)
        kind = dice.choice(("value", "value", "class", "drop", "graft", "wrap"))
        if kind == "value":
            holder[key] = dice.choice(STRANGE_VALUES)
        elif kind == "class" and isinstance(holder, dict):
            holder["class_name"] = dice.choice(CLASS_NAMES)
        elif kind == "drop":
            del holder[key]
        elif kind == "graft":
            other, place = dice.choice(places)
            holder[key] = json.loads(json.dumps(other[place])) if place in other or isinstance(other, list) else None
        else:
            for _ in range(dice.choice((1, 30, 400))):
                holder[key] = [holder[key]]
    return json.dumps(tree)


def _places(tree: Any) -> list[tuple[Any, Any]]:
    """Every (container, key or index) in a tree of lists and dictionaries."""
    found, pending = [], [tree]
    while pending:
        holder = pending.pop()
        pairs = list(holder.items()) if isinstance(holder, dict) else list(enumerate(holder))
        for key, value in pairs:
            found.append((holder, key))
            if isinstance(value, dict | list):
                pending.append(value)
    return found
