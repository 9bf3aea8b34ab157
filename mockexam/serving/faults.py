"""What goes wrong in the server, a line each: its terminal is the owner's, and whoever can connect can make it fail."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from aiohttp.http_exceptions import HttpProcessingError

from graders.sentences import Sentence, sentence, sentences

QUIET_SECONDS = 60.0
"""A fault of a kind that was told is told again after so long, with how often it came."""

MOST_KINDS = 100
MOST_CHARACTERS = 300


class FaultLines(logging.Handler):
    """Hands each fault to `say` as one sentence without its traceback, and counts those that repeat."""

    def __init__(self, say: Callable[[Sentence], None], now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(logging.WARNING)
        self._say = say
        self._now = now
        self._told: dict[tuple[str, str], tuple[float, int]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Tell it, unless its kind was told a moment ago."""
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, HttpProcessingError | ConnectionError):
            return  # what a stranger sent, or that one went away, is no fault of ours
        kind = (str(record.msg).partition("\n")[0], type(error).__name__)
        since, more = self._told.get(kind, (float("-inf"), 0))
        now = self._now()
        if now - since < QUIET_SECONDS:
            self._told[kind] = (since, more + 1)
            return
        if len(self._told) >= MOST_KINDS:
            self._told.clear()
        self._told[kind] = (now, 0)
        self._say(_told(_one_line(record, error), more))


@contextmanager
def told_in_lines(say: Callable[[Sentence], None]) -> Iterator[None]:
    """Whatever is logged in the block goes to `say`, and nowhere else."""
    handler = FaultLines(say)
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)


def _told(fault: str, more: int) -> Sentence:
    if not more:
        return sentence("A fault in the server: {fault}", fault=fault)
    return sentences(
        "A fault in the server, {count} more time since it was told: {fault}",
        "A fault in the server, {count} more times since it was told: {fault}",
        count=more,
        fault=fault,
    )


def _one_line(record: logging.LogRecord, error: BaseException | None) -> str:
    """The message, and the error under it; without line ends and whatever else a terminal obeys."""
    said = record.getMessage().partition("\n")[0]
    text = said if error is None else f"{said}: {type(error).__name__}: {error}"
    plain = "".join(sign if sign.isprintable() else " " for sign in text[: 2 * MOST_CHARACTERS])
    return " ".join(plain.split())[:MOST_CHARACTERS]
