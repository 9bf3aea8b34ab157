"""Finding, replacing and going to a line, with the keys of the bar."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from textual.app import App, ComposeResult
from textual.events import Paste
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, Static

from mockexam.tui.code import find_bar, search
from mockexam.tui.code.editor import Editor
from mockexam.tui.code.find_bar import FindBar
from mockexam.tui.code.search import Wanted
from mockexam.tui.look import theme
from mockexam.tui.terminal import compat


class OneBar(App[None]):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.register_theme(theme.app_theme(theme.DEFAULT))
        self.theme = theme.DEFAULT

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theme.variables(theme.DEFAULT)

    def compose(self) -> ComposeResult:
        yield FindBar()
        yield Editor(self.text, language="python")


@asynccontextmanager
async def finding(text: str, what: str) -> AsyncIterator[tuple[FindBar, Editor, Pilot[None]]]:
    compat.apply()
    app = OneBar(text)
    async with app.run_test(size=(100, 24)) as pilot:
        bar, editor = app.query_one(FindBar), app.query_one(Editor)
        editor.cursor_blink = False
        bar.open(editor, what)
        await pilot.pause()
        yield bar, editor, pilot


def words(bar: FindBar) -> str:
    """What the bar says beside its fields."""
    return " ".join(str(bar.query_one(one, Static).render()) for one in ("#find-count", "#find-fault"))


async def test_replace_all_is_one_step_of_undo_and_takes_groups() -> None:
    async with finding("f(1)\ng(2)\n", "replace") as (bar, editor, pilot):
        await pilot.press("alt+x")
        bar.query_one("#find-text", Input).value = r"(\w)\((\d)\)"
        bar.query_one("#replace-text", Input).value = r"\2\1"
        await pilot.pause()
        await pilot.press("alt+a")
        assert editor.text == "1f\n2g\n"
        assert "2 replaced" in words(bar)
        editor.undo()
        assert editor.text == "f(1)\ng(2)\n"


async def test_next_goes_on_from_an_empty_place_and_round_again() -> None:
    async with finding("a\nb\nc", "replace") as (bar, editor, pilot):
        await pilot.press("alt+x", "$")
        rows = []
        for _ in range(3):
            await pilot.press("down")
            rows.append(editor.cursor_location[0])
        assert rows == [1, 2, 0]
        bar.query_one("#replace-text", Input).value = ";"
        for _ in range(3):
            bar.action_replace_one()
        assert editor.text == "a;\nb;\nc;"


async def test_a_pattern_without_end_says_so_and_is_not_tried_again_at_each_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with finding("a" * 10_000 + "b", "find") as (bar, editor, pilot):
        await pilot.press("alt+x")
        bar.query_one("#find-text", Input).value = "(a+)+$"
        await pilot.pause()
        assert "too long" in words(bar)
        monkeypatch.setattr(search, "find", None)
        editor.insert("x", (0, 0))
        await pilot.pause()
        assert "too long" in words(bar)
        monkeypatch.undo()
        bar.query_one("#find-text", Input).value = "b$"
        await pilot.pause()
        assert "1 of 1" in words(bar)


@pytest.mark.parametrize(("text", "row"), [("0", 0), ("2", 1), ("999999", 2)])
async def test_a_line_is_kept_inside_the_file(text: str, row: int) -> None:
    async with finding("a\nb\nc", "line") as (bar, editor, pilot):
        bar.query_one("#line-text", Input).value = text
        await pilot.press("enter")
        assert editor.cursor_location[0] == row
        assert not bar.display


async def test_what_is_no_line_says_what_is_wanted() -> None:
    async with finding("a\nb\nc", "line") as (bar, editor, pilot):
        bar.query_one("#line-text", Input).value = "-5"
        await pilot.press("enter")
        assert "12:5" in words(bar)
        assert editor.cursor_location == (0, 0)


async def into_text(editor: Editor, pilot: Pilot[None], *keys: str) -> None:
    """Press keys in the editor, with the bar open."""
    editor.focus()
    await pilot.pause()
    await pilot.press(*keys)
    await pilot.pause()


async def typed(editor: Editor, pilot: Pilot[None]) -> None:
    await into_text(editor, pilot, "ctrl+home", *"my_")


async def broken(editor: Editor, pilot: Pilot[None]) -> None:
    await into_text(editor, pilot, "ctrl+home", "enter")


async def pasted(editor: Editor, pilot: Pilot[None]) -> None:
    await into_text(editor, pilot, "ctrl+home")
    editor.post_message(Paste("import os\nmy_"))
    await pilot.pause()


async def undone(editor: Editor, pilot: Pilot[None]) -> None:
    await into_text(editor, pilot, "ctrl+home", *"my_", "ctrl+z")


async def redone(editor: Editor, pilot: Pilot[None]) -> None:
    await into_text(editor, pilot, "ctrl+home", *"my_", "ctrl+z", "ctrl+y")


async def deleted(editor: Editor, pilot: Pilot[None]) -> None:
    await into_text(editor, pilot, "ctrl+home", "delete")


async def commented(editor: Editor, pilot: Pilot[None]) -> None:
    await into_text(editor, pilot, "ctrl+home", "ctrl+slash")


async def reloaded(editor: Editor, pilot: Pilot[None]) -> None:
    editor.reload("# new\nmy_loss = 1\nx = loss\nprint(loss)\n")
    await pilot.pause()


async def put(editor: Editor, pilot: Pilot[None]) -> None:
    editor.text = "my_loss = 1\nx = loss\n"
    await pilot.pause()


Change = Callable[[Editor, Pilot[None]], object]
CHANGES = [typed, broken, pasted, undone, redone, deleted, commented, reloaded, put]
LOSSES = "loss = 1\nx = loss\n"


def marked(editor: Editor) -> list[str]:
    """What the marks stand on."""
    return [editor.document[row][start:end] for row, spans in editor.found.items() for start, end in spans]


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "after a pause"])
@pytest.mark.parametrize("change", CHANGES)
async def test_what_is_replaced_is_what_was_wanted_however_the_text_changed(
    change: Change, at_once: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # With an hour's pause the bar must look for itself when it is asked to replace.
    monkeypatch.setattr(find_bar, "AT_ONCE", 9.0 if at_once else -1.0)
    monkeypatch.setattr(find_bar, "PAUSE", 3600.0)
    async with finding(LOSSES, "replace") as (bar, editor, pilot):
        bar.query_one("#find-text", Input).value = "loss"
        bar.query_one("#replace-text", Input).value = "error"
        await pilot.pause()
        assert editor.selected_text == "loss"
        await change(editor, pilot)  # type: ignore[misc]
        before = editor.text
        if at_once:
            assert marked(editor) == ["loss"] * before.count("loss")
        bar.query_one("#replace-text").focus()
        await pilot.press("enter")
        first = editor.text
        assert first in (before, *replaced_once(before))
        await pilot.press("enter")
        assert editor.text in replaced_once(first)
        await pilot.press("alt+a")
        assert editor.text == before.replace("loss", "error")


def replaced_once(text: str) -> set[str]:
    """The texts in which one "loss" became "error"."""
    starts = [at for at in range(len(text)) if text.startswith("loss", at)]
    return {f"{text[:at]}error{text[at + 4 :]}" for at in starts}


async def test_a_selection_that_was_found_is_left_alone_when_the_text_under_it_changed() -> None:
    async with finding("loss = 1\n", "replace") as (bar, editor, pilot):
        bar.query_one("#find-text", Input).value = "loss"
        bar.query_one("#replace-text", Input).value = "error"
        await pilot.pause()
        editor.replace("my_loss", (0, 0), (0, 4), maintain_selection_offset=False)
        editor.selection = type(editor.selection)((0, 0), (0, 4))
        bar.action_replace_one()
        assert editor.text == "my_loss = 1\n"
        assert editor.selected_text == "loss"
        bar.action_replace_one()
        assert editor.text == "my_error = 1\n"


async def test_replace_takes_the_place_at_the_cursor_and_does_not_leap_over_it() -> None:
    async with finding("loss loss\n", "replace") as (bar, editor, pilot):
        bar.query_one("#find-text", Input).value = "loss"
        await pilot.pause()
        editor.move_cursor((0, 0))
        bar.action_replace_one()
        assert sorted(editor.selection) == [(0, 0), (0, 4)]


async def test_a_long_search_is_made_again_when_the_keys_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find_bar, "AT_ONCE", -1.0)
    async with finding(LOSSES, "replace") as (bar, editor, pilot):
        bar.query_one("#find-text", Input).value = "loss"
        await pilot.pause()
        await into_text(editor, pilot, "ctrl+end", *"loss")
        for _ in range(500):
            if "3 found" in words(bar):
                break
            await pilot.pause(0.02)
        assert marked(editor) == ["loss"] * 3


@pytest.mark.parametrize("wanted", ["loss", "("])
async def test_a_key_that_changes_nothing_about_what_is_said_lays_nothing_out(
    wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with finding(LOSSES, "find") as (bar, editor, pilot):
        await pilot.press("alt+x")
        bar.query_one("#find-text", Input).value = wanted
        await pilot.pause()
        await into_text(editor, pilot, "ctrl+end", "x")
        laid_out = 0
        refresh_layout = Screen._refresh_layout

        def counted(*arguments: object, **named: object) -> None:
            nonlocal laid_out
            laid_out += 1
            refresh_layout(*arguments, **named)  # type: ignore[arg-type]

        monkeypatch.setattr(Screen, "_refresh_layout", counted)
        await into_text(editor, pilot, *"abc")
        assert editor.text.endswith("xabc")
        assert laid_out == 0


async def test_until_then_no_mark_is_drawn_on_text_that_was_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find_bar, "AT_ONCE", -1.0)
    monkeypatch.setattr(find_bar, "PAUSE", 3600.0)
    async with finding(LOSSES, "find") as (bar, editor, pilot):
        bar.query_one("#find-text", Input).value = "loss"
        await pilot.pause()
        assert editor._stretches(0)
        await into_text(editor, pilot, "ctrl+home", *"my_")
        assert not editor._stretches(0)
        assert editor._stretches(1)


async def test_next_with_the_bar_closed_goes_by_the_text_as_it_stands() -> None:
    async with finding("loss\n", "find") as (bar, editor, pilot):
        bar.query_one("#find-text", Input).value = "loss"
        await pilot.press("escape")
        editor.text = "a\nb\nmy_loss\n"
        bar.action_go_next()
        assert sorted(editor.selection) == [(2, 3), (2, 7)]
        assert not marked(editor)


async def test_another_editor_has_places_of_its_own() -> None:
    async with finding(LOSSES, "replace") as (bar, editor, pilot):
        other = Editor("a\nmy_loss\n", language="python")
        await pilot.app.mount(other)
        bar.query_one("#find-text", Input).value = "loss"
        bar.query_one("#replace-text", Input).value = "error"
        await pilot.pause()
        bar.attach(other)
        editor.insert("my_", (0, 0))
        assert (marked(editor), marked(other)) == ([], ["loss"])
        bar.action_replace_one()
        bar.action_replace_one()
        assert (editor.text, other.text) == ("my_" + LOSSES, "a\nmy_error\n")
        bar.attach(None)
        bar.action_replace_one()
        bar.action_replace_all()
        bar.action_go_next()
        assert words(bar).strip() == ""


class Model:
    """What the editor should hold: plain texts, and those that undo leads back to."""

    def __init__(self, text: str) -> None:
        self.texts = [text]

    @property
    def text(self) -> str:
        return self.texts[-1]

    def put(self, text: str) -> None:
        self.texts.append(text)

    def undo(self) -> None:
        if len(self.texts) > 1:
            self.texts.pop()


def offset(editor: Editor, place: tuple[int, int]) -> int:
    lines = editor.text.split("\n")
    return sum(len(line) + 1 for line in lines[: place[0]]) + place[1]


def chosen(editor: Editor) -> tuple[int, int]:
    """The selection as offsets in the text."""
    start, end = sorted(editor.selection)
    return offset(editor, start), offset(editor, end)


def places(text: str, wanted: Wanted) -> list[tuple[int, int]]:
    """Where the wanted text stands, as offsets; each search goes on behind the place before."""
    found, at = [], text.find(wanted.text)
    while at >= 0:
        found.append((at, at + len(wanted.text)))
        at = text.find(wanted.text, at + len(wanted.text))
    return found


@pytest.mark.parametrize("seed", range(12))
async def test_edits_undo_and_replacements_in_any_order_agree_with_plain_text(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    monkeypatch.setattr(find_bar, "AT_ONCE", chance.choice([-1.0, 9.0]))
    wanted = Wanted(chance.choice(["ab", "a", "ba"]), case=True)
    by = chance.choice(["", "x", "ab", "aab"])
    text = "\n".join("".join(chance.choices("ab ", k=chance.randrange(9))) for _ in range(6))
    async with finding(text, "replace") as (bar, editor, pilot):
        bar.action_switch("case")
        bar.query_one("#find-text", Input).value = wanted.text
        bar.query_one("#replace-text", Input).value = by
        await pilot.pause()
        model = Model(text)
        for _ in range(80):
            step(chance, bar, editor, model, wanted, by)
            assert editor.text == model.text
            if chance.random() < 0.05:
                await pilot.pause()


def step(chance: random.Random, bar: FindBar, editor: Editor, model: Model, wanted: Wanted, by: str) -> None:
    """Do the same to the editor and to the model."""
    what = chance.choice(["edit", "edit", "reload", "undo", "next", "previous", "one", "one", "all"])
    editor.history.checkpoint()
    if what == "edit":
        ends = sorted(
            (row, chance.randint(0, len(editor.document[row])))
            for row in chance.choices(range(editor.document.line_count), k=2)
        )
        put = "".join(chance.choices("ab\n ", k=chance.randrange(5)))
        start, end = (offset(editor, place) for place in ends)
        if put or start != end:
            model.put(model.text[:start] + put + model.text[end:])
            editor.replace(put, *ends, maintain_selection_offset=chance.random() < 0.5)
    elif what == "reload":
        model.put(model.text.replace("b", "", 1) + "ab")
        editor.reload(model.text)
    elif what == "undo":
        model.undo()
        editor.undo()
    elif what == "all":
        if (changed := model.text.replace(wanted.text, by)) != model.text:
            model.put(changed)
        bar.action_replace_all()
    elif what == "one":
        # Found without overlaps, from the start of each line on, as in the bar.
        start, end = chosen(editor)
        if (start, end) in places(model.text, wanted):
            model.put(model.text[:start] + by + model.text[end:])
        bar.action_replace_one()
    else:
        bar.action_go_next() if what == "next" else bar.action_go_previous()
        assert not places(model.text, wanted) or chosen(editor) in places(model.text, wanted)
