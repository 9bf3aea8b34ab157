"""The editor's keys and mouse, and that it draws what a full drawing would."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from rich.style import Style
from textual import events
from textual.app import App, ComposeResult
from textual.document._document import Selection
from textual.events import Paste
from textual.geometry import Region
from textual.pilot import Pilot
from textual.strip import Strip

from graders.sentences import sentence
from mockexam.inspections.findings import Edit, Finding
from mockexam.tui import keymap
from mockexam.tui.code import highlighting, syntax
from mockexam.tui.code.editor import Editor
from mockexam.tui.code.marks import Fault
from mockexam.tui.look import theme
from mockexam.tui.terminal import compat

SOURCE = '''import numpy as np


def solve(values):
    """Say
    something."""
    total = [value for value in values]
    return total


if __name__ == "__main__":
    print(solve([1, 2]))
'''


class OneEditor(App[None]):
    def __init__(self, text: str, language: str | None = "python") -> None:
        super().__init__()
        self.text, self.language = text, language
        self.messages: list[object] = []
        for name in theme.LOOKS:
            self.register_theme(theme.app_theme(name))
        self.theme = theme.DEFAULT

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theme.variables(theme.DEFAULT)

    def compose(self) -> ComposeResult:
        yield Editor(self.text, language=self.language)

    def on_editor_run_pressed(self, event: Editor.RunPressed) -> None:
        self.messages.append(event)

    def on_editor_model_dropped(self, event: Editor.ModelDropped) -> None:
        self.messages.append(event)


@asynccontextmanager
async def editing(
    text: str = SOURCE, language: str | None = "python", size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[Editor, Pilot[None]]]:
    compat.apply()
    app = OneEditor(text, language)
    async with app.run_test(size=size) as pilot:
        editor = app.query_one(Editor)
        editor.cursor_blink = False
        editor.focus()
        await pilot.pause()
        yield editor, pilot


async def test_its_first_picture_is_of_the_place_it_was_sent_to(monkeypatch: pytest.MonkeyPatch) -> None:
    tops: list[int] = []
    render = Editor.render_lines

    def noted(editor: Editor, crop: Region) -> list[Strip]:
        if editor.document.line_count == 500:
            tops.append(editor.scroll_offset.y)
        return render(editor, crop)

    monkeypatch.setattr(Editor, "render_lines", noted)
    async with editing("") as (_, pilot):
        editor = Editor("\n".join(map(str, range(500))), language=None)
        editor.go_to(300, 1)
        await pilot.app.mount(editor, before=0)
        await pilot.pause()
        assert editor.cursor_location == (300, 1)
        assert editor.scroll_offset.y < 300 < editor.scroll_offset.y + editor.size.height
        assert set(tops) == {editor.scroll_offset.y}


async def test_tab_with_a_selection_indents_and_shift_tab_takes_it_back() -> None:
    async with editing("a\nb\nc\n") as (editor, pilot):
        editor.selection = Selection((0, 0), (1, 1))
        await pilot.press("tab")
        assert editor.text == "    a\n    b\nc\n"
        assert editor.selection == Selection((0, 0), (1, 5))
        await pilot.press("shift+tab")
        assert editor.text == "a\nb\nc\n"
        await pilot.press("ctrl+z", "ctrl+z")
        assert editor.text == "a\nb\nc\n"


async def test_keys_that_come_at_once_act_in_their_order() -> None:
    async with editing("if x:\n    y") as (editor, pilot):
        editor.move_cursor((1, 5))
        keys = [
            ("enter", "\r"),
            ("shift+tab", None),
            ("z", "z"),
            ("left", None),
            ("w", "w"),
            ("home", None),
            ("v", "v"),
        ]
        for key, character in keys:
            pilot.app.post_message(events.Key(key, character))
        await pilot.pause()
        assert editor.text == "if x:\n    y\nvwz"


async def test_tab_without_a_selection_goes_to_the_next_stop() -> None:
    async with editing("ab") as (editor, pilot):
        editor.move_cursor((0, 2))
        await pilot.press("tab", "x")
        assert editor.text == "ab  x"


async def test_typing_a_block_indents_and_pairs() -> None:
    async with editing("") as (editor, pilot):
        for key in "def f(x":
            await pilot.press("space" if key == " " else key)
        assert editor.text == "def f(x)"
        await pilot.press(")", ":", "enter", *"return", "space", "[", "1", "enter")
        assert editor.text == "def f(x):\n    return [1\n            ]"


async def test_a_docstring_of_two_lines_closes_over_its_own_quotes() -> None:
    async with editing("") as (editor, pilot):
        await pilot.press(*'"""a', "enter", *'b"""', "enter", "c")
        assert editor.text == '"""a\nb"""\nc'


async def test_undo_of_a_long_paste_brings_the_short_file_back() -> None:
    async with editing("") as (editor, pilot):
        pilot.app.post_message(Paste("x\n" * 300))
        await pilot.pause()
        await pilot.press("ctrl+z", "a")
        assert editor.text == "a"


async def test_control_characters_come_neither_into_the_text_nor_to_the_terminal() -> None:
    async with editing("a\x1b]0;title\x07\x9b") as (editor, pilot):
        assert not set("\x1b\x07\x9b") & set("".join(segment.text for segment in editor.render_line(0)))
        editor.move_cursor((0, 0))
        pilot.app.post_message(Paste("b\0\x1b\udcff\tc"))
        await pilot.pause()
        assert editor.text == "b\tca\x1b]0;title\x07\x9b"


async def test_a_selection_stays_on_its_lines_at_the_end_of_the_file() -> None:
    async with editing("a\nb\nc") as (editor, pilot):
        editor.selection = Selection((0, 0), (2, 0))
        await pilot.press("alt+shift+down", "alt+shift+up")
        assert editor.text == "a\nb\nc"
        assert editor.selected_text == "a\nb"


async def test_nothing_is_coloured_near_an_endless_line() -> None:
    async with editing("x = [" + "(1, 'a'), " * 1_000 + "]\ny = 1\n" + "\n" * 60 + "z = 1\n") as (editor, _):
        document = editor.document
        assert isinstance(document, syntax.PythonLines)
        assert not document.highlights(0, 10)
        assert document.highlights(50, 64)


async def test_a_key_waits_for_no_parser_and_colours_follow_when_keys_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syntax, "KEY_SECONDS", 0.0)
    monkeypatch.setattr(highlighting, "SLICE", 0.0005)
    block = "def name_{n}(value):\n    total = 0\n    return total + len(value)\n\n"
    async with editing("".join(block.format(n=n) for n in range(500))) as (editor, pilot):
        editor.go_to(1001, 0)
        document = editor.document
        assert isinstance(document, syntax.PythonLines)
        await pilot.press("x", "y")
        assert document.behind
        assert editor.scope() == ("name_250()",)
        while document.behind:
            await pilot.pause(0.02)
        fresh = syntax.PythonLines(editor.text)
        assert str(document._syntax_tree.root_node) == str(fresh._syntax_tree.root_node)
        assert document.highlights(980, 1020) == fresh.highlights(980, 1020)
        editor._highlight_rows(995, 1005)
        assert {row: editor._highlights[row] for row in range(995, 1006)} == {
            row: fresh.highlights(980, 1020).get(row, []) for row in range(995, 1006)
        }


async def test_enter_between_brackets_opens_them() -> None:
    async with editing("") as (editor, pilot):
        await pilot.press("f", "(", "enter", "x")
        assert editor.text == "f(\n    x\n)"


async def test_backspace_takes_a_pair_and_an_indent() -> None:
    async with editing("") as (editor, pilot):
        await pilot.press("(", "backspace")
        assert editor.text == ""
        await pilot.press("tab", "tab", "backspace")
        assert editor.text == "    "


async def test_a_bracket_goes_around_a_selection() -> None:
    async with editing("value") as (editor, pilot):
        editor.selection = Selection((0, 0), (0, 5))
        await pilot.press("(")
        assert editor.text == "(value)"
        assert editor.selected_text == "value"


@pytest.mark.parametrize("key", ["ctrl+underscore", "ctrl+slash"])
async def test_comment_and_go_on_to_the_next_line(key: str) -> None:
    async with editing("a\nb") as (editor, pilot):
        await pilot.press(key, key)
        assert editor.text == "# a\n# b"
        editor.selection = Selection((0, 0), (1, 3))
        await pilot.press(key)
        assert editor.text == "a\nb"


async def test_duplicate_delete_and_move_lines() -> None:
    async with editing("a\nb\nc") as (editor, pilot):
        await pilot.press("ctrl+d")
        assert editor.text == "a\na\nb\nc"
        assert editor.cursor_location == (1, 0)
        await pilot.press("ctrl+y")
        assert editor.text == "a\nb\nc"
        await pilot.press("alt+shift+down")
        assert editor.text == "a\nc\nb"
        await pilot.press("alt+shift+up", "alt+shift+up")
        assert editor.text == "b\na\nc"
        await pilot.press("ctrl+z")
        assert editor.text == "a\nb\nc"


async def test_deleting_the_last_line_leaves_no_blank_one() -> None:
    async with editing("a\nb") as (editor, pilot):
        editor.move_cursor((1, 1))
        await pilot.press("ctrl+y")
        assert editor.text == "a"
        await pilot.press("ctrl+y")
        assert editor.text == ""


async def test_redo_and_select_all() -> None:
    async with editing("") as (editor, pilot):
        await pilot.press("a", "ctrl+z")
        assert editor.text == ""
        await pilot.press("alt+shift+z")
        assert editor.text == "a"
        await pilot.press("ctrl+a", "b")
        assert editor.text == "b"


async def test_home_stops_at_the_text_first() -> None:
    async with editing("    x = 1") as (editor, pilot):
        editor.move_cursor((0, 9))
        await pilot.press("home")
        assert editor.cursor_location == (0, 4)
        await pilot.press("home")
        assert editor.cursor_location == (0, 0)


async def test_a_click_on_the_arrow_runs_and_one_on_a_number_selects() -> None:
    async with editing() as (editor, pilot):
        assert editor.run_row == 10
        await pilot.click(Editor, offset=(4, 10))
        assert isinstance(pilot.app.messages[-1], Editor.RunPressed)  # type: ignore[attr-defined]
        await pilot.click(Editor, offset=(1, 3))
        assert editor.selected_text == "def solve(values):\n"


async def test_a_double_click_selects_a_word() -> None:
    async with editing() as (editor, pilot):
        await pilot.click(Editor, offset=(editor.gutter_width + 6, 3), times=2)
        assert editor.selected_text == "solve"


async def test_a_dropped_model_is_no_text_unless_it_comes_between_quotes(tmp_path: Path) -> None:
    model = tmp_path / "my model.h5"
    model.write_bytes(b"model")
    async with editing("") as (editor, pilot):
        pilot.app.post_message(Paste(f"'{model}' "))
        await pilot.pause()
        assert editor.text == ""
        assert pilot.app.messages[-1].path == model  # type: ignore[attr-defined]
        pilot.app.post_message(Paste("x = '"))
        await pilot.pause()
        assert editor.text == "x = '"
        pilot.app.post_message(Paste(str(model)))
        await pilot.pause()
        assert editor.text == f"x = '{model}"


async def test_a_reload_keeps_the_place_and_undo_leads_back() -> None:
    text = "\n".join(f"line {n}" for n in range(100))
    async with editing(text) as (editor, pilot):
        editor.go_to(60, 3)
        await pilot.pause()
        top = editor.scroll_offset.y
        editor.reload("new\n" + text)
        await pilot.pause()
        assert editor.cursor_location == (61, 3)
        assert editor.scroll_offset.y == top
        editor.undo()
        assert editor.text == text


async def test_other_line_ends_and_form_feeds_survive() -> None:
    async with editing("a\r\nb\x0cc\r\n") as (editor, pilot):
        editor.move_cursor((1, 3))
        await pilot.press("enter", "d")
        assert editor.text == "a\r\nb\x0cc\r\nd\r\n"


async def test_faults_are_underlined_and_found_by_key() -> None:
    async with editing("a = 1\nb = = 2\n") as (editor, pilot):
        editor.show_faults([Fault(1, 4, 5, "invalid syntax")])
        await pilot.pause()
        strip = editor.render_line(1)
        assert any(segment.style is not None and segment.style.underline for segment in strip)
        await pilot.press("f2")
        assert editor.cursor_location == (1, 4)


async def test_the_scope_of_the_cursor() -> None:
    async with editing() as (editor, _):
        editor.move_cursor((6, 8))
        assert editor.scope() == ("solve()",)
        editor.move_cursor((0, 0))
        assert editor.scope() == ()


def drawn(editor: Editor) -> list[str]:
    """The rows as the terminal has them: text and styles."""
    strips = editor.render_lines(editor.size.region)
    return [repr([(segment.text, segment.style) for segment in strip]) for strip in strips]


@pytest.mark.parametrize("seed", range(4))
async def test_what_is_drawn_bit_by_bit_is_what_would_be_drawn_at_once(seed: int) -> None:
    draw = random.Random(seed)
    text = "\n".join([SOURCE] * 12)
    keys = [
        "enter", "backspace", "delete", "tab", "shift+tab", "up", "down", "left", "right", "end", "home", "pagedown",
        "pageup", "ctrl+d", "ctrl+y", "ctrl+underscore", "alt+shift+down", "alt+shift+up", "ctrl+z",
        "alt+shift+z", "shift+down", "shift+up", "shift+right", '"', "'", "(", "[", ")", "#", "a", "x", ":", "é", "日",
    ]  # fmt: skip
    async with editing(text, size=(60, 20)) as (editor, pilot):
        editor.go_to(draw.randrange(100), draw.randrange(10))
        for step in range(36):
            await pilot.press(draw.choice(keys))
            if step % 6 == 5:
                await pilot.pause()
                while isinstance(editor.document, syntax.PythonLines) and editor.document.behind:
                    await pilot.pause(0.02)  # colours follow when the keys pause
                shown = drawn(editor)
                editor._strips.clear()
                editor._highlights.clear()
                editor._rows_highlighted = (0, -1)
                editor._styles_cache.clear()
                assert shown == drawn(editor)


def finding(row: int, column: int, end: int) -> Finding:
    return Finding(
        pattern="p",
        row=row,
        column=column,
        end_row=row,
        end_column=end,
        message=sentence("It is gone."),
        detail=sentence("Write the other."),
    )


def underlined(editor: Editor, y: int) -> str:
    strip = editor.render_line(y)
    return "".join(segment.text for segment in strip if segment.style is not None and segment.style.underline)


async def test_findings_are_underlined_by_characters_and_signed_in_the_gutter() -> None:
    async with editing("이름 = 값.lr\nb = = 2\n") as (editor, pilot):
        editor.show_findings([finding(0, 7, 9)])
        editor.show_faults([Fault(1, 4, 5, "invalid syntax")])
        editor.show_checked()
        await pilot.pause()
        assert underlined(editor, 0) == "lr"
        assert underlined(editor, 1) == "="
        found, fault = (editor.render_line(y).text for y in (0, 1))
        assert found[: editor.gutter_width].split() == ["1", "▲"]
        assert fault[: editor.gutter_width].split() == ["2", "✗"]
        assert found.rstrip().endswith("✗ 1 ▲ 1")
        # Told apart without colours as well: an error has two lines.
        double = [
            segment for segment in editor.render_line(1) if segment.style is not None and segment.style.underline2
        ]
        assert [segment.text for segment in double] == ["="]
        assert not any(segment.style is not None and segment.style.underline2 for segment in editor.render_line(0))


async def test_marks_are_drawn_where_they_moved_to() -> None:
    async with editing("x = a.lr\n") as (editor, pilot):
        editor.show_findings([finding(0, 6, 8)])
        editor.move_cursor((0, 0))
        await pilot.press("한", "enter")
        assert [underlined(editor, y) for y in range(2)] == ["", "lr"]
        await pilot.press("ctrl+z", "ctrl+z")
        assert underlined(editor, 0) == "lr"


async def test_edits_in_several_places_are_one_step_and_leave_the_cursor_on_its_text() -> None:
    text = "".join(f"한 = f(lr={row})\n" for row in range(60))
    async with editing(text) as (editor, pilot):
        editor.show_findings([finding(row, 6, 8) for row in range(60)])
        editor.go_to(40, 12)
        await pilot.pause()
        top = editor.scroll_offset.y
        edits = [Edit(row, 6, row, 8, "learning_rate", "lr") for row in (0, 40)]
        assert editor.apply_edits([Edit(0, 0, 0, 0, "import a\n"), *edits])
        assert editor.document[0] == "import a"
        assert editor.document[41] == "한 = f(learning_rate=40)"
        assert editor.cursor_location == (41, 23)
        assert editor.scroll_offset.y in (top, top + 1)
        # Those that were not mended stay marked, where they are now.
        assert (2, 6) in [mark.start for mark in editor.marks]
        assert (41, 6) not in [mark.start for mark in editor.marks]
        await pilot.press("ctrl+z")
        assert editor.text == text


async def test_no_edit_is_made_in_another_text_or_in_one_that_is_only_read() -> None:
    async with editing("a.lr\n") as (editor, _):
        assert not editor.apply_edits([Edit(0, 2, 0, 4, "learning_rate", "fr")])
        editor.read_only = True
        assert not editor.apply_edits([Edit(0, 2, 0, 4, "learning_rate", "lr")])
        assert editor.text == "a.lr\n"


async def test_the_count_gives_way_to_the_text_that_is_typed() -> None:
    async with editing("x" * 74 + "\nshort\n") as (editor, pilot):
        editor.show_checked()
        editor.move_cursor((1, 0))
        await pilot.pause()
        assert editor.render_line(0).text.rstrip().endswith("✓")
        assert editor.in_corner(79, 0)
        editor.move_cursor((0, 74))
        await pilot.pause()
        assert "✓" not in editor.render_line(0).text
        assert not editor.in_corner(79, 0)


async def test_the_selection_grows_with_the_program_and_shrinks_again() -> None:
    async with editing(SOURCE) as (editor, pilot):
        editor.move_cursor((7, 13))
        selected = []
        for _ in range(5):
            await pilot.press("ctrl+w")
            selected.append(editor.selected_text)
        assert selected[:2] == ["total", "return total"]
        body = SOURCE[SOURCE.index('"""Say') : SOURCE.index("return total") + len("return total")]
        assert selected[2:] == [body, SOURCE[SOURCE.index("def solve") : SOURCE.index(body)] + body, SOURCE]
        for expected in reversed(selected[:4]):
            await pilot.press("alt+shift+w")
            assert editor.selected_text == expected
        await pilot.press("alt+shift+w")
        assert editor.selection == Selection.cursor((7, 13))
        assert editor.text == SOURCE


