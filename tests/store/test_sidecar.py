"""The files beside the ledger, whatever has become of them."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from mockexam.store.high_water_marks import HighWaterMarks, Noted
from mockexam.store.records import Submission
from mockexam.store.sidecar import SidecarRecords, decode
from mockexam.workspace import layout
from mockexam.workspace.place import project_owner

DEEP = b'{"x":' * 9999
"""Brackets deeper than any reader goes: none of them calls that a fault of the file."""


def test_brackets_in_brackets_count_as_damage_everywhere(tmp_path: Path) -> None:
    folder = tmp_path / "20260328-abcdef"
    folder.mkdir()
    for name in ("attempt.json", "submission-1-0001.json"):
        (folder / name).write_bytes(DEEP)
    (tmp_path / "marks.json").write_bytes(DEEP)
    marker = layout.marker(tmp_path)
    marker.parent.mkdir()
    marker.write_bytes(DEEP)

    records = SidecarRecords(tmp_path)
    assert list(records.attempts()) == []
    assert list(records.submissions(folder.name)) == []
    assert HighWaterMarks([tmp_path / "marks.json"]).read() == Noted()
    assert project_owner(tmp_path) is None


@pytest.mark.parametrize("path", ['"a\\u0000b"', "5", "null", "[]"])
def test_a_path_is_a_text_that_can_be_one(path: str) -> None:
    content = (
        '{"id":"x","attempt_id":"y","category":1,"number":1,"pressed_at":"2026-03-28T12:00:00Z","source":%s,'
        '"sha256":"00","bytes":4,"state":"recorded"}'
    )
    assert decode((content % '"/a"').encode(), Submission).source == Path("/a")
    with pytest.raises(msgspec.ValidationError):
        decode((content % path).encode(), Submission)
