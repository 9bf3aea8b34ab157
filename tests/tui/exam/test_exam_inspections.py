"""What the inspections find, on the exam screen: marks, the list of what can be done, the Problems window."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Iterator, Sequence

import pytest
from textual.widgets import OptionList

from graders.sentences import sentence
from mockexam.inspections.findings import Edit, Finding, Fix
from mockexam.sitting.service import Attempt
from mockexam.tui.app import MockExamApp
from mockexam.tui.code.knowledge.inspector import Inspector
from mockexam.tui.code.knowledge.offer import Everywhere, Offer
from mockexam.tui.look import formatting
from mockexam.tui.look.dialogs import Question
from mockexam.tui.look.menu import Menu
from mockexam.tui.pages.help.course_code import CourseCodeScreen
from tests.tui.exam_room import NARROW, Room, sitting

CODE = """import tensorflow as tf

이름 = "값"; model.fit_generator(x)
model.fit(x)
model.fit_generator(y)
model.compile(Adam(lr=0.1))
"""


def found_in(lines: Sequence[str]) -> list[Finding]:
    """What an inspection of two patterns would find."""
    return [finding for row, line in enumerate(lines) for finding in (*_generators(row, line), *_rates(row, line))]


def _generators(row: int, line: str) -> list[Finding]:
    return [
        Finding(
            pattern="fit-generator",
            row=row,
            column=found.start(),
            end_row=row,
            end_column=found.end(),
            message=sentence("Models have no fit_generator any more."),
            detail=sentence("Since Keras 3, fit takes generators."),
            fixes=(
                Fix(
                    "fit",
                    sentence("Write fit"),
                    (Edit(row, found.start(), row, found.end(), "fit", "fit_generator"),),
                ),
            ),
        )
        for found in re.finditer("fit_generator", line)
    ]


def _rates(row: int, line: str) -> list[Finding]:
    return [
        Finding(
            pattern="lr",
            row=row,
            column=found.start(),
            end_row=row,
            end_column=found.end(),
            message=sentence("Optimizers have no lr any more."),
            detail=sentence("It is called learning_rate."),
            fixes=(
                Fix(
                    "learning-rate",
                    sentence("Write learning_rate"),
                    (
                        Edit(row, found.start(), row, found.end(), "learning_rate", "lr"),
                        Edit(0, 0, 0, 0, "# learns\n"),
                    ),
                ),
            ),
        )
        for found in re.finditer(r"\blr(?==)", line)
    ]


class Desk:
    """Answers in place of the process, while it is `free`."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.free = asyncio.Event()
        self.free.set()

    async def findings(self, lines: Sequence[str]) -> list[Finding] | None:
        self.asked.append(list(lines))
        await self.free.wait()
        return found_in(lines)

    async def offers(self, lines: Sequence[str], rows: Iterable[int]) -> list[Offer]:
        await self.free.wait()
        found, wanted = found_in(lines), set(rows)
        return [Offer(one, _comment(lines, one), tuple(_all(one, found))) for one in found if one.row in wanted]


def _comment(lines: Sequence[str], finding: Finding) -> Edit:
    end = len(lines[finding.row])
    return Edit(finding.row, end, finding.row, end, f"  # mockexam: ignore[{finding.pattern}]")


def _all(finding: Finding, found: Sequence[Finding]) -> Iterator[Everywhere]:
    same = [one for one in found if one.pattern == finding.pattern]
    edits = tuple(edit for one in same for edit in one.fixes[0].edits)
    if len(same) > 1:
        yield Everywhere(finding.fixes[0].name, len(same), edits)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk()
    monkeypatch.setattr(Inspector, "findings", lambda inspector, lines, folder: desk.findings(lines))
    monkeypatch.setattr(Inspector, "offers", lambda inspector, lines, folder, rows: desk.offers(lines, rows))
    return desk


async def ready(room: Room, text: str = CODE) -> None:
    room.write(text)
    await room.inspected()


async def offered(room: Room, key: str = "f8") -> list[str]:
    await room.press(key)
    await room.until(lambda: isinstance(room.app.screen, Menu), "the list")
    options = room.app.screen.query_one(OptionList).options
    return [str(option.prompt).strip() for option in options if not option.disabled]


