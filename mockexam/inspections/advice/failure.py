"""The exception a program ended with, read from the traceback it printed."""

from __future__ import annotations

import re
from typing import NamedTuple

from mockexam.preload.rescued import SIGN

MAX_TAIL = 128 << 10  # characters of output that are read: longer tracebacks begin in the middle
MAX_MESSAGE = 200  # lines
BROKEN_AT = 16_384
"""Characters at which the console breaks a line: Keras prints all of a list that it doesn't take, in one line."""
MAX_LINE = 4_000  # characters: of longer ones the two ends are read

_GROUP = re.compile(r"^[ ]*(?:[|+][ -]?)+[ ]?")
_HEADER = re.compile(r"(?:^|.)(?:Exception Group )?Traceback \(most recent call last\):$")
_FRAME = re.compile(r'\s+File "(?P<path>[^"]+)", line (?P<line>\d{1,9})(?:, in (?P<function>.*))?')
# A name alone is a line that a program printed as well as an exception without words: it must look like one.
_EXCEPTION = re.compile(
    r"(?P<name>(?:[^\W\d]\w*\.)*(?:[^\W\d]\w*))(?:: (?P<message>.*))|"
    r"(?P<bare>(?:[^\W\d]\w*\.)*[^\W\d]\w*(?:Error|Exception|Interrupt|Iteration|Exit|Warning|Group|Failure))"
)
# untranslated: Python's own words
_CHAINED = (
    "The above exception was the direct cause of the following exception:",
    "During handling of the above exception, another exception occurred:",
)


class Frame(NamedTuple):
    """A line of a program that was running; `line` counts from 1, `path` is as Python wrote it."""

    path: str
    line: int
    function: str


class Failure(NamedTuple):
    """An exception that was told: its name without its module, its words, and where it was, innermost last."""

    exception: str
    message: str
    frames: tuple[Frame, ...]


def failures(output: str) -> list[Failure]:
    """The exceptions of the last traceback: the last first, then what it arose from, or the members of its group."""
    lines = [_GROUP.sub("", line) if "|" in line or "+" in line else line for line in _lines(output)]
    headers = [at for at, line in enumerate(lines) if _HEADER.search(line)]
    found: list[Failure] = []
    end = len(lines)
    for at in reversed(headers):
        failure = _read(lines, at + 1, end)
        if failure is None:
            if found:
                break
            continue
        found.append(failure)
        end = at
        if not _goes_on(lines, at):
            break
    return found


def _lines(output: str) -> list[str]:
    """The lines at the end, those that were broken whole again, and long ones without their middle."""
    whole: list[str] = []
    broken = False
    for line in output.splitlines():
        if broken:
            whole[-1] += line
        else:
            whole.append(line)
        broken = len(line) == BROKEN_AT
        if len(whole[-1]) > MAX_LINE:
            whole[-1] = f"{whole[-1][: MAX_LINE // 2]} … {whole[-1][-MAX_LINE // 4 :]}"
    size = 0
    for place in range(len(whole) - 1, -1, -1):
        size += len(whole[place])
        if size > MAX_TAIL:
            return whole[place + 1 :]
    return whole


def _goes_on(lines: list[str], header: int) -> bool:
    """Whether the traceback before a header belongs to it: by the sentence between them, or by the lines of a group."""
    before = [line for line in lines[max(0, header - 3) : header] if line.strip()]
    return bool(before) and (before[-1] in _CHAINED or set(before[-1]) <= set("-+| 0123456789"))


def _read(lines: list[str], start: int, end: int) -> Failure | None:
    """The failure whose traceback's frames begin at a line; None where it has no end."""
    frames: list[Frame] = []
    for at in range(start, end):
        line = lines[at]
        if match := _FRAME.fullmatch(line):
            frames.append(Frame(match["path"], int(match["line"]), match["function"] or ""))
        elif frames and line[:1] not in ("", " ", "\t") and (match := _EXCEPTION.fullmatch(line)):
            words = [match["message"] or ""]
            for more in lines[at + 1 : min(end, at + MAX_MESSAGE)]:
                if more in _CHAINED or more.startswith(SIGN):
                    break
                words.append(more)
            name = (match["name"] or match["bare"]).rpartition(".")[2]
            return Failure(name, "\n".join(words).rstrip(), tuple(frames))
    return None
