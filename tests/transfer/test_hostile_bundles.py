"""Files that are no exported attempt, or that someone has made to do harm: a sentence, and nothing changed."""

from __future__ import annotations

import json
import random
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mockexam.commands.results.verification import verify
from mockexam.errors import RefusalError
from mockexam.transfer import bundle, signing
from mockexam.transfer.exporting import export
from mockexam.transfer.importing import bring
from mockexam.workspace import layout
from tests.sitting.fakes import FakeService, scored
from tests.transfer.conftest import Machine

Make = Callable[..., Machine]


@pytest.fixture
def whole(machine: Make, tmp_path: Path) -> Path:
    here = machine("here")
    attempt = here.begin()
    here.submit(attempt, 1, 5)
    return export(here.exams, attempt.id, tmp_path / "whole.zip").file


@pytest.fixture
def there(machine: Make) -> Machine:
    return machine("there", boot="other-1")


def refused(there: Machine, file: Path) -> RefusalError:
    """Import it: it must be refused and leave no trace."""
    outside = set(there.folder.parent.iterdir())
    with pytest.raises(RefusalError) as error:
        bring(there.exams, file, there.folder / "exam")
    assert there.exams.attempts() == ()
    assert not (there.folder / "exam").exists()
    assert not list(there.exams.home.snapshots.glob("incoming/*"))
    assert set(there.folder.parent.iterdir()) == outside
    assert error.value.advice
    return error.value


