"""What could be typed next: attributes and arguments from the name servers, and the words of the file.

TensorFlow's names come from importing TensorFlow: it loads most of them lazily, and static analysis can't find them.
Jedi works out everything else: a return value, a class of the file, a part of an array.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from mockexam.tui.code.editing import BRACKETS, place_after
from mockexam.tui.code.knowledge.readers import Readers

if TYPE_CHECKING:
    from mockexam.interpreters.interpreter import Interpreter

MOST_SHOWN = 200
MOST_LINES = 5_000
# The patterns below try every start, which would be slow on a very long line.
LONGEST_LOOK = 500

_IMPORT = re.compile(r"^\s*import\s+(.+)$")
_FROM = re.compile(r"^\s*from\s+([\w.]+)\s+import\s+\(?(.+?)\)?\s*$")
_AS = re.compile(r"([\w.]+)(?:\s+as\s+(\w+))?$")
_ALIAS = re.compile(r"^\s*(\w+)\s*=\s*([A-Za-z_][\w.]*)\s*(\()?")
_DOTTED = re.compile(r"([A-Za-z_][\w.]*)?\.(\w*)$")
_WORD = re.compile(r"[A-Za-z_]\w*")

Call = Literal["attributes", "instance", "arguments"]


class Target(NamedTuple):
    """Where a name of the file leads: a module, a path in it, and whether the name is an instance of what is there."""

    root: str
    path: tuple[str, ...]
    instance: bool = False


@dataclass(frozen=True)
class Wish:
    """What is wanted at the cursor: what is typed already, whose attributes ("" if not a name's), whose arguments."""

    typed: str
    owner: str | None = None
    called: str | None = None


def wish_at(before: str) -> Wish | None:
    """Return what is wanted after `before` on a line; None inside strings and comments."""
    if place_after(before)[0] != "code":
        return None
    before = before[-LONGEST_LOOK:]
    if match := _DOTTED.search(before):
        if match[1] is None and not before[: match.start()].endswith((")", "]", "}", '"', "'")):
            return None
        return Wish(match[2], owner=match[1] or "")
    word = re.search(r"[A-Za-z_]\w*$", before)
    typed = word.group() if word else ""
    return Wish(typed, called=_open_call(before[: len(before) - len(typed)]))


def _open_call(before: str) -> str | None:
    """Return the dotted name whose brackets are open at the end of a line."""
    depth = 0
    closing = {partner: opening for opening, partner in BRACKETS.items()}
    for position in range(len(before) - 1, -1, -1):
        char = before[position]
        if char in closing:
            depth += 1
        elif char in BRACKETS:
            if depth:
                depth -= 1
                continue
            match = re.search(r"[A-Za-z_][\w.]*$", before[:position])
            return match.group() if match and char == "(" else None
    return None


def targets(lines: Sequence[str]) -> dict[str, Target]:
    """Return where the names of a file lead, as far as imports and plain assignments show."""
    found: dict[str, Target] = {}
    for line in lines[:MOST_LINES]:
        if match := _FROM.match(line):
            for part in match[2].split(","):
                if one := _AS.match(part.strip()):
                    found[one[2] or one[1]] = Target(match[1], (one[1],))
        elif match := _IMPORT.match(line):
            for part in match[1].split(","):
                if one := _AS.match(part.strip()):
                    name = one[2] or one[1].split(".")[0]
                    found[name] = Target(one[1] if one[2] else name, ())
        elif (match := _ALIAS.match(line)) and (target := resolve(match[2], found)) is not None:
            found[match[1]] = target._replace(instance=bool(match[3]))
    return found


def resolve(dotted: str, known: dict[str, Target]) -> Target | None:
    """Return where a dotted name leads; what an instance's attributes are isn't known."""
    first, *rest = dotted.split(".")
    target = known.get(first)
    if target is None or (target.instance and rest):
        return None
    return target._replace(path=(*target.path, *rest))


def words(lines: Sequence[str], row: int) -> list[str]:
    """Return the names in a file, those nearest to a row first, then Python's own."""
    import builtins

    order = sorted(range(min(len(lines), MOST_LINES)), key=lambda other: abs(other - row))
    near = dict.fromkeys(word for other in order for word in _WORD.findall(lines[other]))
    own = [*keyword.kwlist, *(name for name in dir(builtins) if not name.startswith("_"))]
    return list(dict.fromkeys([*near, *own]))


def fitting(names: Sequence[str], typed: str) -> list[str]:
    """Return the names that continue what is typed: same case first, hidden ones only when asked for."""
    low = typed.lower()
    fit = [
        name
        for name in names
        if name.lower().startswith(low) and name != typed and (not name.startswith("_") or typed.startswith("_"))
    ]
    return sorted(fit, key=lambda name: not name.startswith(typed))[:MOST_SHOWN]


class Completer:
    """Answers a wish for a file; one process imports, another reads, so that neither waits for the other."""

    def __init__(self, readers: Readers | None = None) -> None:
        self._readers = readers or Readers()

    async def names(self, wish: Wish, lines: Sequence[str], row: int, column: int) -> list[str]:
        """Return what fits at the cursor's place, best first."""
        known = targets(lines)
        if wish.owner is not None:
            return fitting(await self._attributes(wish.owner, known), wish.typed) or fitting(
                await self._read("\n".join(lines), row, column), wish.typed
            )
        found: list[str] = []
        if wish.called is not None and (target := resolve(wish.called, known)) is not None and not target.instance:
            found = fitting(await self.ask(target, "arguments"), wish.typed)
        if wish.typed:
            found += fitting([word for word in words(lines, row) if f"{word}=" not in found], wish.typed)
        return found

    async def _attributes(self, owner: str, known: dict[str, Target]) -> list[str]:
        target = resolve(owner, known)
        if target is None:
            return []
        return await self.ask(target, "instance" if target.instance else "attributes")

    async def ask(self, target: Target, call: Call) -> list[str]:
        """Return the names at a target; none when the process is gone or takes too long."""
        question = {"call": call, "root": target.root, "path": list(target.path)}
        return _names(await self._readers.importer.ask(question))

    async def _read(self, source: str, row: int, column: int) -> list[str]:
        question = {"call": "read", "source": source, "row": row, "column": column}
        return _names(await self._readers.reader.ask(question))

    async def follow(self, interpreter: Interpreter) -> None:
        """Have names come from another Python, or from the same one whose packages changed; see `Readers.follow`."""
        await self._readers.follow(interpreter)

    async def stop(self) -> None:
        """End both processes."""
        await self._readers.stop()


def _names(answer: object) -> list[str]:
    return [name for name in answer if isinstance(name, str)] if isinstance(answer, list) else []