async def test_inside_a_call_each_step_is_a_part_of_it() -> None:
    text = 'value = solve(f(1), "some text", key=2)\n'
    async with editing(text) as (editor, pilot):
        editor.move_cursor((0, text.index("text") + 1))
        selected = []
        for _ in range(6):
            await pilot.press("ctrl+w")
            selected.append(editor.selected_text)
        assert selected == [
            "text",
            "some text",
            '"some text"',
            '(f(1), "some text", key=2)',
            'solve(f(1), "some text", key=2)',
            text.rstrip(),
        ]


async def test_other_text_grows_by_words_and_lines() -> None:
    async with editing("first line\n  second line", language=None) as (editor, pilot):
        editor.move_cursor((1, 4))
        selected = []
        for _ in range(4):
            await pilot.press("ctrl+w")
            selected.append(editor.selected_text)
        assert selected == ["second", "second line", "  second line", "first line\n  second line"]


@pytest.mark.parametrize("key", ["ctrl+w", "ctrl+u", "ctrl+k", "ctrl+shift+k", "ctrl+shift+w"])
async def test_no_key_of_other_editors_deletes(key: str) -> None:
    async with editing(SOURCE) as (editor, pilot):
        editor.move_cursor((7, 8))
        await pilot.press(key)
        assert editor.text == SOURCE


