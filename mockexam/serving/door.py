"""The listening socket, and the connections that haven't shown the secret yet.

Any user of the machine can open connections, and one that says nothing costs a descriptor of ours. So a connection has
a time in which to show the secret, few may wait at once, and when there are too many the oldest has to go. Those that
have shown it are the owner's: they are counted nowhere and stay.
"""

from __future__ import annotations

import asyncio
import contextlib
import resource
import socket
from collections.abc import Callable
from dataclasses import dataclass

SECRET_SECONDS = 10.0
"""From accepting a connection to its whole header with the right secret, whatever trickles in meanwhile."""

MOST_WAITING = 64
"""A browser opens six at once, and perhaps as many ahead."""

GRACE_SECONDS = 0.05
"""No connection is put out before it could have been heard, however many more knock: they wait in the queue."""

QUEUE = 1024
"""Connections that the system keeps until they are accepted; it drops what doesn't fit, and browsers try again."""

RETRY_SECONDS = 0.25


@dataclass(slots=True)
class _Waiting:
    since: float
    timer: asyncio.TimerHandle
    transport: asyncio.WriteTransport | None = None


class Door:
    """Accepts connections; `protocol` makes what each is handled by. `seconds` and `most` are the limits."""

    def __init__(
        self, protocol: Callable[[], asyncio.Protocol], *, seconds: float = SECRET_SECONDS, most: int | None = None
    ) -> None:
        self._protocol = protocol
        self._seconds = seconds
        self._most = room_for(_descriptors()) if most is None else most
        # Oldest first: a dictionary keeps its order.
        self._waiting: dict[asyncio.BaseProtocol, _Waiting] = {}
        self._socket: socket.socket | None = None
        self._accepting: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """How many connections haven't shown the secret."""
        self._forget_closed()
        return len(self._waiting)

    def open(self, host: str, port: int) -> int:
        """Start listening and return the port. Raises OSError when it is taken."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, port), family=family, backlog=QUEUE)
        self._socket.setblocking(False)
        self._accepting = asyncio.create_task(self._accept(self._socket))
        return int(self._socket.getsockname()[1])

    async def close(self) -> None:
        """Stop listening and end what is waiting."""
        if self._accepting is not None:
            self._accepting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._accepting
        if self._socket is not None:
            self._socket.close()
        for protocol in list(self._waiting):
            self._put_out(protocol)

    def admit(self, protocol: asyncio.BaseProtocol) -> None:
        """The connection that this handles has shown the secret."""
        self._forget(protocol)

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._make_place()
            try:
                connection, _ = await loop.sock_accept(listening)
                await self._greet(connection)
            except ConnectionError:
                pass  # it was given up while it was in the queue
            except OSError as error:
                await self._find_room(error)

    async def _greet(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        protocol = self._protocol()
        timer = loop.call_later(self._seconds, self._put_out, protocol)
        self._waiting[protocol] = waiting = _Waiting(loop.time(), timer)
        try:
            waiting.transport, _ = await loop.connect_accepted_socket(lambda: protocol, connection)
        except OSError:
            self._put_out(protocol)
            connection.close()
            raise

    async def _make_place(self) -> None:
        """Let the oldest go while there are too many, as soon as it could have been heard."""
        loop = asyncio.get_running_loop()
        while self.waiting >= self._most:
            oldest, waiting = next(iter(self._waiting.items()))
            left = waiting.since + GRACE_SECONDS - loop.time()
            if left > 0:
                await asyncio.sleep(left)
            else:
                self._put_out(oldest)

    async def _find_room(self, error: OSError) -> None:
        """The system has nothing left for one more connection: say so, let the oldest go, and try again soon."""
        loop = asyncio.get_running_loop()
        # untranslated: it is logged among asyncio's own messages
        loop.call_exception_handler({"message": "a connection can't be accepted", "exception": error})
        if self._waiting:
            self._put_out(next(iter(self._waiting)))
        await asyncio.sleep(RETRY_SECONDS)

    def _forget_closed(self) -> None:
        closed = [one for one, waiting in self._waiting.items() if waiting.transport and waiting.transport.is_closing()]
        for protocol in closed:
            self._forget(protocol)

    def _forget(self, protocol: asyncio.BaseProtocol) -> _Waiting | None:
        waiting = self._waiting.pop(protocol, None)
        if waiting is not None:
            waiting.timer.cancel()
        return waiting

    def _put_out(self, protocol: asyncio.BaseProtocol) -> None:
        waiting = self._forget(protocol)
        if waiting is not None and waiting.transport is not None:
            waiting.transport.abort()  # `close` would wait until the other side has read whatever is left to be said


def room_for(descriptors: int) -> int:
    """How many connections may wait where a process may open so many files: the owner and the app need some too."""
    return max(4, min(MOST_WAITING, descriptors // 4))


def _descriptors() -> int:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_WAITING * 4 if soft == resource.RLIM_INFINITY else soft
