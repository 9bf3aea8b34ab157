"""What came from a candidate's process or disk, made fit to be shown."""

from __future__ import annotations

from graders.texts import shown_name


def test_a_files_name_stays_on_its_line() -> None:
    assert shown_name(b"/models/my\nPASSED\x1b[2J\xff.h5/").splitlines() == [
        "my\N{REPLACEMENT CHARACTER}PASSED\N{REPLACEMENT CHARACTER}.h5"
    ]
