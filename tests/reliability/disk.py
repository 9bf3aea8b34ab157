"""A disk that keeps what was synced and, of the rest, whatever a power cut leaves.

`disk.c` records what a program does to the files below one folder. `Disk` plays such a record back and says what may be
found there after a power cut at any of its moments. What is assumed:

- The data of a file are on disk after an fsync or fdatasync of that file, or a sync. Each write since then may be there
  or not, in any combination, the last one torn at a multiple of 512 bytes; or a file may have its length and zeros in
  it. A sector that is not written to keeps its content.
- A name in a folder (made, moved or removed) is on disk after an fsync of that folder, or a sync: an fsync of the file
  is not enough, though it is on most Linux file systems. Later changes of one folder are never there without
  its earlier ones; different folders and the data of files are independent of each other. A move between two folders is
  done in both or in neither.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import struct
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

import pytest

HEAD = struct.Struct("<cQQII")
SECTOR = 512

Way = Literal["dropped", "kept", "names", "data", "zeros", "mixed"]
WAYS: tuple[Way, ...] = ("dropped", "kept", "names", "data", "zeros")
"""What survives of the unsynced: nothing; all (as when the process alone dies); the names but no data; the data but no
names; names and lengths with zeros for data. "mixed" draws for each write and folder."""


class Change(NamedTuple):
    """One line of the record: C created, W written, T truncated, R renamed, U removed, M folder made, B before a sync,
    S synced, Y all synced, A said to the person."""

    kind: str
    inode: int
    at: int
    first: bytes
    second: bytes


@cache
def library(folder: Path) -> Path:
    """The compiled recorder; skips the test that asks where there is no C compiler, or no Linux."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None or not Path("/proc/self/fd").exists():
        pytest.skip("needs a C compiler and Linux: power cuts are simulated below the program, at its system calls")
    made = folder / "disk.so"
    source = Path(__file__).with_name("disk.c")
    command = [compiler, "-O2", "-shared", "-fPIC", "-o", str(made), str(source), "-ldl", "-lpthread"]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return made


def environment(shared: Path, root: Path, **more: object) -> dict[str, str]:
    """The variables that have a program's changes below `root` recorded; `more` are log, kill_at, signal and tell."""
    told = {f"DISK_{name.upper()}": str(value) for name, value in more.items()}
    return dict(os.environ) | {"LD_PRELOAD": str(shared), "DISK_ROOT": str(root)} | told


def read(log: Path) -> list[Change]:
    """The record, in order; a line that was cut by a kill ends it."""
    data, place, found = log.read_bytes(), 0, []
    while place + HEAD.size <= len(data):
        kind, inode, at, first, second = HEAD.unpack_from(data, place)
        place += HEAD.size
        if place + first + second > len(data):
            break
        parts = data[place : place + first], data[place + first : place + first + second]
        found.append(Change(kind.decode(), inode, at, *parts))
        place += first + second
    return found


def acknowledge(log: Path, words: str) -> None:
    """Add to a record that a person has been told something by now."""
    said = words.encode()
    with log.open("ab", buffering=0) as file:
        file.write(HEAD.pack(b"A", 0, 0, len(said), 0) + said)


@dataclass(eq=False)
class Node:
    """A file (`entries` is None) or a folder: what is on disk for certain, and what came after."""

    entries: dict[str, Node] | None = None
    content: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)
    """Writes (place, data) and truncations (length, None)."""


@dataclass(eq=False)
class Move:
    """A change of names: `node` leaves `old` and enters `new`; either may be None."""

    node: Node | None
    old: tuple[Node, str] | None
    new: tuple[Node, str] | None

    @property
    def folders(self) -> list[Node]:
        return [place[0] for place in (self.old, self.new) if place is not None]