def members(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewritten(file: Path, change: Callable[[dict[str, Any], dict[str, bytes]], None], key: Path) -> Path:
    """The bundle with its list and files changed, signed anew by somebody else, as an attacker can."""
    files = members(file)
    content = json.loads(files.pop(bundle.LABEL))["content"]
    change(content, files)
    signed = signing.signed(bundle.PURPOSE, content, key)
    return written(file.with_name("changed.zip"), {**files, bundle.LABEL: signed})


def written(file: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", b"PK\x05\x06" + b"\0" * 18, b"PK\x03\x04" + b"\xff" * 200],
    ids=["none", "text", "zip", "torn"],
)
def test_what_is_no_parcel(there: Machine, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file.zip").write_bytes(content)
    assert "export-attempt" in str(refused(there, tmp_path / "file.zip").expected)


def newer(content: dict[str, Any], files: dict[str, bytes]) -> None:
    """A file of a mockexam to come, in which tasks have more keys."""
    content["made_by"] = "7.1.0"
    for row in content["kept"]["problems"]:
        row["task"] = {"contract": {"input_shape": [1], "output_shape": [1], "most_rooms": 3}, "hidden": ""}


def test_what_a_newer_version_wrote_is_told_as_that(there: Machine, whole: Path) -> None:
    error = refused(there, rewritten(whole, newer, whole.with_name("key")))
    assert "written by mockexam 7.1.0" in str(error.found)
    assert "most_rooms" in str(error.found)
    assert "Update mockexam" in str(error.advice)


def test_what_is_no_file(there: Machine, tmp_path: Path) -> None:
    assert refused(there, tmp_path / "none.zip").kind == "nothing"
    assert refused(there, tmp_path).kind == "nothing"


def test_any_damage_is_noticed(machine: Make, whole: Path) -> None:
    content, rng, noticed = whole.read_bytes(), random.Random(6), 0
    there = machine("there", boot="other-1")
    for place in rng.sample(range(len(content)), 60):
        damaged = bytearray(content)
        damaged[place] ^= rng.randint(1, 255)
        whole.with_name("damaged.zip").write_bytes(damaged)
        try:
            bring(there.exams, whole.with_name("damaged.zip"), there.folder / "exam")
        except RefusalError:
            assert there.exams.attempts() == ()
            noticed += 1
        else:  # bytes that mean nothing, such as a time stamp; then all of it must be there
            (attempt,) = there.exams.attempts()
            assert (attempt.project / "notes.txt").read_text() == "learning rate 0.01"
            assert all(there.exams.is_whole(one) for one in there.exams.submissions(attempt.id))
            there = machine(f"there-{place}", boot="other-1")  # which has no attempt yet
    assert noticed > 40


def test_a_change_without_a_new_signature_is_noticed(there: Machine, whole: Path) -> None:
    files = members(whole)
    files[bundle.LABEL] = files[bundle.LABEL].replace(b'"passed":true', b'"passed":false')
    assert "changed since" in str(refused(there, written(whole.with_name("changed.zip"), files)).found)
    files = members(whole) | {"project/notes.txt": b"learning rate 0.02"}
    assert "not what the list says" in str(refused(there, written(whole.with_name("changed.zip"), files)).found)


@pytest.mark.parametrize(
    "name",
    [
        "project/../../outside",
        "/etc/outside",
        "project//x",
        "project/./x",
        "../outside",
        "project/a\x1b[2J",
        "..",
        "project/x/",
    ],
    ids=repr,
)
def test_names_that_lead_elsewhere(there: Machine, whole: Path, name: str) -> None:
    def change(content: dict[str, Any], files: dict[str, bytes]) -> None:
        files[name] = b"x"
        content["members"][name] = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"

    error = refused(there, rewritten(whole, change, there.folder / "key"))
    assert "leads elsewhere" in str(error.found)
    assert "\x1b" not in str(error)


def test_a_link_is_not_made(there: Machine, whole: Path) -> None:
    files = members(whole)
    with zipfile.ZipFile(whole.with_name("changed.zip"), "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
        info = zipfile.ZipInfo("project/link")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    assert "a link" in str(refused(there, whole.with_name("changed.zip")).found)


def test_a_file_that_is_also_a_folder(there: Machine, whole: Path) -> None:
    def change(content: dict[str, Any], files: dict[str, bytes]) -> None:
        for name in ("project/a", "project/a/b"):
            files[name] = b"x"
            content["members"][name] = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"

    refused(there, rewritten(whole, change, there.folder / "key"))


def test_bombs(there: Machine, whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def change(content: dict[str, Any], files: dict[str, bytes]) -> None:
        files["project/bomb"] = bytes(3 << 20)

    bomb = rewritten(whole, change, there.folder / "key")
    monkeypatch.setattr(bundle, "MOST_BYTES", 1 << 20)
    monkeypatch.setattr(bundle, "MOST_LABEL", 1 << 20)
    assert "more in" in str(refused(there, bomb).found)
    monkeypatch.setattr(bundle, "MOST_BYTES", 1 << 30)
    monkeypatch.setattr(bundle, "MOST_FILES", 5)
    assert "more in" in str(refused(there, bomb).found)
    monkeypatch.setattr(bundle, "MOST_FILES", 1000)
    # A size in the directory that is a lie: what comes out is counted.
    data = bomb.read_bytes()
    lie = data.replace((3 << 20).to_bytes(4, "little"), (1 << 10).to_bytes(4, "little"))
    bomb.write_bytes(lie)
    refused(there, bomb)


def set_in(*path: str) -> Callable[[dict[str, Any], Any], None]:
    def change(content: dict[str, Any], value: Any) -> None:
        for step in path[:-1]:
            content = content[int(step) if isinstance(content, list) else step]
        content[int(path[-1]) if isinstance(content, list) else path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("kept", "attempt", "id"), "../../../x"),
        (("kept", "attempt", "id"), "20260328-zzzzzz"),
        (("kept", "attempt", "deadline"), "2027-01-01T00:00:00Z"),
        (("kept", "attempt", "deadline"), "2026-03-28T17:00:00"),
        (("kept", "attempt", "started_at"), None),
        (("kept", "attempt", "state"), "running"),
        (("kept", "attempt", "state"), "ended"),
        (("kept", "attempt", "seed"), 1 << 80),
        (("kept", "attempt", "candidate"), "Ada \x1b[31m"),
        (("kept", "attempt", "candidate"), ""),
        (("kept", "attempt", "rules", "pass_mark"), 1.0),
        (("kept", "attempt", "rules", "weights"), {"1": 100.0}),
        (("kept", "attempt", "rules", "minutes"), 600),
        (("kept", "attempt", "rules", "max_submissions"), {"1": 0}),
        (("kept", "attempt", "rules", "cooldown"), {"1": 10**18}),
        (("kept", "attempt", "problems"), {"1": "problem-2"}),
        (("kept", "attempt", "problems", "1"), "../../x"),
        (("kept", "attempt", "titles", "1"), "Easy"),
        (("kept", "attempt", "moves"), []),
        (("kept", "attempt", "pack_id"), "../small"),
        (("kept", "attempt", "pack_digest"), "00"),
        (("exported_at",), "2026-03-01T00:00:00Z"),
        (("format",), 2),
        (("format",), "one"),
        (("submissions", "0", "sha256"), "../../../etc/passwd"),
        (("submissions", "0", "id"), "other"),
        (("submissions", "0", "category"), 9),
        (("submissions", "0", "number"), -1),
        (("submissions", "0", "state"), "grading"),
        (("submissions", "0", "pressed_at"), "2026-03-28T18:00:00Z"),
        (("submissions", "0", "verdict"), None),
        (("submissions",), 5),
        (("submissions", "0", "graded_at"), "0001-01-01T00:00:00+14:00"),
        (("submissions", "0", "source"), "a\0b"),
        (("kept", "attempt", "seen_at"), "9999-12-31T23:59:59-12:00"),
        (("kept", "attempt", "rules", "minutes"), 10**15),
        (("kept", "attempt", "project"), 5),
        (("members",), []),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_cannot_be_true(there: Machine, whole: Path, place: tuple[str, ...], value: Any) -> None:
    change = set_in(*place)
    changed = rewritten(whole, lambda content, files: change(content, value), there.folder / "key")
    refused(there, changed)
    with pytest.raises(RefusalError):
        verify(changed, None, None, as_json=False)


def test_the_hidden_set_is_never_taken_from_the_file(there: Machine, whole: Path, tmp_path: Path) -> None:
    def change(content: dict[str, Any], files: dict[str, bytes]) -> None:
        for row in content["kept"]["problems"]:
            row["task"]["hidden"] = str(tmp_path / "mine.npz")
            row["grading_key"] = "easy"

    attempt = bring(there.exams, rewritten(whole, change, there.folder / "key"), there.folder / "exam")
    (attempt.project / "Category1" / "mymodel.h5").write_bytes(b"another model")
    service = FakeService([scored(5)])
    there.exams.grade(there.exams.submit(attempt.id, 1).id, service).result(5)
    (asked,) = service.asked
    assert Path(asked.task.hidden).is_relative_to(there.exams.home.packs)
    assert asked.key == "7:00000000-0000-4000-8000-000000000001"


def test_text_that_was_not_saved_elsewhere_is_not_believed_here(machine: Make, there: Machine) -> None:
    here = machine("leaving")
    attempt = here.begin()
    kept = layout.unsaved(attempt.project) / "0123456789abcdef.json"
    kept.parent.mkdir(parents=True)
    kept.write_text('{"path": "/home/ada/.profile", "text": "anything", "base": null}')
    file = export(here.exams, attempt.id, here.folder / "leaving.zip").file
    assert any(name.endswith(kept.name) for name in members(file))

    arrived = bring(there.exams, file, there.folder / "exam")

    assert (arrived.project / "notes.txt").exists()
    assert not layout.unsaved(arrived.project).exists()


def test_a_model_that_is_another_than_its_hash_says_is_refused(there: Machine, whole: Path) -> None:
    def change(content: dict[str, Any], files: dict[str, bytes]) -> None:
        (name,) = (name for name in files if name.startswith("snapshots/"))
        files[name] = b"x"
        content["members"][name] = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"

    assert "another one" in str(refused(there, rewritten(whole, change, there.folder / "key")).found)
