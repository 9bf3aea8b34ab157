"""What is known of one way to write that today's TensorFlow no longer takes: an entry of the table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from graders.sentences import Sentence, Words
from mockexam.inspections.findings import Fix, Severity
from mockexam.inspections.names.tree import Node

if TYPE_CHECKING:
    from mockexam.inspections.program import Program

Generation = Literal[2, 3]
Kind = Literal["api", "package"]
"""Whether an interface of TensorFlow, Keras or NumPy is gone, or a package isn't installed."""


@dataclass(frozen=True, slots=True)
class Release:
    """The release of a library since which something fails; `library` is the name of its distribution."""

    library: str
    version: str


@dataclass(frozen=True, slots=True)
class Look:
    """How a failure looks at the end of a traceback: `exception: message`.

    `exception` is its name without a module, or several with `|` between; `message` is searched in all that follows,
    which may be several lines.
    """

    exception: str
    message: re.Pattern[str]

    def fits(self, exception: str, message: str) -> bool:
        """Whether a failure looks so: the name of the exception, and its message."""
        known = self.exception.split("|")
        return exception.rpartition(".")[2] in known and self.message.search(message) is not None


@dataclass(frozen=True, slots=True)
class Sighting:
    """A place that a recogniser has found: what is underlined from `node` to `last`, the message, and the fixes."""

    node: Node
    message: Sentence
    fixes: tuple[Fix, ...] = ()
    last: Node = None


@dataclass(frozen=True, slots=True)
class Example:
    """Code as it was written, and as each fix leaves it: programs that run by themselves after `import` lines."""

    before: str
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """An entry of the table.

    `title` is what is written (a heading), `fails` one sentence on what happens with it, `replacement` one sentence on
    what to write. `since` has a key for each generation of Keras under which it fails. `looks` are the tracebacks it
    ends with, under any generation. Under the generations in `quiet` nothing is raised, and the program does something
    else than was meant. `find` yields the places in a program.
    """

    id: str
    title: Words
    fails: Sentence
    replacement: Sentence
    since: Mapping[Generation, Release]
    example: Example
    find: Callable[[Program], Iterator[Sighting]]
    looks: tuple[Look, ...] = ()
    kind: Kind = "api"
    quiet: frozenset[Generation] = frozenset()

    def raises(self, keras: Generation | None) -> bool:
        """Whether it ends with a traceback under a generation, or under any."""
        return keras is None or (keras in self.since and keras not in self.quiet)

    def severity(self, keras: Generation | None) -> Severity:
        """How bad it is under a generation, or under both."""
        return "warning" if keras in self.quiet else "error"


KERAS_3: Mapping[Generation, Release] = {3: Release("keras", "3.0")}
"""Fails since Keras 3, which TensorFlow 2.16 brought; Keras 2 takes it."""


def both(library: str, version: str) -> Mapping[Generation, Release]:
    """Fails under both generations since this release."""
    return {2: Release(library, version), 3: Release(library, version)}


def look(exception: str, message: str) -> Look:
    """How a traceback ends: the exception's name, and a pattern for its message."""
    return Look(exception, re.compile(message))
