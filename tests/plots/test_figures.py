"""The folder of a run's figures, as ours and as somebody else may have made it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mockexam.plots.description import Description, told
from mockexam.plots.figures import (
    MOST_BYTES,
    MOST_SHOWN,
    MOST_WORDS,
    description_of,
    figures,
    folder_of,
    left_out,
    make_room,
)
from tests.plots.pictures import halved, name, put, stated


def test_the_newest_comes_first(tmp_path: Path) -> None:
    paths = [put(tmp_path, number) for number in (1, 3, 2)]
    found = figures(tmp_path)
    assert [figure.path for figure in found] == [paths[1], paths[2], paths[0]]
    assert found[0].size == (40, 30)
    assert figures(tmp_path / "none") == []


def test_what_is_no_picture_of_a_sensible_size_is_passed_over(tmp_path: Path) -> None:
    put(tmp_path, 1, b"")
    put(tmp_path, 2, b"GIF89a" + bytes(40))
    put(tmp_path, 3, stated(0, 10))
    put(tmp_path, 4, stated(100_000, 100_000))
    put(tmp_path, 5, halved(40, 30) + bytes(MOST_BYTES))
    put(tmp_path, 6).rename(tmp_path / "picture.png")
    (tmp_path / name(7)).symlink_to(put(tmp_path / "elsewhere", 1))
    os.mkfifo(tmp_path / name(8))
    (tmp_path / name(9)).mkdir()
    put(tmp_path, 10)
    assert [figure.path.name for figure in figures(tmp_path)] == [name(10)]


def test_only_so_many_are_looked_at(tmp_path: Path) -> None:
    for number in range(MOST_SHOWN + 3):
        put(tmp_path, number, stated(5, 5))
    assert len(figures(tmp_path)) == MOST_SHOWN


WORDS = b"""{"title": "Both", "boxes": true, "axes": [
{"title": "Learning\\u001b[2J", "x": "epoch", "y": "", "series": [
{"kind": "line", "name": "loss", "count": 3, "first": 3.0, "last": 2.0, "least": 1.0, "greatest": 3.0},
{"kind": "new", "name": "", "count": 1, "first": null, "last": null, "least": null, "greatest": null}]},
{"title": "", "x": "", "y": "", "series": []}]}"""


def test_a_figure_in_sentences(tmp_path: Path) -> None:
    put(tmp_path, 1, words=WORDS)
    description = description_of(figures(tmp_path)[0])
    assert description.heading() == "Both"
    assert [line.english for line in told(description)][:-1] == [
        "Title: Both",
        "Chart 1 of 2",
        "Title: Learning [2J",
        "Across: epoch",
        "loss, a line: 3 values, first 3, last 2, least 1, greatest 3",
        "something drawn: 1 value",
        "Chart 2 of 2",
    ]
    assert "boxes" in list(told(description))[-1].english


@pytest.mark.parametrize(
    "words",
    [b"", b"[", b'{"axes": 3}', b"[" * 100_000, b'{"title": "' + b"a" * MOST_WORDS + b'"}', b'{"title": "\xff"}'],
)
def test_words_that_cannot_be_read_are_none(tmp_path: Path, words: bytes) -> None:
    put(tmp_path, 1, words=words)
    assert description_of(figures(tmp_path)[0]) == Description()


def test_how_many_gave_way(tmp_path: Path) -> None:
    assert left_out(tmp_path) == 0
    for content, count in ((b"12", 12), (b"no", 0), (b"9" * 30, 0)):
        (tmp_path / "left-out").write_bytes(content)
        assert left_out(tmp_path) == count


def test_the_oldest_runs_give_way(tmp_path: Path) -> None:
    folders = [folder_of(tmp_path / f"Category1-{number:03}.log") for number in range(4)]
    for age, folder in enumerate(folders):
        put(folder, 1, bytes(1000), words=b"")
        os.utime(folder, (age, age))
    (tmp_path / "Category1-000.log").write_text("kept")
    assert make_room(tmp_path, [folders[1]], most=2000) == 2
    assert [folder.exists() for folder in folders] == [False, True, False, True]
    assert make_room(tmp_path, [folders[1]], most=2000) == 0
    assert make_room(tmp_path / "none", []) == 0
    assert (tmp_path / "Category1-000.log").exists()
