"""Strangers at the door of a real server: whatever they send or hold back, the owner gets in and stays."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from mockexam.serving.door import Door, room_for
from mockexam.serving.server import ExamServer
from tests.serving.test_server import APP, hear, origin
from tests.serving.test_server import server as server

MOST = 4

# Never a whole header, or a whole one without the secret.
HELD_BACK = [
    b"",
    b"G",
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ",
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key:",
    b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999\r\n\r\n",
]
REFUSED = [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    b"GET /\xff\xfe\xed\xa0\x80/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET /%ED%A0%80/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET //[ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET http://[::1/x HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 500 + b"\r\n",
    b"GET / HTTP/1.1\r\nHost: \x1b]0;title\x07\r\n\r\n",
    b"GET /wrong/ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
]


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockexam.serving.door.MOST_WAITING", MOST)


async def connect(port: int, sent: bytes = b"") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    await writer.drain()
    return reader, writer


async def answer(reader: asyncio.StreamReader) -> bytes:
    """All that comes until the server ends the connection."""
    async with asyncio.timeout(20):
        with contextlib.suppress(ConnectionError):
            return await reader.read()
    return b""


@pytest.mark.parametrize("held_back", HELD_BACK)
async def test_those_who_show_no_secret_leave_place_for_the_owner(server: ExamServer, held_back: bytes) -> None:
    strangers = [await connect(server.port, held_back) for _ in range(5 * MOST)]
    async with aiohttp.ClientSession() as owner, owner.get(server.address) as page:
        assert page.status == 200
    assert server.door is not None
    assert server.door.waiting <= MOST
    for reader, _ in strangers[:MOST]:
        assert b" 200 " not in await answer(reader)
    for _, writer in strangers:
        writer.close()


async def test_the_owners_window_stays_while_strangers_come_and_a_new_one_opens(server: ExamServer) -> None:
    async with (
        aiohttp.ClientSession() as owner,
        owner.ws_connect(server.address + "ws", headers=origin(server)) as window,
    ):
        await hear(window, lambda heard: b"pid" in heard)
        strangers = [await connect(server.port) for _ in range(5 * MOST)]
        await window.send_json(["stdin", "still here"])
        await hear(window, lambda heard: b"Dstill here" in heard)
        async with (
            aiohttp.ClientSession() as again,
            again.ws_connect(server.address + "ws", headers=origin(server)) as second,
        ):
            await hear(second, lambda heard: b"attach" in heard)
    for _, writer in strangers:
        writer.close()


@pytest.mark.parametrize("sent", REFUSED)
async def test_what_is_no_request_of_the_owners_is_refused_and_ends_the_connection(
    server: ExamServer, caplog: pytest.LogCaptureFixture, sent: bytes
) -> None:
    reader, writer = await connect(server.port, sent)
    status = (await answer(reader)).partition(b"\r\n")[0]
    assert status.split()[1] in (b"400", b"403")
    writer.close()
    assert not server.seat.running


async def test_a_header_that_trickles_in_has_its_time_once() -> None:
    class Silent(asyncio.Protocol):
        pass

    door = Door(Silent, seconds=0.3)
    reader, writer = await connect(door.open("127.0.0.1", 0))
    async with asyncio.timeout(20):
        while not reader.at_eof():
            with contextlib.suppress(ConnectionError):
                writer.write(b"x")
                await asyncio.sleep(0.05)
    assert door.waiting == 0
    writer.close()
    await door.close()


async def test_one_who_has_shown_the_secret_is_not_put_out() -> None:
    made: list[asyncio.Protocol] = []

    class Silent(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            made.append(self)
            door.admit(self)

    door = Door(Silent, seconds=0.2, most=1)
    port = door.open("127.0.0.1", 0)
    held = [await connect(port) for _ in range(5)]
    await asyncio.sleep(0.6)
    assert len(made) == 5
    for reader, writer in held:
        assert not reader.at_eof()
        writer.close()
    await door.close()


def test_most_descriptors_are_left_for_the_owner_and_the_app() -> None:
    assert [room_for(number) for number in (16, 256, 1024, 1 << 20)] == [4, MOST, MOST, MOST]


SERVE = """
    import resource, sys
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
    from mockexam.commands.serve import _say_fault
    from mockexam.serving.server import ExamServer, run
    from mockexam.tui.look.palette import LOOKS
    command = [sys.executable, "-c", sys.argv[1], sys.argv[2]]
    server = ExamServer(command, "127.0.0.1", 0, LOOKS["mockexam-light"].chrome)
    run(server, lambda url: print(url, flush=True), lambda: None, _say_fault)
"""


@pytest.fixture
def enough_descriptors() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 2048), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("descriptors", [64, 256])
async def test_a_thousand_silent_connections_lock_nobody_out_and_say_little(
    tmp_path: Path, enough_descriptors: None, descriptors: int
) -> None:
    program = textwrap.dedent(SERVE).replace("DESCRIPTORS", str(descriptors))
    command = [sys.executable, "-c", program, APP, str(tmp_path / "left")]
    errors = tmp_path / "errors"
    with errors.open("wb") as said, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said) as process:
        assert process.stdout is not None
        try:
            url = process.stdout.readline().decode().strip()
            port = int(url.split(":")[2].partition("/")[0])
            held = [socket.create_connection(("127.0.0.1", port)) for _ in range(1020)]
            headers = {"Origin": f"http://127.0.0.1:{port}"}
            async with aiohttp.ClientSession() as owner, asyncio.timeout(60):
                for _ in range(3):
                    async with owner.ws_connect(url + "ws", headers=headers) as window:
                        await window.send_json(["stdin", "here"])
                        await hear(window, lambda heard: b"Dhere" in heard)
            for one in held:
                one.close()
        finally:
            os.kill(process.pid, signal.SIGTERM)
    told = errors.read_text()
    assert "Traceback" not in told
    assert told.count("\n") <= 3
