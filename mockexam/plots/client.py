"""Asks the encoder: a process for each picture, so that none outlives what it was started for."""

from __future__ import annotations

import asyncio
import contextlib
import sys

import msgspec

from graders.sentences import Sentence, sentence
from mockexam.plots.requests import MOST_SENT, SECONDS, Answer, Fault, Request

FAULTS: dict[Fault, Sentence] = {
    Fault.UNREADABLE: sentence("The file is no PNG that can be read, or too large a one."),
    Fault.LARGE: sentence("The window is too large to draw a figure in."),
    Fault.LONG: sentence("It would take more bytes than this terminal should be sent."),
}
LATE = sentence("It took too long to draw.")
BROKEN = sentence("The process that draws it ended without an answer.")


class EncodingError(Exception):
    """The encoder refused, failed or took too long; `words` say why."""

    def __init__(self, words: Sentence) -> None:
        super().__init__(words.english)
        self.words = words


async def encoded(request: Request, *, seconds: float = SECONDS) -> bytes:
    """The bytes of the encoder's answer. Raises EncodingError. When it is cancelled, the process ends as well."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        "mockexam.plots.encoder",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=1 << 16,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(seconds):
            return await _asked(process, request)
    except TimeoutError:
        raise EncodingError(LATE) from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _asked(process: asyncio.subprocess.Process, request: Request) -> bytes:
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(ConnectionError):  # it has ended already; what it didn't say is noticed below
        process.stdin.write(msgspec.json.encode(request))
        process.stdin.write_eof()
        await process.stdin.drain()
    try:
        answer = msgspec.json.decode(await process.stdout.readline(), type=Answer)
        if answer.fault is not None:
            raise EncodingError(FAULTS[answer.fault])
        if not 0 <= answer.count <= MOST_SENT:
            raise EncodingError(BROKEN)
        return await process.stdout.readexactly(answer.count)
    except (msgspec.DecodeError, ValueError, asyncio.IncompleteReadError) as error:
        raise EncodingError(BROKEN) from error