def told(room: Room, words: str) -> bool:
    return any(words in note.message for note in room.app._notifications)


def marked(room: Room) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    return [(mark.start, mark.end) for mark in room.editor.marks.findings]


async def test_marks_stay_and_move_while_a_line_is_half_typed(app: MockExamApp, running: Attempt, desk: Desk) -> None:
    async with sitting(app, running) as room:
        await ready(room)
        assert marked(room) == [((2, 16), (2, 29)), ((4, 6), (4, 19)), ((5, 19), (5, 21))]
        asked = len(desk.asked)
        desk.free.clear()
        room.editor.move_cursor((1, 0))
        await room.type("한 = 1\n글.")
        assert marked(room) == [((3, 16), (3, 29)), ((5, 6), (5, 19)), ((6, 19), (6, 21))]
        await room.until(lambda: len(desk.asked) > asked, "the next question")
        assert marked(room)[0] == ((3, 16), (3, 29))
        desk.free.set()
        await room.inspected()
        assert marked(room)[0] == ((3, 16), (3, 29))


async def test_an_answer_about_an_older_text_is_dropped(app: MockExamApp, running: Attempt, desk: Desk) -> None:
    async with sitting(app, running) as room:
        await ready(room, "x = 1\n")
        desk.free.clear()
        room.write("model.fit_generator(x)\n")
        await room.until(lambda: ["model.fit_generator(x)", ""] in desk.asked, "the question")
        room.write("model.fit(x)\n")
        desk.free.set()
        await room.inspected()
        assert desk.asked[-1] == ["model.fit(x)", ""]
        assert marked(room) == []


async def test_a_fix_is_one_step_of_undo_and_saved(app: MockExamApp, running: Attempt, desk: Desk) -> None:
    async with sitting(app, running) as room:
        await ready(room)
        room.editor.move_cursor((5, 20))
        assert (await offered(room, "alt+enter"))[0] == "Write learning_rate"
        await room.press("enter")
        assert room.editor.document[6] == "model.compile(Adam(learning_rate=0.1))"
        assert room.editor.document[0] == "# learns"
        assert room.editor.cursor_location[0] == 6
        await room.inspected()
        assert marked(room) == [((3, 16), (3, 29)), ((5, 6), (5, 19))]
        await room.until(lambda: "learning_rate" in room.starter().read_text(), "the file")
        await room.press("ctrl+z")
        assert room.editor.text == CODE


async def test_all_of_a_kind_are_mended_in_one_step(app: MockExamApp, running: Attempt, desk: Desk) -> None:
    async with sitting(app, running) as room:
        await ready(room)
        room.editor.move_cursor((4, 8))
        found = await offered(room)
        assert found[0] == "Write fit"
        every = next(number for number, words in enumerate(found) if "all 2 places" in words)
        await room.press(*["down"] * every, "enter")
        assert room.editor.text == CODE.replace("fit_generator", "fit")
        assert room.editor.cursor_location[0] == 4
        await room.press("ctrl+z")
        assert room.editor.text == CODE


async def test_ignoring_is_a_comment_and_a_step_of_undo(app: MockExamApp, running: Attempt, desk: Desk) -> None:
    async with sitting(app, running) as room:
        await ready(room)
        room.editor.move_cursor((4, 8))
        found = await offered(room)
        await room.press(*["down"] * found.index("Ignore here, by a comment"), "enter")
        assert room.editor.document[4] == "model.fit_generator(y)  # mockexam: ignore[fit-generator]"
        assert room.editor.cursor_location == (4, 8)
        await room.press("ctrl+z")
        assert room.editor.text == CODE


async def test_on_a_line_with_something_marked_it_is_offered_and_elsewhere_it_is_said_that_nothing_is(
    app: MockExamApp, running: Attempt, desk: Desk
) -> None:
    async with sitting(app, running) as room:
        await ready(room)
        room.editor.move_cursor((2, 0))
        assert (await offered(room))[0] == "Write fit"
        await room.press("escape")
        assert not isinstance(app.screen, Menu)
        room.editor.move_cursor((3, 0))
        await room.press("f8")
        await room.until(lambda: told(room, "Nothing is marked on this line."), "the note")
        assert room.editor.text == CODE


