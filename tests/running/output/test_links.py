from __future__ import annotations

from pathlib import Path

import pytest

from mockexam.running.output.links import find_links

CWD = Path("/exam/Category1")


@pytest.mark.parametrize(
    ("text", "path", "line", "words"),
    [
        ('  File "/a b/starter.py", line 12, in main', "/a b/starter.py", 12, 'File "/a b/starter.py", line 12'),
        ('  File "starter.py", line 3', "/exam/Category1/starter.py", 3, 'File "starter.py", line 3'),
        ("/opt/x.py:74: UserWarning: no", "/opt/x.py", 74, "/opt/x.py:74"),
        ("E   starter.py:5: AssertionError", "/exam/Category1/starter.py", 5, "starter.py:5"),
        ('File "C:\\x\\y.py", line 2', "/exam/Category1/C:\\x\\y.py", 2, 'File "C:\\x\\y.py", line 2'),
    ],
)
def test_a_place_is_found_with_its_words(text: str, path: str, line: int, words: str) -> None:
    (link,) = find_links(text, CWD)
    assert (link.path, link.line) == (Path(path), line)
    assert text[link.start : link.end] == words


@pytest.mark.parametrize(
    "text",
    [
        "",
        'File "<string>", line 1',
        'File "<frozen importlib._bootstrap>", line 1',
        "saved to model.py and done",
        "see http://x.py:80x",
        "x" * 20_000 + "a.py:1",
    ],
)
def test_what_is_no_place(text: str) -> None:
    assert find_links(text, CWD) == ()


def test_two_places_in_a_line() -> None:
    assert [link.line for link in find_links('a.py:1: then File "b.py", line 22', CWD)] == [1, 22]
