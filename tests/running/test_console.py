from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockexam.running.console import MAX_LENGTH, Console
from mockexam.running.style import PLAIN, Style, restyled
from tests.running.streams import Reference

RECORDED = Path(__file__).with_name("recorded")
RED = Style(fg=1)


def console(*pieces: str, rows: int = 24, max_lines: int = 10_000) -> Console:
    result = Console(rows=rows, max_lines=max_lines)
    for piece in pieces:
        result.feed(piece)
    return result


def test_a_bar_is_redrawn_in_its_line() -> None:
    assert console("Epoch 1\n", "1/3 ==", "\b" * 6 + "\r", "2/3 ====", "\r3/3 ======\n", "done").lines == [
        "Epoch 1",
        "3/3 ======",
        "done",
    ]


def test_a_shorter_text_leaves_the_rest_of_the_longer() -> None:
    assert console("abcdef\rXY").lines == ["XYcdef"]
    assert console("abcdef\rXY\x1b[K").lines == ["XY"]


def test_styles_are_marked_where_they_change() -> None:
    line = console("a\x1b[31mbc\x1b[1md\x1b[0me").line(0)
    assert line.text == "abcde"
    assert line.marks == ((0, PLAIN), (1, RED), (3, Style(fg=1, bold=True)), (4, PLAIN))


def test_a_plain_line_has_one_mark() -> None:
    assert console("plain").line(0).marks == ((0, PLAIN),)
    assert console("\x1b[31mred\x1b[0m\rxxx").line(0).marks == ((0, PLAIN),)


def test_overwriting_inside_a_styled_line_keeps_the_styles_around() -> None:
    line = console("\x1b[31mabcdef\x1b[0m\x1b[3Gxy").line(0)
    assert line == ("abxyef", ((0, RED), (2, PLAIN), (4, RED)))


def test_sequences_may_be_cut_anywhere() -> None:
    stream = "a\x1b[1;32mgreen\x1b[0m\x1b]0;a title\x1b\\b\x1b]8;;http://x\x07c\x1b(B\x1b[2K\rend"
    whole = console(stream)
    for cut in range(1, len(stream)):
        parts = console(stream[:cut], stream[cut:])
        assert parts.lines == whole.lines == ["end"], cut
        one_by_one = console(*stream)
        assert one_by_one.line(0) == whole.line(0)


@settings(deadline=None)
@given(
    st.text(
        alphabet="\x1b\x1b\x1b[[]]P\\01279;:?mKJHABCDGf78(\r\n\b\t\x07\x9b漢é\u0301\u200dab \U00100000", max_size=60
    ),
    st.lists(st.integers(0, 60), max_size=6),
)
def test_any_output_reads_the_same_however_it_is_cut(stream: str, cuts: list[int]) -> None:
    whole = console(stream, rows=4, max_lines=6)
    edges = [0, *sorted(cuts), len(stream)]
    parts = console(*(stream[a:b] for a, b in pairwise(edges)), rows=4, max_lines=6)
    assert [parts.line(row) for row in range(len(parts))] == [whole.line(row) for row in range(len(whole))]
    assert (parts.row, parts.column, parts.dropped) == (whole.row, whole.column, whole.dropped)
    assert 0 <= parts.row < len(parts)


def test_a_title_without_end_takes_no_memory_and_its_end_is_found() -> None:
    endless = console("before\x1b]0;", *["x" * 1000] * 100)
    assert endless.lines == ["before"]
    assert len(endless._tail) < 10
    endless.feed("\x1b\\after")
    assert endless.lines == ["beforeafter"]


def test_a_broken_sequence_does_not_swallow_the_output() -> None:
    assert "x" in console("\x1b[" + "1;" * 1000, "mx").lines[0]


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        ("漢字\rx", "x 字"),  # half a character overwritten leaves a blank
        ("漢字\x1b[2Gx", " x字"),
        ("漢字\x1b[3Gあ", "漢あ"),
        ("a漢b\x1b[4Gc", "a漢c"),
        ("漢字\x1b[4G\x1b[K", "漢 "),
        ("e\u0301\u0302!", "e\u0301\u0302!".replace("e\u0301", "é")),
        ("\u1112\u1161\u11ab", "한"),
        ("q\u0323\u0307.\rq", "q."),
        ("👩\u200d💻 ok", "👩\u200d💻 ok"),
        ("\U00100001", "\ufffd"),
    ],
)
def test_wide_and_joined_characters(stream: str, expected: str) -> None:
    assert console(stream).lines == [expected]
    assert console(*stream).lines == [expected]


def test_marks_count_characters_not_columns() -> None:
    line = console("漢字\x1b[31mq\u0323\u0307r").line(0)
    assert line == ("漢字q\u0323\u0307r", ((0, PLAIN), (2, RED)))


def test_tabs_move_and_do_not_write() -> None:
    assert console("a\tb\n12345678\tc").lines == ["a       b", "12345678        c"]
    assert console("abcdefghij\r\tX").lines == ["abcdefghXj"]