async def test_a_choice_by_mouse_and_what_it_explains(app: MockExamApp, running: Attempt, desk: Desk) -> None:
    async with sitting(app, running) as room:
        await ready(room)
        await room.click(room.editor, offset=(room.editor.gutter_width - 2, 4))
        await room.until(lambda: isinstance(app.screen, Menu), "the list")
        options = app.screen.query_one(OptionList)
        words = [str(option.prompt) for option in options.options]
        await room.click(options, offset=(6, words.index("Explain") + 1))
        await room.until(lambda: isinstance(app.screen, CourseCodeScreen), "the explanation")
        await room.press("escape")
        await room.until(lambda: app.screen is room.screen, "the code")
        assert room.editor.text == CODE


async def test_the_list_leaves_the_line_of_the_cursor_to_be_read(
    app: MockExamApp, running: Attempt, desk: Desk
) -> None:
    async with sitting(app, running, NARROW) as room:
        await ready(room, "model.fit_generator(x)\n" * 40)
        for row in (2, 39):
            room.editor.go_to(row, 6)
            await room.pilot.pause()
            line = room.editor.cursor_screen_offset.y
            await offered(room)
            region = app.screen.query_one(OptionList).region
            assert not region.y <= line < region.bottom
            assert region.bottom <= 24
            await room.press("escape")


