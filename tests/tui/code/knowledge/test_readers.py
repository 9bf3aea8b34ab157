"""The processes that read code: asked, killed, told to follow another Python."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from mockexam.interpreters.interpreter import this_python
from mockexam.tui.code.knowledge.completion import Completer, Target
from mockexam.tui.code.knowledge.inspector import MOST_LINES, Inspector
from mockexam.tui.code.knowledge.line_process import Launch, LineProcess
from mockexam.tui.code.knowledge.readers import Readers

ECHO = """
import json, sys
first = json.loads(sys.stdin.readline())
for line in sys.stdin:
    asked = json.loads(line)
    if asked["say"] == "die":
        sys.exit(1)
    print(json.dumps({"id": asked["id"], "answer": [first, asked["say"]]}), flush=True)
"""


@pytest.fixture
async def echo() -> AsyncIterator[LineProcess]:
    async def launch() -> Launch:
        return Launch([sys.executable, "-c", ECHO], dict(os.environ), {"hello": 1})

    process = LineProcess(launch)
    yield process
    await process.stop()


@pytest.fixture
async def readers() -> AsyncIterator[Readers]:
    readers = Readers()
    yield readers
    await readers.stop()


async def test_it_is_greeted_once_and_answers_each_question(echo: LineProcess) -> None:
    assert await echo.ask({"say": "한글"}) == [{"hello": 1}, "한글"]
    assert await echo.ask({"say": "b"}) == [{"hello": 1}, "b"]


async def test_one_that_dies_has_no_answer_and_is_started_again(echo: LineProcess) -> None:
    assert await echo.ask({"say": "die"}) is None
    assert await echo.ask({"say": "again"}) == [{"hello": 1}, "again"]


async def test_the_answer_to_a_question_that_nobody_waits_for_is_passed_over(echo: LineProcess) -> None:
    await echo.ask({"say": "a"})
    given_up = asyncio.ensure_future(echo.ask({"say": "b"}))
    await asyncio.sleep(0)
    given_up.cancel()
    assert await echo.ask({"say": "c"}) == [{"hello": 1}, "c"]


async def test_an_ended_one_is_started_again_at_the_next_question(echo: LineProcess) -> None:
    await echo.ask({"say": "a"})
    await echo.stop()
    assert await echo.ask({"say": "b"}) == [{"hello": 1}, "b"]


async def test_names_and_findings_come_from_one_process(readers: Readers, tmp_path: Path) -> None:
    completer, inspector = Completer(readers), Inspector(readers.reader)
    assert await inspector.findings(["print(1)"], tmp_path) == []
    before = readers.reader._process
    assert "append" in await completer._read("x = [1]\nx.app", 1, 5)
    assert readers.reader._process is before


async def test_what_is_found_comes_with_all_that_can_be_offered(readers: Readers, tmp_path: Path) -> None:
    inspector = Inspector(readers.reader)
    lines = [
        "import 한글없음",
        "import beside",
        "import tensorflow as tf",
        "이름 = 1; a = tf.keras.optimizers.Adam(lr=0.1)",
        "b = tf.keras.optimizers.SGD(lr=0.1)",
        "print(b",  # half typed
    ]
    (tmp_path / "beside.py").touch()
    found = await inspector.findings(lines, tmp_path)
    assert found is not None
    places = [(one.row, lines[one.row][one.column : one.end_column]) for one in found]
    assert [row for row, _ in places] == [0, 3, 4]
    assert places[1][1].startswith("lr")
    (missing,) = await inspector.offers(lines, tmp_path, [0])
    (rate,) = await inspector.offers(lines, tmp_path, [3])
    assert "-m pip install" in str(missing.finding.detail.values["line"])
    assert rate.ignoring is not None
    assert [every.count for every in rate.everywhere] == [2]
    assert len({edit.row for edit in rate.everywhere[0].edits}) == 2


async def test_no_process_runs_before_it_is_asked(readers: Readers) -> None:
    assert readers.reader._process is None
    assert await Inspector(readers.reader).findings(["x"] * (MOST_LINES + 1), None) is None
    assert readers.reader._process is None


async def test_another_python_is_followed_by_both(
    readers: Readers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    completer, inspector = Completer(readers), Inspector(readers.reader)
    assert "dumps" in await completer.ask(Target("json", ()), "attributes")
    first = readers.importer._process
    # The same Python under another name, as an environment of its own would be.
    other = msgspec.structs.replace(this_python(), ours=False)
    (tmp_path / "brought.py").write_text("THING = 1\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    await completer.follow(other)
    assert "THING" in await completer.ask(Target("brought", ()), "attributes")
    assert readers.importer._process is not first
    assert "THING" in await completer._read("import brought\nbrought.", 1, 8)
    assert await inspector.findings(["print(1)"], tmp_path) == []


async def test_the_folders_of_the_scripts_are_not_on_the_module_path(
    readers: Readers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "stray.py").write_text("THING = 1\n")
    completer = Completer(readers)
    assert await completer.ask(Target("stray", ()), "attributes") == []
    await completer.follow(msgspec.structs.replace(this_python(), ours=False))
    assert await completer.ask(Target("stray", ()), "attributes") == []
    assert await completer.ask(Target("line_process", ()), "attributes") == []
