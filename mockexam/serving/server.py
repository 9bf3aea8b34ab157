"""The web server: one page, textual-serve's script and fonts, and a websocket between the page and the app."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp_jinja2
import jinja2
from aiohttp import web
from textual_serve.server import Server, to_int

from graders.sentences import Sentence, sentence
from mockexam.language.catalogue import shown
from mockexam.serving.door import Door
from mockexam.serving.faults import told_in_lines
from mockexam.serving.gate import Gate
from mockexam.serving.seat import Seat

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

IDLE_SECONDS = 75.0
"""How long a browser's connection may be kept between two requests."""

FEWEST, MOST = (20, 5), (1000, 500)
"""Columns and rows that a window may ask for."""

FORBIDDEN = sentence("Open the address that `mockexam serve` printed, in full, in a browser on this machine.")
NOTICE = {
    "lost": sentence(
        "This window is not connected: the app was closed, is open in another window, or `mockexam serve` has ended."
    ),
    "meanwhile": sentence("A running exam goes on, and its clock too."),
    "again": sentence("Open it here"),
}
"""What the page says when its connection is gone."""

HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class ExamServer(Server):
    """Serves one app to whoever passes the gate. `host` must be a loopback address; port 0 takes any free one.

    `colours` are those of the page, by role as in `mockexam.tui.look.palette`, each as "#" and six hexadecimal digits.
    """

    def __init__(
        self, command: Sequence[str], host: str, port: int, colours: Mapping[str, str], gate: Gate | None = None
    ) -> None:
        super().__init__("mockexam", host=host, port=port, title="mockexam", templates_path=Path(__file__).parent)
        self.colours = colours
        self.gate = gate or Gate()
        self.seat = Seat(command)
        self._runner: web.AppRunner | None = None
        self.door: Door | None = None

    @property
    def address(self) -> str:
        """The URL to open, with the secret."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}/{self.gate.secret}/"

    async def open(self) -> None:
        """Start listening. Raises OSError when the port is taken."""
        app = await self._make_app()
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0, keepalive_timeout=IDLE_SECONDS)
        await self._runner.setup()
        assert self._runner.server is not None
        self.door = Door(self._runner.server)
        self.port = self.door.open(self.host, self.port)

    async def close(self) -> None:
        """Let the app save and end, and close every window."""
        await self.seat.stop()
        if self.door is not None:
            await self.door.close()
        if self._runner is not None:
            await self._runner.cleanup()

    async def serve_until_told(self, ready: Callable[[str], None], leaving: Callable[[], None]) -> None:
        """Serve until a signal says to end; a second signal kills the app. Raises OSError when the port is taken."""
        await self.open()
        told = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, lambda: self.seat.kill() if told.is_set() else told.set())
        ready(self.address)
        await told.wait()
        with contextlib.suppress(OSError):  # the terminal may be what went away
            leaving()
        await self.close()

    async def _make_app(self) -> web.Application:
        app = web.Application(middlewares=[self._guard])
        aiohttp_jinja2.setup(app, loader=jinja2.FileSystemLoader(self.templates_path), autoescape=True)
        app.add_routes(
            [
                web.get("/{secret}/", self.handle_index),
                web.get("/{secret}/ws", self.handle_websocket),
                web.get("/{secret}/static/{file:[a-z]+/[A-Za-z_.-]+}", self.handle_static),
            ]
        )
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let nobody through without the secret; tell strangers nothing, not even which addresses there are."""
        secret = request.path.lstrip("/").partition("/")[0]
        if not self.gate.is_named(request.headers.get("Host")) or not self.gate.knows(secret):
            refusal = web.Response(status=403, text=f"{shown(FORBIDDEN)}\n", headers=HEADERS)
            refusal.force_close()
            return refusal
        if self.door is not None:
            self.door.admit(request.protocol)
        response = await handler(request)
        if not response.prepared:
            response.headers.update(HEADERS)
        return response

    async def handle_index(self, request: web.Request) -> web.Response:
        """The page; it needs no network, and its policy lets it load from this server only."""
        nonce = secrets.token_urlsafe(16)
        here = f"{request.host}/{self.gate.secret}"
        context: dict[str, Any] = {
            "font_size": min(max(to_int(request.query.get("fontsize", "16"), 16), 6), 60),
            "websocket": f"ws://{here}/ws",
            "static": f"/{self.gate.secret}/static",
            "nonce": nonce,
            "colours": self.colours,
            "notice": {part: shown(words) for part, words in NOTICE.items()},
        }
        response = aiohttp_jinja2.render_template("page.html", request, context)
        response.headers["Content-Security-Policy"] = (
            f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
            f"font-src 'self'; img-src 'self' data:; connect-src ws://{request.host}; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        return response

    async def handle_static(self, request: web.Request) -> web.FileResponse:
        """One of textual-serve's files; the pattern of the route leaves no way out of its folder."""
        file = self.statics_path / request.match_info["file"]
        if not file.is_file():
            raise web.HTTPNotFound
        return web.FileResponse(file)

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """A window: it shows the app until it closes or another one takes its place."""
        if not self.gate.is_own_page(request.headers.get("Origin"), request.headers.get("Host")):
            raise web.HTTPForbidden(text=f"{shown(FORBIDDEN)}\n")
        window = web.WebSocketResponse(heartbeat=15, max_msg_size=1 << 20)
        await window.prepare(request)
        width, height = (
            min(max(to_int(request.query.get(name, ""), usual), fewest), most)
            for name, usual, fewest, most in zip(("width", "height"), (80, 24), FEWEST, MOST, strict=True)
        )
        await self.seat.sit(window, width, height)
        try:
            await self._process_messages(window, self.seat)
        except (ValueError, KeyError, IndexError, TypeError, AttributeError, AssertionError):
            await window.close()  # not what our page sends
        finally:
            self.seat.rise(window)
        return window


def run(
    server: ExamServer, ready: Callable[[str], None], leaving: Callable[[], None], fault: Callable[[Sentence], None]
) -> None:
    """Serve until a signal; what goes wrong meanwhile is a `fault`. Raises OSError when the port can't be had."""
    logging.getLogger("textual-serve").setLevel(logging.CRITICAL)
    with told_in_lines(fault):
        asyncio.run(server.serve_until_told(ready, leaving))
