"""The window with what stands before programs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from mockexam.preload.switches import switched_off
from mockexam.store.settings import Settings
from mockexam.tui.app import MockExamApp
from mockexam.tui.interpreters.before_programs import BeforePrograms
from tests.tui.conftest import Until

Reading = Callable[[Pilot[int]], str]


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_each_part_is_shown_with_its_files_and_switched_off_and_on(
    size: tuple[int, int], app: MockExamApp, until: Until, reading: Reading
) -> None:
    async with app.run_test(size=size) as pilot:
        app.action_before_programs()
        await until(pilot, lambda: isinstance(app.screen, BeforePrograms) and "Plots window" in reading(pilot))
        assert "sitecustomize.py" in reading(pilot)
        await pilot.press("down")
        await until(pilot, lambda: "mockexam_preload/keras_2.py" in reading(pilot))
        await pilot.press("enter", "down", "down")
        await until(pilot, lambda: "rescue.py" in reading(pilot))
        assert switched_off(app.settings) == ()
        await pilot.press("enter")
        await until(pilot, lambda: switched_off(Settings(app.settings.path)) == ("rescue",))
        assert reading(pilot).count("○") == reading(pilot).count("●") == 1
        assert app.screen.query_one(OptionList).highlighted == 3
        await pilot.press("enter")
        await until(pilot, lambda: switched_off(Settings(app.settings.path)) == ())
        await pilot.press("escape")
        await until(pilot, lambda: not app.screen.is_modal)
