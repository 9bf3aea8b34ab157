"""Lines of keys in TOML files."""

from __future__ import annotations

import pytest

from mockexam.packs.format.positions import Place, key_lines, line_of

TEXT = '''\
a = 1
list = [   # [not.a.table]
  "x = 1",
  { b = 2 },
]
text = """
c = 3
[no]
""" # "
"quoted key" = "[["
d.e = 4

[table]
  inner = 5
[ table . deep ]
inner = 'x = "'
[[rows]]
n = 1
[[rows]]
n = 2
'''


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("a",), 1),
        (("list",), 2),
        (("text",), 6),
        (("quoted key",), 10),
        (("d", "e"), 11),
        (("table",), 13),
        (("table", "inner"), 14),
        (("table", "deep", "inner"), 16),
        (("rows", 0, "n"), 18),
        (("rows", 1), 19),
        (("rows", 1, "n"), 20),
        (("list", 1, "b"), 2),
        (("rows", 1, "missing"), 19),
        (("c",), None),
        (("b",), None),
        (("no",), None),
    ],
)
def test_line_of_a_place(place: Place, line: int | None) -> None:
    assert line_of(key_lines(TEXT), place) == line
