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

from mockexam.packs.format.model import DRAWN, Problem
from mockexam.packs.format.positions import Place

PLACEHOLDER = re.compile(r"\{\{([A-Za-z_][A-Za-z0-9_]*)\}\}")
SPACED = re.compile(r"\{\{(?:\s+\w+\s*|\w+\s+)\}\}")
GIVEN = frozenset({"target", "title"})
LARGEST_TEXT = 1 << 20


class Finding(msgspec.Struct, frozen=True):
    """A fault before its file and line are known: `place` is in the TOML file unless `file` and `line` are given."""

    place: Place
    code: str
    expected: str
    found: str
    advice: str
    file: str | None = None
    severity: Literal["error", "warning"] = "error"
    line: int | None = None


def text_findings(problem: Problem) -> Iterator[Finding]:
    """What is wrong with the statement, its translations, the scripts and the hints. A catalogue is full of them."""
    folder = str(problem.folder)
    for number, language in enumerate(problem.languages):
        name = f"statement.{language}.md" if number else "statement.md"
        advice = "Write it: the task, the contract and the metric wanted."
        text = _read(folder, name, advice, ("languages", number) if number else ())
        if isinstance(text, Finding):
            yield text
            continue
        if "{{target}}" not in text and (target := problem.target_in(language)) not in text:
            advice = "Write {{target}} where it says how good the model must be."
            yield Finding((), "target-unstated", f'the target "{target}"', "a statement without it", advice, name)
        yield from _placeholders(problem, name, text)
    for name in ("starter.py", "solution.py"):
        text = _read(folder, name, "Write it, or see `mockexam pack new`.")
        yield from [text] if isinstance(text, Finding) else _placeholders(problem, name, text)
    optional = {"hints.md", "weak.py", "generator.py", "builder.py"}
    with contextlib.suppress(OSError), os.scandir(folder) as found:  # looking is quicker than failing to open
        optional &= {one.name for one in found}
    for name in sorted(optional):
        text = _read(folder, name, "")
        if isinstance(text, Finding) and text.code != "missing-file":
            yield text


def encoding_finding(path: Path, name: str) -> Finding:
    """What to say of a file that isn't UTF-8: the line of the first byte that is wrong."""
    content = path.read_bytes()
    try:
        content.decode("utf-8")
        line, byte = 1, ""
    except UnicodeDecodeError as error:
        line, byte = content.count(b"\n", 0, error.start) + 1, f"the byte {content[error.start]:#x}"
    advice = "Save the file as UTF-8; the settings of your editor say how."
    return Finding((), "encoding", "a text in UTF-8", byte, advice, name, line=line)


def read_text(path: str) -> str:
    """A regular file's text without its byte order mark; plain calls, since buffers take longer than reading.

    Raises FileNotFoundError, UnicodeDecodeError, and OSError for what can't be read, is no regular file or is larger
    than any text of a pack.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe would be waited for
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError("a folder or a device")
        if status.st_size > LARGEST_TEXT:
            raise OSError(f"{status.st_size:,} bytes")
        text = os.read(descriptor, status.st_size).decode().removeprefix("\ufeff")
    finally:
        os.close(descriptor)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _read(folder: str, name: str, advice: str, place: Place = ()) -> str | Finding:
    """The text of a file, or why it can't be read; `advice` and `place` are for one that isn't there."""
    path = f"{folder}/{name}"
    try:
        return read_text(path)
    except FileNotFoundError:
        return Finding(place, "missing-file", name, "no such file", advice)
    except UnicodeDecodeError:
        return encoding_finding(Path(path), name)
    except OSError as error:
        expected = f"a text of at most {LARGEST_TEXT >> 20} MiB"
        advice = "Check that it is one and that you may read it."
        return Finding((), "unreadable", expected, error.strerror or str(error), advice, name)


def _placeholders(problem: Problem, name: str, text: str) -> Iterator[Finding]:
    prose = name.endswith(".md")  # Python has uses of its own for two braces
    plain = problem.data.kind not in DRAWN  # what a generator draws is known when it has run; `pack check` runs it
    if not ((prose and SPACED.search(text)) or (plain and set(PLACEHOLDER.findall(text)) - GIVEN)):
        return
    for number, line in enumerate(text.splitlines(), start=1):
        for spaced in SPACED.findall(line) if prose else ():
            expected = "{{name}} without spaces"
            yield Finding((), "spaced-value", expected, spaced, "Remove the spaces.", name, line=number)
        for unknown in sorted(set(PLACEHOLDER.findall(line)) - GIVEN) if plain else ():
            advice = 'Write the value itself, or draw it in a generator (kind = "generator").'
            found, expected = "{{" + unknown + "}}", "{{target}}, {{title}} or plain text"
            yield Finding((), "unknown-value", expected, found, advice, name, line=number)