class Disk:
    """The disk below one folder while a record is played back."""

    def __init__(self, root: Path) -> None:
        self.root = Node(entries={})
        self._prefix = os.fsencode(root)
        self._now: dict[str, Node] = {"": self.root}
        self._inodes: dict[int, Node] = {}
        self._moves: list[Move] = []

    def apply(self, change: Change) -> None:
        """Play one line."""
        name = self._name(change.first) if change.first.startswith(self._prefix) else ""
        if change.kind in "CM":
            node = Node(entries={} if change.kind == "M" else None)
            self._inodes[change.inode] = self._now[name] = node
            self._moves.append(Move(node, None, self._place(name)))
        elif change.kind in "WT" and change.inode in self._inodes:
            self._inodes[change.inode].pending.append((change.at, change.first if change.kind == "W" else None))
        elif change.kind == "R":
            self._rename(name, self._name(change.second))
        elif change.kind == "U":
            self._moves.append(Move(None, self._place(name), None))
            self._now.pop(name, None)
        elif change.kind == "S":
            self._sync(self.root if name == "" and change.first else self._inodes.get(change.inode))
        elif change.kind == "Y":
            for node in {id(node): node for node in self._now.values()}.values():
                self._sync(node)

    def _name(self, path: bytes) -> str:
        return os.path.normpath(os.fsdecode(path[len(self._prefix) :]).strip("/") or ".").removeprefix(".")

    def _place(self, name: str) -> tuple[Node, str]:
        folder, _, last = name.rpartition("/")
        return self._now[folder], last

    def _rename(self, old: str, new: str) -> None:
        node = self._now[old]
        self._moves.append(Move(node, self._place(old), self._place(new)))
        below = {name: self._now.pop(name) for name in list(self._now) if name == old or name.startswith(f"{old}/")}
        self._now |= {new + name[len(old) :]: node for name, node in below.items()}

    def _sync(self, node: Node | None) -> None:
        if node is None:
            return
        if node.entries is None:
            node.content = _written(node, node.pending)
            node.pending = []
            return
        due = self._closed({id(node): self._count(node)})
        _move(due, None)
        self._moves = [move for move in self._moves if move not in due]

    def _count(self, folder: Node) -> int:
        return sum(folder in move.folders for move in self._moves)

    def _closed(self, counts: dict[int, int]) -> list[Move]:
        """The moves up to the last wanted one of each folder, and all that these depend on."""
        wanted: set[int] = set()
        while True:
            before = len(wanted)
            for folder, count in list(counts.items()):
                mine = [place for place, move in enumerate(self._moves) if folder in map(id, move.folders)]
                wanted.update(mine[:count])
            for place in list(wanted):
                for node in self._moves[place].folders:
                    earlier = sum(node in move.folders for move in self._moves[: place + 1])
                    counts[id(node)] = max(counts.get(id(node), 0), earlier)
            if len(wanted) == before:
                return [self._moves[place] for place in sorted(wanted)]

    # ── what a power cut may leave ──

    def left(self, way: Way, rng: random.Random) -> dict[str, bytes | None]:
        """One state that may be found now: path → bytes, or None for a folder."""
        folders = {id(folder): folder for move in self._moves for folder in move.folders}
        if way in ("dropped", "data"):
            counts = {}
        elif way == "mixed":
            counts = {key: rng.randint(0, self._count(folder)) for key, folder in folders.items()}
        else:
            counts = {key: self._count(folder) for key, folder in folders.items()}
        entries: dict[int, dict[str, Node]] = {}
        _move(self._closed(counts), entries)
        found: dict[str, bytes | None] = {}
        self._collect(self.root, "", entries, way, rng, found)
        return found

    def _collect(
        self,
        folder: Node,
        path: str,
        changed: dict[int, dict[str, Node]],
        way: Way,
        rng: random.Random,
        found: dict[str, bytes | None],
    ) -> None:
        for name, node in sorted(changed.get(id(folder), folder.entries or {}).items()):
            below = f"{path}/{name}".strip("/")
            if node.entries is None:
                found[below] = bytes(_surviving(node, way, rng))
            else:
                found[below] = None
                self._collect(node, below, changed, way, rng, found)


def _move(moves: list[Move], entries: dict[int, dict[str, Node]] | None) -> None:
    """Do the moves: for good, or in copies of the folders' entries when there is a dictionary to put them in."""
    for move in moves:
        for place, node in ((move.old, None), (move.new, move.node)):
            if place is None:
                continue
            folder, name = place
            assert folder.entries is not None
            mine = folder.entries if entries is None else entries.setdefault(id(folder), dict(folder.entries))
            if node is None:
                mine.pop(name, None)
            else:
                mine[name] = node


def _written(node: Node, writes: list[tuple[int, bytes | None]], blank: bool = False) -> bytearray:
    content = bytearray(node.content)
    for place, data in writes:
        if data is None:
            del content[place:]
            content.extend(bytes(place - len(content)))
        else:
            content.extend(bytes(max(0, place - len(content))))
            content[place : place + len(data)] = bytes(len(data)) if blank and place >= len(node.content) else data
    return content


def _surviving(node: Node, way: Way, rng: random.Random) -> bytearray:
    if way in ("dropped", "names"):
        return node.content
    if way in ("kept", "data"):
        return _written(node, node.pending)
    if way == "zeros":
        return _written(node, [one for one in node.pending if one[1] is None or one[0] >= len(node.content)], True)
    kind = rng.choice(("none", "all", "first", "some", "zeros"))
    if kind == "zeros":
        return _surviving(node, "zeros", rng)
    if kind in ("none", "all"):
        return _written(node, node.pending if kind == "all" else [])
    chosen = node.pending[: rng.randint(0, len(node.pending))]
    if kind == "some":
        chosen = [one for one in chosen if rng.random() < 0.5]
    return _written(node, [*chosen[:-1], *_torn(chosen[-1:], rng)])


def _torn(last: list[tuple[int, bytes | None]], rng: random.Random) -> Iterator[tuple[int, bytes | None]]:
    for place, data in last:
        if data is None:
            yield place, data
        else:
            first = SECTOR - place % SECTOR
            ends = [*range(first, len(data), SECTOR), len(data)]
            yield place, data[: rng.choice(ends)]


def lay_out(left: dict[str, bytes | None], folder: Path) -> None:
    """Write such a state to an empty folder."""
    for name, content in left.items():
        path = folder / name
        if content is None:
            path.mkdir()
        else:
            path.write_bytes(content)


def fingerprint(left: dict[str, bytes | None]) -> str:
    """A text that is equal for equal states."""
    digest = hashlib.sha256()
    for name, content in sorted(left.items()):
        digest.update(repr((name, None if content is None else hashlib.sha256(content).hexdigest())).encode())
    return digest.hexdigest()