def test_every_key_of_the_editor_is_in_the_table() -> None:
    listed = {key for row in keymap.actions("editor") for key in row.keys + row.pycharm}
    assert set(Editor._merge_bindings().key_to_bindings) == listed | keymap.TEXT_KEYS.keys()


async def test_the_view_goes_sideways_only_for_what_does_not_fit() -> None:
    text = "short = 1\n" * 3 + "long = '" + "x" * 200 + "'\n" + "middling = '" + "y" * 50 + "'\n"
    async with editing(text) as (editor, pilot):
        editor.move_cursor((3, 0))
        await pilot.press("end")
        await pilot.pause()
        assert editor.scroll_offset.x > 100
        await pilot.press("down", "end")
        await pilot.pause()
        assert editor.scroll_offset.x == 0
        await pilot.press("up", "end", "enter")
        await pilot.pause()
        assert editor.scroll_offset.x == 0
        await pilot.press("up", "end", "x")
        await pilot.pause()
        far = editor.scroll_offset.x
        await pilot.press("left", "left")
        await pilot.pause()
        assert editor.scroll_offset.x == far
        editor.go_to(4, 60)
        await pilot.pause()
        assert editor.scroll_offset.x == 0


async def test_places_found_are_marked_in_the_line_of_the_cursor_and_over_the_selection() -> None:
    async with editing("here = here + here\n") as (editor, pilot):
        editor.show_found({0: [(0, 4), (7, 11), (14, 18)]}, (0, 7, 11))
        editor.selection = Selection((0, 7), (0, 11))
        await pilot.pause()
        colours = editor._colours
        assert colours is not None
        left = editor.gutter_width
        styles = [style_at(editor, left + column) for column in (1, 5, 8, 15)]
        assert [style.bgcolor for style in styles] == [
            colours.found.bgcolor,
            styles[1].bgcolor,
            colours.found_here.bgcolor,
            colours.found.bgcolor,
        ]
        assert styles[2].color == colours.found_here.color
        assert len({style.bgcolor for style in styles}) == 3


def style_at(editor: Editor, column: int) -> Style:
    """How a cell of the first row is drawn."""
    strip = editor.render_line(0).crop(column, column + 1)
    style = next(iter(strip)).style
    assert style is not None
    return style
