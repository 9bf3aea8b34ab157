"""What is offered at the cursor, and how it is taken."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from mockexam.sitting.service import Attempt
from mockexam.tui.app import MockExamApp
from mockexam.tui.code.knowledge.completion import (
    LONGEST_LOOK,
    Completer,
    Target,
    Wish,
    fitting,
    resolve,
    targets,
    wish_at,
    words,
)
from tests.tui.exam_room import sitting

SOURCE = [
    "import json",
    "import collections.abc as shapes, os.path",
    "from fractions import Fraction as Half, gcd",
    "decoder = json.JSONDecoder(strict=True)",
    "dumps = json.dumps",
]


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
        ("f(1).", Wish("", owner="")),
        ("'a'.up", Wish("up", owner="")),
    ],
)
def test_what_is_wanted(before: str, expected: Wish | None) -> None:
    assert wish_at(before) == expected


def test_an_endless_word_is_looked_at_once() -> None:
    assert wish_at("a" * 1_000_000) == Wish("a" * LONGEST_LOOK)  # tried from every start, it would take an hour


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


@pytest.fixture
async def completer() -> AsyncIterator[Completer]:
    completer = Completer()
    yield completer
    await completer.stop()


async def test_attributes_instances_and_arguments(completer: Completer) -> None:
    assert await completer.names(Wish("du", owner="json"), SOURCE, 0, 0) == ["dump", "dumps"]
    assert "raw_decode" in await completer.names(Wish("", owner="decoder"), SOURCE, 0, 0)
    assert (await completer.names(Wish("ind", called="json.dumps"), SOURCE, 0, 0))[0] == "indent="


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("window.si", "size"),
        ("points.sha", "shape"),
        ("window.halves().app", "append"),
        ("(1, 2).cou", "count"),
        ("'a b'.spl", "split"),
        ("unknown.", None),
    ],
)
async def test_what_only_a_reader_of_the_code_can_tell(completer: Completer, line: str, name: str | None) -> None:
    source = [
        "import numpy as np",
        "class Window:",
        "    def __init__(self):",
        "        self.size = 3",
        "    def halves(self):",
        "        return [1, 2]",
        "window = Window()",
        "points = np.loadtxt('points.csv')",
        line,
        "print(window)",
    ]
    wish = wish_at(line)
    assert wish is not None
    found = await completer.names(wish, source, 8, len(line))
    assert (name in found) if name else not found


async def test_a_module_that_prints_or_fails_does_no_harm(completer: Completer) -> None:
    assert await completer.ask(Target("this", ()), "attributes")
    assert await completer.ask(Target("no_such_module", ()), "attributes") == []
    assert "dumps" in await completer.ask(Target("json", ()), "attributes")


async def test_completion_by_key_and_by_mouse(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        names = room.screen.parts.area.completing.list
        room.write("import json\n\n")
        room.editor.move_cursor((1, 0))
        await room.type("json.")
        await room.until(lambda: names.shown, "the list")
        await room.type("du")
        await room.until(lambda: len(names.shown) == 2, "fewer")
        await room.press("down", "enter")
        assert room.editor.document[1] == "json.dumps"
        assert not names.shown
        await room.type("(1, sk")
        await room.press("ctrl+space")
        await room.until(lambda: names.shown, "the arguments")
        await room.until(lambda: "skipkeys=" in room.text, "their names")
        x, y = room.editor.cursor_screen_offset
        await room.click(room.editor, offset=(x - room.editor.region.x, y - room.editor.region.y + 1))
        assert room.editor.document[1] == "json.dumps(1, skipkeys=)"


async def test_escape_closes_the_list_and_leaves_the_text(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        names = room.screen.parts.area.completing.list
        room.write("wonderful = 1\n")
        room.editor.move_cursor((1, 0))
        await room.type("wond")
        await room.press("ctrl+space")
        await room.until(lambda: names.shown, "the list")
        await room.press("escape")
        assert not names.shown
        assert room.editor.document[1] == "wond"
        assert room.editor.has_focus
