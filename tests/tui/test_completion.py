"""What is offered at the cursor, and how it is taken."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from mockexam.sitting.office import Attempt
from mockexam.tui.app import MockExamApp
from mockexam.tui.widgets.completion import (
    Completer,
    NameServer,
    Target,
    Wish,
    fitting,
    resolve,
    targets,
    wish_at,
    words,
)
from mockexam.tui.widgets.completion_list import CompletionList
from tests.tui.exam_room import sitting

SOURCE = [
    "import json",
    "import collections.abc as shapes, os.path",
    "from fractions import Fraction as Half, gcd",
    "decoder = json.JSONDecoder(strict=True)",
    "dumps = json.dumps",
]


@pytest.fixture
async def server() -> AsyncIterator[NameServer]:
    server = NameServer()
    yield server
    await server.stop()


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("json.du", Wish("du", owner="json")),
        ("x = tf.keras.layers.", Wish("", owner="tf.keras.layers")),
        ("tot", Wish("tot", called=None)),
        ("json.dumps(x, ind", Wish("ind", called="json.dumps")),
        ("f(a[1], g(2), k", Wish("k", called="f")),
        ("x[i", Wish("i", called=None)),
        ("# json.", None),
        ("'json.", None),
        ("1.", None),
    ],
)
def test_what_is_wanted(before: str, expected: Wish | None) -> None:
    assert wish_at(before) == expected


def test_where_names_lead() -> None:
    known = targets(SOURCE)
    assert known["json"] == Target("json", ())
    assert known["shapes"] == Target("collections.abc", ())
    assert known["os"] == Target("os", ())
    assert known["Half"] == Target("fractions", ("Fraction",))
    assert known["decoder"] == Target("json", ("JSONDecoder",), True)
    assert resolve("dumps", known) == Target("json", ("dumps",))
    assert resolve("decoder.decode.x", known) is None
    assert resolve("nothing", known) is None


def test_near_words_come_first_and_hidden_ones_only_when_asked_for() -> None:
    found = words(["alpha = 1", "", "beta = 2", "alpine = 3"], 3)
    assert found.index("alpine") < found.index("beta") < found.index("alpha")
    assert fitting(["_x", "xa", "Xb"], "x") == ["xa", "Xb"]
    assert fitting(["_x"], "_") == ["_x"]


async def test_attributes_instances_and_arguments(server: NameServer) -> None:
    completer = Completer(server)
    assert await completer.names(Wish("du", owner="json"), SOURCE, 0) == ["dump", "dumps"]
    assert "raw_decode" in await completer.names(Wish("", owner="decoder"), SOURCE, 0)
    assert (await completer.names(Wish("ind", called="json.dumps"), SOURCE, 0))[0] == "indent="
    assert await completer.names(Wish("", owner="unknown"), SOURCE, 0) == []


async def test_a_module_that_prints_or_fails_does_no_harm(server: NameServer) -> None:
    assert await server.ask(Target("this", ()), "attributes")
    assert await server.ask(Target("no_such_module", ()), "attributes") == []
    assert "dumps" in await server.ask(Target("json", ()), "attributes")


async def test_a_server_that_dies_is_started_again(server: NameServer) -> None:
    assert await server.ask(Target("json", ()), "attributes")
    assert server._process is not None
    server._process.kill()
    await server._process.wait()
    assert "dumps" in await server.ask(Target("json", ()), "attributes")


async def test_completion_by_key_and_by_mouse(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        names = room.screen.query_one(CompletionList)
        room.write("import json\n\n")
        room.editor.move_cursor((1, 0))
        await room.type("json.")
        await room.until(lambda: names.display, "the list")
        await room.type("du")
        await room.until(lambda: names.option_count == 2, "fewer")
        await room.press("down", "enter")
        assert room.editor.document[1] == "json.dumps"
        assert not names.display
        await room.type("(1, sk")
        await room.press("ctrl+space")
        await room.until(lambda: names.display, "the arguments")
        await room.until(lambda: "skipkeys=" in room.text, "their names")
        await room.click(names, offset=(2, 0))
        assert room.editor.document[1] == "json.dumps(1, skipkeys=)"


async def test_escape_closes_the_list_and_leaves_the_text(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        names = room.screen.query_one(CompletionList)
        room.write("wonderful = 1\n")
        room.editor.move_cursor((1, 0))
        await room.type("wond")
        await room.press("ctrl+space")
        await room.until(lambda: names.display, "the list")
        await room.press("escape")
        assert not names.display
        assert room.editor.document[1] == "wond"
        assert room.editor.has_focus
