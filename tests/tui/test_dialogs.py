"""Questions, the palette, the keys, and the notice of a small terminal."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from mockexam.tui import keymap
from mockexam.tui.app import MockExamApp
from mockexam.tui.look.controls import PushButton
from mockexam.tui.look.dialogs import Question
from mockexam.tui.pages.help.keys import table
from mockexam.tui.pages.search_everywhere import Entry, SearchEverywhere, matching
from tests.tui.conftest import Reading, Until, found


@pytest.fixture
def answers() -> list[bool | None]:
    return []


async def put(
    app: MockExamApp, pilot: Pilot[int], until: Until, answers: list[bool | None], question: Question
) -> None:
    await until(pilot, lambda: app.office_open.is_set())
    app.push_screen(question, answers.append)
    await until(pilot, lambda: app.screen is question and question.query("#dialog-yes"))


@pytest.mark.parametrize(("key", "answer"), [("enter", True), ("escape", False), ("y", True), ("n", False)])
async def test_plain_question(
    app: MockExamApp, until: Until, answers: list[bool | None], key: str, answer: bool
) -> None:
    async with app.run_test() as pilot:
        await put(app, pilot, until, answers, Question("Sure?", "Really?"))
        await pilot.press(key)
        await until(pilot, lambda: answers)
    assert answers == [answer]


async def test_dangerous_answer_is_not_one_enter_away(
    app: MockExamApp, until: Until, answers: list[bool | None]
) -> None:
    async with app.run_test() as pilot:
        await put(app, pilot, until, answers, Question("End?", "For good.", danger=True))
        await pilot.press("enter")
        await until(pilot, lambda: answers)
    assert answers == [False]


async def test_typed_confirmation(app: MockExamApp, until: Until, answers: list[bool | None]) -> None:
    async with app.run_test() as pilot:
        question = Question("End?", "For good.", yes="End Exam", typed="end exam", danger=True)
        await put(app, pilot, until, answers, question)
        yes = question.query_one("#dialog-yes", PushButton)
        await pilot.press(*"end", "enter")
        assert yes.disabled
        assert answers == []
        await pilot.press("space", *"Exam")
        await until(pilot, lambda: not yes.disabled)
        await pilot.press("enter")
        await until(pilot, lambda: answers)
    assert answers == [True]


async def test_question_by_mouse(app: MockExamApp, until: Until, answers: list[bool | None]) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await put(app, pilot, until, answers, Question("Sure?", "Really?"))
        await pilot.click("#dialog-no")
        await until(pilot, lambda: answers)
    assert answers == [False]


async def test_search_finds_and_does(app: MockExamApp, until: Until, reading: Reading) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: app.office_open.is_set())
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, SearchEverywhere))
        await pilot.press(*"packs")
        await until(pilot, lambda: found(app) and found(app)[0].title == "Problem packs")
        await pilot.press("enter")
        await until(pilot, lambda: "Tensor" in reading(pilot) and type(app.screen).__name__ == "PacksScreen")


async def test_search_moves_by_arrows_and_closes(app: MockExamApp, until: Until) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.office_open.is_set())
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, SearchEverywhere) and app.screen.found)
        await pilot.press("down", "down", "up")
        assert app.screen.query_one(OptionList).highlighted == 1
        assert app.focused is app.screen.query_one(Input)
        await pilot.press("escape")
        await until(pilot, lambda: not app.screen.is_modal)


async def test_search_by_mouse(app: MockExamApp, until: Until, reading: Reading) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: app.office_open.is_set())
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, SearchEverywhere) and app.screen.found)
        titles = [entry.title for entry in found(app)]
        await pilot.click(OptionList, offset=(4, titles.index("Theme: Light")))
        await until(pilot, lambda: app.theme == "mockexam-light")


def test_search_orders_the_best_first() -> None:
    entries = [Entry(title, "", lambda: None) for title in ("Stop", "Submit and Test", "Save All", "Next Tab")]
    assert [entry.title for entry in matching(entries, "sub")] == ["Submit and Test"]
    assert matching(entries, "") == entries
    assert matching(entries, "zzz") == []


async def test_keys_are_shown_and_closed(app: MockExamApp, until: Until, reading: Reading) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: app.office_open.is_set())
        await pilot.press("f1")
        await until(pilot, lambda: "Esc closes" in reading(pilot))
        assert "Ctrl+P" in reading(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: not app.screen.is_modal)


@pytest.mark.parametrize("columns", [1, 2, 3])
def test_keys_page_has_every_action_once(columns: int) -> None:
    text = table(columns).plain
    for row in keymap.TABLE:
        assert text.count(f"{row.title!s} ") >= 1, row.title
    for group in keymap.GROUPS:
        assert text.count(f"{group} ") >= 1
    widths = {len(line) for line in text.splitlines()}
    assert len(widths) == 1


def test_keys_outside_the_exam_are_only_those_that_work_there() -> None:
    text = table(1, in_exam=False).plain
    assert "Search Everywhere" in text
    assert "Submit and Test" not in text


async def test_small_terminal_gets_one_line_until_it_grows(app: MockExamApp, until: Until, reading: Reading) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: app.office_open.is_set())
        await pilot.resize_terminal(70, 18)
        await until(pilot, lambda: "it is 70 × 18, mockexam needs 80 × 20" in reading(pilot))
        await pilot.resize_terminal(60, 10)
        await until(pilot, lambda: "it is 60 × 10" in reading(pilot).replace("\n", " "))
        await pilot.resize_terminal(80, 20)
        await until(pilot, lambda: "Take the certificate exam" in reading(pilot))
        assert not app.screen.is_modal