def test_bars_one_above_the_other() -> None:
    assert console("one\ntwo\n", "\x1b[2A\x1b[2Kone done\n\x1b[2Ktwo done\n", "end").lines == [
        "one done",
        "two done",
        "end",
    ]


def test_old_lines_are_forgotten_and_counted() -> None:
    many = console(*(f"{i}\n" for i in range(1000)), max_lines=100)
    assert len(many) <= 100
    assert many.lines[-2] == "999"
    assert many.dropped + many.row == 1000
    at_once = console("".join(f"{i}\n" for i in range(1000)), max_lines=100)
    assert at_once.lines[-80:] == many.lines[-80:]
    assert at_once.dropped + at_once.row == 1000


def test_finished_lines_are_taken_once() -> None:
    log = console("a\nb\nc")
    assert log.take_finished() == ["a", "b"]
    assert log.take_finished() == []
    log.feed("!\n\x1b[2A\x1b[2Kchanged\n\n")
    assert log.take_finished() == ["c!"]


def test_finished_lines_survive_forgetting() -> None:
    log = console(max_lines=100)
    seen = []
    for i in range(500):
        log.feed(f"{i}\n")
        seen += log.take_finished()
    assert seen == [str(i) for i in range(500)]


def test_dirty_says_from_where_to_draw() -> None:
    log = console("a\nb\nc")
    log.clean()
    assert log.dirty is None
    log.feed("\x1b[1A!")
    assert log.dirty == 1
    log.clean()
    log.feed("\x1b[31m\r")
    assert log.dirty is None


def test_an_endless_line_is_broken() -> None:
    endless = console(*["x" * 5000] * 10)
    assert max(map(len, endless.lines)) <= MAX_LENGTH
    assert "".join(endless.lines) == "x" * 50_000


def test_huge_moves_cost_nothing() -> None:
    far = console("\x1b[999999999Cx\x1b[999999999B\x1b[999999999;999999999Hy\x1b[999999999Az", rows=10)
    assert len(far) == 10
    assert max(map(len, far.lines)) <= MAX_LENGTH


def test_a_cleared_screen_keeps_the_history_above() -> None:
    log = console(*(f"{i}\n" for i in range(20)), "\x1b[H\x1b[2Jfresh", rows=5)
    assert log.lines[:16] == [str(i) for i in range(16)]
    assert [line for line in log.lines[16:] if line] == ["fresh"]


def test_clearing_the_history_too() -> None:
    log = console(*(f"{i}\n" for i in range(20)), "\x1b[H\x1b[2J\x1b[3Jfresh", rows=5)
    assert [line for line in log.lines if line] == ["fresh"]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ("", PLAIN),
        ("1;31", Style(fg=1, bold=True)),
        ("38;5;208", Style(fg=208)),
        ("38:5:208", Style(fg=208)),
        ("48;2;1;2;3", Style(bg=(1, 2, 3))),
        ("48:2::1:2:3", Style(bg=(1, 2, 3))),
        ("38;2;1;2;3;4", Style(fg=(1, 2, 3), underline=True)),
        ("4:3", Style(underline=True)),
        ("4;4:0", PLAIN),
        ("38;5", PLAIN),
        ("38;5;999", PLAIN),
        ("38;2;1;2", PLAIN),
        ("38", PLAIN),
        ("95;103", Style(fg=13, bg=11)),
        ("777;58", PLAIN),
    ],
)
def test_colours_in_every_notation(parameters: str, expected: Style) -> None:
    assert restyled(PLAIN, parameters) == expected


@pytest.mark.parametrize("name", ["keras3", "keras2"])
def test_recorded_keras_output_reads_as_on_a_terminal(name: str) -> None:
    stream = (RECORDED / f"{name}.raw").read_bytes().decode()
    reference = Reference()
    reference.feed(stream)
    expected = ["".join(char for char, _ in line) for line in reference.lines()]
    found = [line.rstrip() for line in console(stream).lines]
    assert found[: len(expected)] == expected
    assert not any(found[len(expected) :])


def test_keras_bar_has_its_colours() -> None:
    log = console((RECORDED / "keras3.raw").read_bytes().decode())
    row = next(row for row, text in enumerate(log.lines) if text.startswith("16/16 ━"))
    text, marks = log.line(row)
    assert [(text[at], style) for at, style in marks[:4]] == [
        ("1", Style(bold=True)),
        (" ", PLAIN),
        ("━", Style(fg=2)),
        (" ", PLAIN),
    ]


def test_a_flood_is_read_faster_than_it_can_be_shown() -> None:
    flood = "".join(f"step {i} of something plain\n" for i in range(100_000))
    log = Console()
    began = time.perf_counter()
    for at in range(0, len(flood), 32 << 10):
        log.feed(flood[at : at + (32 << 10)])
    assert len(flood) / (time.perf_counter() - began) > 2_000_000  # characters a second; a run delivers 1 million
    assert log.lines[-2] == "step 99999 of something plain"
