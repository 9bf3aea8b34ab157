"""A process that answers questions, each a line of JSON, in the order in which they were asked."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

PATIENCE = 30.0
"""Seconds. Loading TensorFlow takes some; whoever typed on meanwhile is no longer waiting."""

LONGEST_ANSWER = 1 << 23


class Launch(NamedTuple):
    """How a process is started: its command line, its whole environment, and what it is told before any question."""

    command: Sequence[str]
    environment: Mapping[str, str]
    greeting: Mapping[str, object] | None = None


class LineProcess:
    """Started at the first question, again at the next one after it has ended; stopped with `stop`."""

    def __init__(self, launch: Callable[[], Awaitable[Launch]]) -> None:
        self._launch = launch
        self._process: asyncio.subprocess.Process | None = None
        self._asking = asyncio.Lock()
        self._count = 0

    async def ask(self, question: Mapping[str, object]) -> Any:
        """Return the answer; None when the process is gone or takes too long, and then it is ended."""
        async with self._asking:
            with contextlib.suppress(OSError, TimeoutError, ValueError):
                return await asyncio.wait_for(self._ask(question), PATIENCE)
            await self.stop()
            return None

    async def _ask(self, question: Mapping[str, object]) -> Any:
        process = await self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        self._count += 1
        process.stdin.write(_line({"id": self._count, **question}))
        await process.stdin.drain()
        while line := await process.stdout.readline():
            answer = json.loads(line)
            # A question whose asker went away is answered all the same.
            if answer["id"] == self._count:
                return answer["answer"]
        raise OSError("the process is gone")  # untranslated: its caller drops it

    async def _started(self) -> asyncio.subprocess.Process:
        if self._process is not None and self._process.returncode is None:
            return self._process
        launch = await self._launch()
        self._process = process = await asyncio.create_subprocess_exec(
            *launch.command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=dict(launch.environment),
            limit=LONGEST_ANSWER,
        )
        if launch.greeting is not None:
            assert process.stdin is not None
            process.stdin.write(_line(launch.greeting))
        return process

    async def stop(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def _line(content: Mapping[str, object]) -> bytes:
    return json.dumps(content).encode() + b"\n"