async def test_the_line_that_installs_a_package_is_copied(
    app: MockExamApp, running: Attempt, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = "/한글/bin/python -m pip install opencv-python"
    lacking = Finding(
        pattern="missing-package",
        row=0,
        column=7,
        end_row=0,
        end_column=10,
        message=sentence("cv2 is not installed."),
        detail=sentence("Install it: {line}", line=line),
    )

    async def findings(lines: Sequence[str]) -> list[Finding]:
        return [lacking]

    async def offers(lines: Sequence[str], rows: Iterable[int]) -> list[Offer]:
        return [Offer(lacking, None, ())]

    monkeypatch.setattr(desk, "findings", findings)
    monkeypatch.setattr(desk, "offers", offers)
    async with sitting(app, running) as room:
        await ready(room, "import cv2\n")
        room.editor.move_cursor((0, 8))
        assert await offered(room) == ["Copy the line that installs it", "Explain"]
        await room.press("down", "enter")
        await room.until(lambda: isinstance(app.screen, Question), "the explanation")
        assert "opencv-python" in room.text
        await room.press("enter")
        await offered(room)
        await room.press("enter")
        await room.until(lambda: told(room, line), "the note")
        assert app.clipboard == line
        assert room.editor.text == "import cv2\n"


async def test_what_was_put_right_elsewhere_is_not_offered_any_more(
    app: MockExamApp, running: Attempt, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with sitting(app, running) as room:
        await ready(room, "model.fit_generator(x)\n")
        room.editor.move_cursor((0, 8))

        async def nothing(lines: Sequence[str], rows: Iterable[int] = ()) -> list[Finding]:
            return []

        monkeypatch.setattr(desk, "findings", nothing)
        monkeypatch.setattr(desk, "offers", nothing)
        await room.press("f8")
        await room.until(lambda: told(room, "isn't wrong any more"), "the note")
        await room.until(lambda: not room.editor.marks, "no marks")


async def test_nothing_is_offered_for_a_text_that_changes_under_the_question(
    app: MockExamApp, running: Attempt, desk: Desk
) -> None:
    async with sitting(app, running) as room:
        await ready(room)
        desk.free.clear()
        room.editor.move_cursor((4, 8))
        room.editor.insert(" ", (0, 0), maintain_selection_offset=False)
        await room.press("f8")
        await room.type("x")
        desk.free.set()
        await room.until(lambda: told(room, "has changed while it was inspected"), "the note")
        assert not isinstance(app.screen, Menu)


async def test_a_fix_waits_for_no_other_text(app: MockExamApp, running: Attempt, desk: Desk) -> None:
    async with sitting(app, running) as room:
        await ready(room)
        room.editor.move_cursor((4, 8))
        await offered(room)
        # Another program wrote the file while the list was open.
        room.editor.reload(CODE.replace("(y)", "(y, z)"))
        await room.press("enter")
        await room.until(lambda: told(room, "it is inspected again"), "the note")
        assert room.editor.text == CODE.replace("(y)", "(y, z)")
        await room.inspected()
        assert (await offered(room))[0] == "Write fit"
        await room.press("enter")
        assert room.editor.document[4] == "model.fit(y, z)"


@pytest.mark.parametrize("size", [NARROW, (120, 36)], ids=str)
async def test_keys_go_from_mark_to_mark_and_the_message_is_told(
    app: MockExamApp, running: Attempt, desk: Desk, size: tuple[int, int]
) -> None:
    async with sitting(app, running, size) as room:
        await ready(room)
        for key, place in (("f2", (2, 16)), ("f2", (4, 6)), ("shift+f2", (2, 16)), ("shift+f2", (5, 19))):
            await room.press(key)
            assert room.editor.cursor_location == place
        await room.until(lambda: "Optimizers have no lr any more." in room.text, "the message")
        await room.press("home", "up", "up")
        await room.until(lambda: "Optimizers have no lr any more." not in room.text, "gone")


@pytest.mark.parametrize("size", [NARROW, (120, 36)], ids=str)
async def test_the_problems_window_lists_all_open_files_and_leads_there(
    app: MockExamApp, running: Attempt, desk: Desk, size: tuple[int, int]
) -> None:
    async with sitting(app, running, size) as room:
        await ready(room)
        await room.open(room.starter(2))
        await ready(room, "x = = 1\n")
        await room.until(lambda: room.editor.marks.faults, "the syntax error")
        await room.press("alt+7")
        await room.until(lambda: "1 syntax error, 3 warnings" in room.text, "the count")
        assert "1 starter.py:3" in room.text
        assert "2 starter.py:1" in room.text
        await room.press("down", "enter")
        await room.until(lambda: room.screen.files.active == room.starter(1), "the other file")
        await room.until(lambda: room.editor.has_focus and room.editor.cursor_location == (4, 6), "its place")


async def test_the_count_in_the_corner_opens_the_window(app: MockExamApp, running: Attempt, desk: Desk) -> None:
    async with sitting(app, running) as room:
        await ready(room)
        room.editor.move_cursor((3, 0))
        await room.until(lambda: "▲ 3" in room.text, "the count")
        await room.click(room.editor, offset=(room.editor.size.width - 2, 0))
        await room.until(lambda: room.screen.windows.is_open("inspections"), "the window")
        await ready(room, "x = 1\n")
        await room.until(lambda: "✓ " in room.text.split("\n")[3], "the good sign")
        await room.until(lambda: "Nothing is wrong in the open files." in room.text, "an empty list")


async def test_advice_applies_a_fix_only_where_it_is_found_now(app: MockExamApp, running: Attempt, desk: Desk) -> None:
    async with sitting(app, running) as room:
        remedies = room.screen.parts.remedies
        other = room.starter(2)
        other.write_text("model.fit_generator(x)\n" * 3)
        assert await remedies.apply_fix(other, "fit-generator", 2)
        await room.until(lambda: room.screen.files.active == other, "the file")
        assert room.editor.document.lines[:3] == ["model.fit_generator(x)", "model.fit_generator(x)", "model.fit(x)"]
        assert not await remedies.apply_fix(other, "lr", 0)
        assert not await remedies.apply_fix(running.project / "Category1" / "PROBLEM.md", "lr", 0)


async def test_words_for_people_who_have_the_screen_read(app: MockExamApp, running: Attempt, desk: Desk) -> None:
    app.settings.set("screen_reader", True)
    app.speak()
    try:
        async with sitting(app, running) as room:
            await ready(room)
            await room.until(lambda: "3 warnings" in room.text, "words")
            assert "▲" not in room.text
    finally:
        formatting.speak(False)
