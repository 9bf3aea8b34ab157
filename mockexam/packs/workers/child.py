"""The worker's side of `client.ask`: read the request, report progress, answer, and die with the parent."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from graders.sentences import Words, sentence
from mockexam.errors import Error
from mockexam.packs.workers.requests import Answer, Line, Misread, Refused, Step, plain, understood

Report = Callable[[float, Words], None]


class RefusedError(Error):
    """A request can't be carried out, for a reason that a person can mend."""


class NetworkForbiddenError(RuntimeError):
    """A connection was attempted offline; not an OSError, because libraries retry those for minutes."""


def serve(work: Callable[[Any, Report], msgspec.Struct], kind: Any) -> NoReturn:
    """Answer the one request on stdin, of `kind`, with what `work` returns, then exit; no network unless it is online.

    `kind` is a struct of workers/requests.py, or a union of them.
    """
    lifeline = os.dup(0)
    asked = json.loads(sys.stdin.buffer.readline())
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever the pack's code prints belongs in the log, not in the answer
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # input never comes: better to fail now than after a time-out
    threading.Thread(target=_die_with_parent, args=(lifeline,), daemon=True).start()

    def say(line: Line) -> None:
        channel.write(json.dumps(plain(line)) + "\n")
        channel.flush()

    try:
        request = understood(asked, kind)
    except msgspec.ValidationError as error:
        say(Misread(str(error)))
        sys.exit(1)
    if not request.online:
        forbid_network()
    try:
        say(Answer(work(request, lambda fraction, detail: say(Step(fraction, detail)))))
    except RefusedError as error:
        say(Refused.of(error))
        sys.exit(1)
    sys.stderr.flush()
    os._exit(0)  # TensorFlow's threads may take seconds to end


def forbid_network() -> None:
    """Make every connection and look-up of this process fail immediately. Stops accidents, not attackers."""
    sys.addaudithook(_shut)


def shut_event(event: str, args: tuple[Any, ...]) -> bool:
    """Whether an audit event would reach the network."""
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        return True
    return event in ("socket.connect", "socket.sendto") and not isinstance(args[1], (str, bytes))


def _shut(event: str, args: tuple[Any, ...]) -> None:
    if shut_event(event, args):
        # untranslated: Python says it in the code of the pack
        raise NetworkForbiddenError("there is no network while the code of a pack runs")


def _die_with_parent(lifeline: int) -> None:
    # Unbuffered and by number: the interpreter's own objects may be gone when this returns.
    while os.read(lifeline, 4096):
        pass
    os._exit(1)


def run_file(path: Path, function: str) -> Callable[..., Any]:
    """The function of that name in the Python file at `path`, which is run like a module in its own folder."""
    import runpy

    if not path.is_file():
        raise RefusedError(path.name, sentence("no such file"), sentence("Write it as docs/packs.md shows."))
    sys.path.insert(0, str(path.parent))
    found = runpy.run_path(str(path), run_name=path.stem).get(function)
    if not callable(found):
        expected = sentence("a function `{function}` in {file}", function=function, file=path.name)
        raise RefusedError(expected, sentence("none"), sentence("Define it: def {function}(…).", function=function))
    result: Callable[..., Any] = found
    return result
