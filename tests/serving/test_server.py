"""The web server before a stand-in for the app: who gets through, and what outlives a window."""

from __future__ import annotations

import asyncio
import re
import socket
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import pytest
from click.testing import CliRunner

from mockexam.commands.serve import command, page_colours
from mockexam.errors import AttemptError
from mockexam.serving.server import ExamServer
from mockexam.store.home import Home
from mockexam.store.settings import Settings
from mockexam.tui.look.palette import DARK, LOOKS, PLAIN

# Says its number first, then repeats what it is sent, until it is told to quit, which it writes down.
APP = """
import os, sys
def packet(kind, data):
    os.write(1, kind + len(data).to_bytes(4, "big") + data)
os.write(1, b"__GANGLION__\\n")
packet(b"D", b"pid %d " % os.getpid())
while head := sys.stdin.buffer.read(5):
    data = sys.stdin.buffer.read(int.from_bytes(head[1:], "big"))
    packet(b"D", head[:1] + data)
    if b'"quit"' in data or data == b"exit":
        open(sys.argv[1], "w").write("left")
        break
"""


LIGHT = LOOKS["mockexam-light"].chrome


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ExamServer]:
    server = ExamServer([sys.executable, "-c", APP, str(tmp_path / "left")], "127.0.0.1", 0, LIGHT)
    await server.open()
    yield server
    await server.close()


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def hear(window: aiohttp.ClientWebSocketResponse, good: Callable[[bytes], bool]) -> bytes:
    """What a window is sent until it is what was waited for."""
    heard = b""
    async with asyncio.timeout(20):
        while not good(heard):
            heard += await window.receive_bytes()
    return heard


def origin(server: ExamServer) -> dict[str, str]:
    return {"Origin": f"http://127.0.0.1:{server.port}"}


async def test_without_the_secret_every_path_gives_the_same_refusal(
    server: ExamServer, client: aiohttp.ClientSession
) -> None:
    base = f"http://127.0.0.1:{server.port}"
    wrong = "x" * len(server.gate.secret)
    for path in ("/", "/ws", "/static/js/textual.js", f"/{wrong}/", f"/{wrong}/ws", "/%00/", "//", f"/{wrong}/nothing"):
        async with client.get(base + path) as response:
            assert response.status == 403
            assert "mockexam serve" in await response.text()
            assert server.gate.secret not in await response.text()
    assert not server.seat.running


async def test_a_rebound_name_is_refused_even_with_the_secret(
    server: ExamServer, client: aiohttp.ClientSession
) -> None:
    async with client.get(server.address, headers={"Host": f"evil.example:{server.port}"}) as response:
        assert response.status == 403


@pytest.mark.parametrize("page", ["http://evil.example", "http://127.0.0.1:1", "null", None])
async def test_a_foreign_page_opens_no_websocket_even_with_the_secret(
    server: ExamServer, client: aiohttp.ClientSession, page: str | None
) -> None:
    headers = {"Origin": page} if page else {}
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await client.ws_connect(server.address + "ws", headers=headers)
    assert refused.value.status == 403
    assert not server.seat.running


async def test_the_page_needs_no_other_host_and_lets_none_frame_it(
    server: ExamServer, client: aiohttp.ClientSession
) -> None:
    async with client.get(server.address) as response:
        page = await response.text()
        assert response.status == 200
        assert "https://" not in page
        assert "This window is not connected" in page
        assert "Open it here</button>" in page
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
    async with client.get(server.address + "static/js/textual.js") as response:
        assert response.status == 200
    for path in ("static/../server.py", "static/js/..%2f..%2fserver.py", "static/js/", "static/"):
        async with client.get(server.address + path) as response:
            assert response.status in (403, 404)


async def test_the_page_has_the_colours_of_the_theme_and_no_others(
    server: ExamServer, client: aiohttp.ClientSession
) -> None:
    page = await (await client.get(server.address)).text()
    found = {colour[:7].upper() for colour in re.findall(r"#[0-9a-fA-F]{6,8}", page)}
    assert found == {LIGHT[role] for role in ("editor", "text-strong", "primary", "on-primary")}


@pytest.mark.parametrize(
    ("chosen", "colours"),
    [(None, DARK.chrome), ("mockexam-light", LIGHT), (PLAIN, DARK.chrome), ("nonesuch", DARK.chrome)],
)
def test_the_page_opens_in_the_theme_that_was_chosen(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, chosen: str | None, colours: dict[str, str]
) -> None:
    monkeypatch.setenv("MOCKEXAM_HOME", str(tmp_path))
    settings = Settings(Home.default().settings)
    settings.set("theme", chosen)
    settings.save()
    assert page_colours() == colours


async def test_the_app_outlives_its_window_and_the_next_one_goes_on_with_it(
    server: ExamServer, client: aiohttp.ClientSession, tmp_path: Path
) -> None:
    async with client.ws_connect(server.address + "ws?width=120&height=36", headers=origin(server)) as first:
        pid = await hear(first, lambda heard: b"pid" in heard)
        await first.send_json(["stdin", "hello"])
        await hear(first, lambda heard: b"Dhello" in heard)
    async with client.ws_connect(server.address + "ws?width=200&height=50", headers=origin(server)) as second:
        told = await hear(second, lambda heard: b"attach" in heard)
        assert b'"width": 200, "height": 50' in told
        assert pid not in told
        async with client.ws_connect(server.address + "ws", headers=origin(server)) as third:
            await hear(third, lambda heard: b"attach" in heard)
            assert (await second.receive()).type is aiohttp.WSMsgType.CLOSE
            await third.send_json(["stdin", "still here"])
            await hear(third, lambda heard: b"Dstill here" in heard)
    assert not (tmp_path / "left").exists()
    await server.close()
    assert (tmp_path / "left").read_text() == "left"


async def test_an_app_that_was_quit_starts_again_for_the_next_window(
    server: ExamServer, client: aiohttp.ClientSession
) -> None:
    async with client.ws_connect(server.address + "ws", headers=origin(server)) as window:
        first = await hear(window, lambda heard: b"pid" in heard)
        await window.send_json(["stdin", "exit"])
        async with asyncio.timeout(20):
            while (await window.receive()).type is not aiohttp.WSMsgType.CLOSE:
                pass
    async with client.ws_connect(server.address + "ws", headers=origin(server)) as window:
        assert await hear(window, lambda heard: b"pid" in heard) != first


@pytest.mark.parametrize("said", ["no json", "5", "[]", '["stdin"]', '["stdin", 5]', '["resize", {}]', "{}"])
async def test_what_no_page_of_ours_sends_closes_the_window_and_not_the_app(
    server: ExamServer, client: aiohttp.ClientSession, said: str
) -> None:
    async with client.ws_connect(server.address + "ws?width=a&height=-9999", headers=origin(server)) as window:
        await hear(window, lambda heard: b"pid" in heard)
        await window.send_str(said)
        async with asyncio.timeout(20):
            while (await window.receive()).type is not aiohttp.WSMsgType.CLOSE:
                pass
    assert server.seat.running


def test_a_port_in_use_is_said_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = CliRunner().invoke(command, ["--port", str(port)])
    assert isinstance(result.exception, AttemptError)
    assert "in use by another program" in str(result.exception.found)
    assert "--port 0" in str(result.exception.advice)
