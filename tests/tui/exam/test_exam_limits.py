"""Limits on submissions on the screen: the rule before the exam, and the button during it, by the exam's clock."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Static

from mockexam.exam.rules import Rules
from mockexam.packs.catalogue import Catalogue
from mockexam.sitting.service import Attempt
from mockexam.tui.app import MockExamApp
from mockexam.tui.exam.dialogs import ReceiptDialog
from mockexam.tui.exam.widgets.history import History
from mockexam.tui.look.controls import PushButton
from mockexam.tui.pages.instructions import instructions
from tests.sitting.fakes import FakeClock, FakeService, refused, scored, write_pack
from tests.tui.exam_room import WIDE, Room, sitting

FORM = 'max_submissions = {1 = 2}\ncooldown = {1 = 90}\nmetric_shown = "improvement"'


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    write_pack(tmp_path / "someone" / "packs", form=FORM)
    return Catalogue(tmp_path / "someone" / "packs")


def button(room: Room) -> PushButton:
    return room.screen.query_one("#submit", PushButton)


def verdict(room: Room) -> str:
    return str(room.screen.query_one("#verdict", Static).render())


async def says(room: Room, label: str) -> None:
    await room.until(lambda: button(room).label == label, f"{label}, not {button(room).label}")


async def test_the_button_says_how_many_are_left_and_when_the_next_is_taken(
    app: MockExamApp, running: Attempt, service: FakeService, clock: FakeClock
) -> None:
    service.verdicts = [scored(3), refused(), scored(4)]
    async with sitting(app, running, WIDE) as room:
        room.model(1)
        await says(room, "Submit and Test model (2 left)")
        await room.press("f9")
        await says(room, "Submit again in 0:01:30 (1 left)")
        assert button(room).has_class("-waiting")
        clock.advance(29.5)
        await says(room, "Submit again in 0:01:01 (1 left)")
        clock.set_wall(minutes=200)
        await room.press("f9")
        await room.until(lambda: "Nothing was submitted." in verdict(room), "the refusal")
        assert "Press again in 61 seconds." in verdict(room).replace("\n         ", " ")
        assert len(room.submissions(1)) == 1
        clock.advance(61)
        await says(room, "Submit and Test model (1 left)")
        assert not button(room).has_class("-waiting")
        await room.press("f9")  # is refused by the contract, uses none up, and waits
        await says(room, "Submit again in 0:01:30 (1 left)")
        clock.advance(90)
        await says(room, "Submit and Test model (1 left)")
        await room.press("f9")
        await says(room, "No submission is left")
        clock.advance(90)
        await room.press("f9")
        await room.until(lambda: "2 tested, so that none is left" in verdict(room), "the refusal")
        assert len(room.submissions(1)) == 3


async def test_each_problem_has_its_own_rule_and_states_it(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running, WIDE) as room:
        await room.until(lambda: "2 tested submissions, 90 seconds apart" in room.text, "the statement")
        await says(room, "Submit and Test model (2 left)")
        room.screen.standing.choose(2)
        await says(room, "Submit and Test model")
        await room.until(lambda: "Tries" not in room.text, "the other statement")


async def test_a_receipt_tells_metrics_as_the_pack_has_them_told(
    app: MockExamApp, running: Attempt, service: FakeService
) -> None:
    service.verdicts = [scored(3)]
    async with sitting(app, running, WIDE) as room:
        room.model(1)
        await room.press("f9")
        await room.until(lambda: "Model tests passed: 3/5" in verdict(room), "the verdict")
        await room.until(lambda: room.screen.query_one(History).option_count == 1, "the history")
        await room.click(History, offset=(3, 0))
        await room.until(lambda: isinstance(app.screen, ReceiptDialog), "the receipt")
        assert "mae 0.1: the best so far." in room.text
        assert "Test 1" not in room.text


def test_the_instructions_state_the_rule_that_holds() -> None:
    free = instructions(Rules()).plain
    assert "Submit as often as you like: the last graded submission counts." in free
    limited = instructions(Rules(max_submissions=dict.fromkeys(range(1, 6), 8), cooldown={5: 300})).plain
    assert "as often as you like" not in limited
    assert "Each problem takes 8 tested submissions: the last graded submission counts." in limited
    assert "category 5: 5 minutes" in limited
