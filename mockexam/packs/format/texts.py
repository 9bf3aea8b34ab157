"""The texts of a problem: that they can be read, state the target, and leave no {{name}} unfilled."""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from graders.sentences import Words, sentence
from mockexam.packs.format.model import DRAWN, Problem
from mockexam.packs.format.positions import Place

PLACEHOLDER = re.compile(r"\{\{([A-Za-z_][A-Za-z0-9_]*)\}\}")
SPACED = re.compile(r"\{\{(?:\s+\w+\s*|\w+\s+)\}\}")
GIVEN = frozenset({"target", "title"})
LARGEST_TEXT = 1 << 20
# untranslated: what packs say, each in its own language
UNLIMITED = ("as often as you like", "제출 횟수에는 제한이 없")
"""What the statements of the packs that ship say of submissions, and copies of them therefore too."""


class Finding(msgspec.Struct, frozen=True):
    """A fault before its file and line are known: `place` is in the TOML file unless `file` and `line` are given."""

    place: Place
    code: str
    expected: Words
    found: Words
    advice: Words
    file: str | None = None
    severity: Literal["error", "warning"] = "error"
    line: int | None = None


def text_findings(problem: Problem) -> Iterator[Finding]:
    """What is wrong with the statement, its translations, the scripts and the hints.

    It has to be fast: a catalogue reads the texts of every problem.
    """
    folder = str(problem.folder)
    for number, language in enumerate(problem.languages):
        name = f"statement.{language}.md" if number else "statement.md"
        advice = sentence("Write it: the task, the contract and the metric wanted.")
        text = _read(folder, name, advice, ("languages", number) if number else ())
        if isinstance(text, Finding):
            yield text
            continue
        if "{{target}}" not in text and (target := problem.target_in(language)) not in text:
            advice = sentence("Write {{{{target}}}} where it says how good the model must be.")
            expected, found = sentence('the target "{target}"', target=target), sentence("a statement without it")
            yield Finding((), "target-unstated", expected, found, advice, name)
        yield from _placeholders(problem, name, text)
    for name in ("starter.py", "solution.py"):
        text = _read(folder, name, sentence("Write it, or see `mockexam pack new`."))
        yield from [text] if isinstance(text, Finding) else _placeholders(problem, name, text)
    optional = {"hints.md", "weak.py", "generator.py", "builder.py"}
    with contextlib.suppress(OSError), os.scandir(folder) as there:  # checking is quicker than failing to open
        optional &= {one.name for one in there}
    for name in sorted(optional):
        text = _read(folder, name, "")
        if isinstance(text, Finding) and text.code != "missing-file":
            yield text


def unlimited_findings(problem: Problem) -> Iterator[Finding]:
    """Texts that promise any number of submissions, in a problem that takes only some."""
    statements = [f"statement.{language}.md" for language in problem.languages[1:]]
    for name in ("statement.md", *statements, "starter.py"):
        text = _read(str(problem.folder), name, "")
        for number, line in enumerate(() if isinstance(text, Finding) else text.splitlines(), start=1):
            if any(promise in line for promise in UNLIMITED):
                expected = sentence("a text that [form] max_submissions doesn't contradict")
                advice = sentence("Leave the sentence out: mockexam states the limit below the statement.")
                yield Finding((), "unlimited", expected, line.strip(), advice, name, "warning", number)


def encoding_finding(path: Path, name: str) -> Finding:
    """The finding about a file that isn't UTF-8: the line of the first byte that is wrong."""
    content = path.read_bytes()
    try:
        content.decode("utf-8")
        line, found = 1, sentence("other bytes a moment ago")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = sentence("the byte {byte}", byte=f"{content[error.start]:#x}")
    advice = sentence("Save the file as UTF-8; the settings of your editor say how.")
    return Finding((), "encoding", sentence("a text in UTF-8"), found, advice, name, line=line)


class NotTextError(OSError):
    """A file can be read but isn't a text of a pack; `words` says why."""

    def __init__(self, words: Words) -> None:
        super().__init__(str(words))
        self.words = words


def why_unread(error: OSError) -> Words:
    """What was found in place of a file that `read_text` could read."""
    return error.words if isinstance(error, NotTextError) else error.strerror or str(error)


def read_text(path: str) -> str:
    """A regular file's text without its byte order mark; unbuffered, since making buffers takes longer than reading.

    Raises FileNotFoundError, UnicodeDecodeError, and OSError for what can't be read, isn't a regular file or is larger
    than any text of a pack.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # opening a pipe would wait
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise NotTextError(sentence("a folder or a device"))
        if status.st_size > LARGEST_TEXT:
            raise NotTextError(sentence("{size} bytes", size=f"{status.st_size:,}"))
        text = os.read(descriptor, status.st_size).decode().removeprefix("\ufeff")
    finally:
        os.close(descriptor)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _read(folder: str, name: str, advice: Words, place: Place = ()) -> str | Finding:
    """The text of a file, or why it can't be read; `advice` and `place` are for one that isn't there."""
    path = f"{folder}/{name}"
    try:
        return read_text(path)
    except FileNotFoundError:
        return Finding(place, "missing-file", name, sentence("no such file"), advice)
    except UnicodeDecodeError:
        return encoding_finding(Path(path), name)
    except OSError as error:
        expected = sentence("a text of at most {size} MiB", size=LARGEST_TEXT >> 20)
        advice = sentence("Check that it is one and that you may read it.")
        return Finding((), "unreadable", expected, why_unread(error), advice, name)


def _placeholders(problem: Problem, name: str, text: str) -> Iterator[Finding]:
    prose = name.endswith(".md")  # Python has its own uses for double braces
    plain = problem.data.kind not in DRAWN  # what a generator draws is only known once it has run; `pack check` runs it
    if not ((prose and SPACED.search(text)) or (plain and set(PLACEHOLDER.findall(text)) - GIVEN)):
        return
    for number, line in enumerate(text.splitlines(), start=1):
        for spaced in SPACED.findall(line) if prose else ():
            expected = sentence("{{{{name}}}} without spaces")
            yield Finding((), "spaced-value", expected, spaced, sentence("Remove the spaces."), name, line=number)
        for unknown in sorted(set(PLACEHOLDER.findall(line)) - GIVEN) if plain else ():
            advice = sentence('Write the value itself, or draw it in a generator (kind = "generator").')
            found, expected = "{{" + unknown + "}}", sentence("{{{{target}}}}, {{{{title}}}} or plain text")
            yield Finding((), "unknown-value", expected, found, advice, name, line=number)
