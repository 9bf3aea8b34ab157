from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mockexam.workspace import layout
from mockexam.workspace.draft import Draft, discard_draft
from mockexam.workspace.fault import WorkspaceError
from mockexam.workspace.place import DRAFT, check_place, project_owner
from mockexam.workspace.project import reset_starter, write_project
from tests.workspace.attempts import FakeAttempt, problems, tree


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "pack-data"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.csv").write_text("1,2\n", "utf-8")
    (folder / "deep" / "b.bin").write_bytes(b"\0\1")
    return folder


def test_a_project_holds_starters_statements_data_and_a_readme(tmp_path: Path, data: Path) -> None:
    project = tmp_path / "new" / "exam"
    seen: list[float] = []
    write_project(project, FakeAttempt(), problems(data), progress=lambda fraction, _: seen.append(fraction))
    assert layout.starter(project, 2).read_text("utf-8") == 'SLOPE = 2\nprint(f"{{kept}}")\n'
    statement = layout.statement(project, 3).read_text("utf-8")
    assert statement.startswith("Slope 3, not {{other}}.\n\n")
    assert "F1, then C" in statement
    assert tree(layout.data_folder(project, 1)) == tree(data)
    readme = (project / "README.md").read_text("utf-8")
    assert "# Mock exam of Ada {name}" in readme
    assert "| `Category1` | Problem \\| 1 | mae < .1 |" in readme
    assert "5:00 hours" in readme
    assert f"`{sys.executable}`" in readme
    assert not (project / DRAFT).exists()
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    marker = json.loads(layout.marker(project).read_text("utf-8"))
    assert (marker["attempt"], marker["pack"], sorted(marker["categories"])) == ("a1", "pack", ["1", "2", "3"])


def test_every_starter_runs_from_its_folder(tmp_path: Path) -> None:
    write_project(tmp_path / "exam", FakeAttempt(), problems())
    folder = layout.category_folder(tmp_path / "exam", 1)
    result = subprocess.run([sys.executable, "starter.py"], cwd=folder, capture_output=True, text=True, check=True)
    assert result.stdout == "{kept}\n"


@pytest.mark.parametrize(("language", "word"), [("ko", "시험"), ("ko-KR", "시험"), ("fr", "Each folder holds")])
def test_readme_in_another_language_or_english(tmp_path: Path, language: str, word: str) -> None:
    write_project(tmp_path / "exam", FakeAttempt(), problems(), language)
    assert word in (tmp_path / "exam" / "README.md").read_text("utf-8")
    assert json.loads(layout.marker(tmp_path / "exam").read_text("utf-8"))["language"] == language


def test_an_empty_folder_stays_the_same_folder(tmp_path: Path) -> None:
    (tmp_path / ".DS_Store").write_bytes(b"x")
    before = tmp_path.stat().st_ino
    write_project(tmp_path, FakeAttempt(), problems())
    assert tmp_path.stat().st_ino == before
    assert layout.starter(tmp_path, 1).is_file()


def test_a_linked_folder_is_written_through_the_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_project(tmp_path / "link", FakeAttempt(), problems())
    assert (tmp_path / "link").is_symlink()
    assert layout.starter(tmp_path / "real", 1).is_file()


def test_writing_again_changes_nothing(tmp_path: Path) -> None:
    project = tmp_path / "exam"
    write_project(project, FakeAttempt(), problems())
    layout.starter(project, 1).write_text("my work", "utf-8")
    before = tree(project)
    write_project(project, FakeAttempt(), problems())
    assert tree(project) == before


def test_a_folder_that_holds_something_is_refused_and_untouched(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt", "c.txt", "d.txt", "e.txt"):
        (tmp_path / name).write_text(name, "utf-8")
    before = tree(tmp_path)
    with pytest.raises(WorkspaceError) as caught:
        write_project(tmp_path, FakeAttempt(), problems())
    assert str(caught.value.expected) == f"an empty folder at {tmp_path}"
    assert str(caught.value.found) == "a.txt, b.txt, c.txt and 2 more"
    assert tree(tmp_path) == before


def test_the_project_of_another_attempt_is_refused(tmp_path: Path) -> None:
    write_project(tmp_path / "exam", FakeAttempt("other"), problems())
    with pytest.raises(WorkspaceError, match="the project of another attempt"):
        check_place(tmp_path / "exam")
    with pytest.raises(WorkspaceError, match="exam project at"):
        check_place(tmp_path / "exam" / "Category1" / "inner")


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", "utf-8")
    for folder in (tmp_path / "file", tmp_path / "file" / "exam"):
        with pytest.raises(WorkspaceError, match=r"a file at .*file"):
            check_place(folder)
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    with pytest.raises(WorkspaceError):
        check_place(tmp_path / "dangling")


def test_a_folder_inside_a_pack_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pack.toml").write_text("", "utf-8")
    with pytest.raises(WorkspaceError, match=f"the pack at {tmp_path}"):
        check_place(tmp_path / "problems" / "exam")


def test_no_permission_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Tests may run as root, whom no mode keeps out.
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(WorkspaceError, match="no permission"):
        check_place(tmp_path / "exam")


def test_a_disk_without_room_is_refused_before_anything_is_written(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(1 << 30, 1 << 30, 1 << 20))
    with pytest.raises(WorkspaceError, match="MB free on the disk"):
        write_project(tmp_path / "exam", FakeAttempt(), problems(data))
    assert not (tmp_path / "exam").exists()


@pytest.mark.parametrize("folder", ["x" * 300, "nul\0byte"])
def test_impossible_names_are_said_so(tmp_path: Path, folder: str) -> None:
    with pytest.raises(WorkspaceError):
        write_project(tmp_path / folder, FakeAttempt(), problems())


def test_a_disk_that_fills_up_leaves_nothing_behind(
    tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[object] = []

    def full(source: object, target: object) -> None:
        copied.append(target)
        if len(copied) == 3:
            raise OSError(errno.ENOSPC, "No space left on device", str(target))

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(WorkspaceError) as caught:
        write_project(tmp_path / "exam", FakeAttempt(), problems(data))
    assert str(caught.value.found) == "that the disk is full"
    assert not (tmp_path / "exam").exists()


class Killed(BaseException):
    """Stands for the end of the process: nothing of ours runs after it."""


KILL_POINTS = ["rename 0", "rename 1", "rename 4", "rename 6", "write 2", "write 9", "write 20", "sync 0"]


@pytest.mark.parametrize("point", KILL_POINTS)
def test_a_killed_writing_is_taken_up_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str) -> None:
    project = tmp_path / "exam"
    draft = Draft.begin(project, "a1")
    (draft.data_folder(1) / "prepared.csv").write_text("1", "utf-8")
    with monkeypatch.context() as patch:
        _kill_at(patch, point)
        with pytest.raises(Killed):
            write_project(project, FakeAttempt(), problems())
    assert project_owner(project) is None, "unfinished, it must not pass for a project"
    write_project(project, FakeAttempt(), problems())
    assert (layout.data_folder(project, 1) / "prepared.csv").read_text("utf-8") == "1"
    assert [layout.starter(project, n).is_file() for n in (1, 2, 3)] == [True] * 3
    assert project_owner(project) == "a1"
    assert not (project / DRAFT).exists()


def _kill_at(patch: pytest.MonkeyPatch, point: str) -> None:
    kind, _, number = point.partition(" ")
    calls: list[object] = []
    original: Callable[..., object]

    def dying(*arguments: object) -> object:
        calls.append(arguments)
        if len(calls) <= int(number):
            return original(*arguments)
        raise Killed

    if kind == "sync":
        original = os.sync
        patch.setattr(os, "sync", dying)
    elif kind == "rename":
        original = Path.rename
        patch.setattr(Path, "rename", dying)
    else:
        original = Draft.write
        patch.setattr(Draft, "write", dying)
    patch.setattr(Draft, "discard", lambda self: None)


def test_an_unfinished_project_of_another_attempt_makes_room(tmp_path: Path) -> None:
    Draft.begin(tmp_path / "exam", "old").data_folder(1)
    write_project(tmp_path / "exam", FakeAttempt(), problems())
    assert project_owner(tmp_path / "exam") == "a1"


def test_a_cancelled_draft_goes_and_a_project_stays(tmp_path: Path) -> None:
    Draft.begin(tmp_path / "exam", "a1").data_folder(1)
    discard_draft(tmp_path / "exam", "other")
    assert (tmp_path / "exam" / DRAFT).exists()
    discard_draft(tmp_path / "exam", "a1")
    assert not (tmp_path / "exam").exists()
    write_project(tmp_path / "exam", FakeAttempt(), problems())
    discard_draft(tmp_path / "exam", "a1")
    assert project_owner(tmp_path / "exam") == "a1"


def test_data_from_a_read_only_pack_can_be_changed_by_the_candidate(tmp_path: Path, data: Path) -> None:
    (data / "a.csv").chmod(0o400)
    (data / "deep").chmod(0o500)
    write_project(tmp_path / "exam", FakeAttempt(), problems(data))
    (data / "deep").chmod(0o700)
    copied = layout.data_folder(tmp_path / "exam", 1)
    assert (copied / "a.csv").stat().st_mode & 0o200
    assert (copied / "deep").stat().st_mode & 0o200


def test_reset_puts_the_stub_back_and_keeps_what_was_there(tmp_path: Path) -> None:
    write_project(tmp_path, FakeAttempt(), problems())
    starter = layout.starter(tmp_path, 1)
    stub = starter.read_bytes()
    kept = []
    for text in ("first", "second"):
        starter.write_text(text, "utf-8")
        kept.append(reset_starter(tmp_path, 1))
        assert starter.read_bytes() == stub
    assert [path.read_text("utf-8") for path in kept if path] == ["first", "second"]
    starter.unlink()
    assert reset_starter(tmp_path, 1) is None
    assert starter.read_bytes() == stub


def test_reset_without_a_stub_says_so_and_keeps_the_starter(tmp_path: Path) -> None:
    write_project(tmp_path, FakeAttempt(), problems())
    layout.starter(tmp_path, 1).write_text("mine", "utf-8")
    layout.stub(tmp_path, 1).unlink()
    with pytest.raises(WorkspaceError, match="nothing at"):
        reset_starter(tmp_path, 1)
    assert layout.starter(tmp_path, 1).read_text("utf-8") == "mine"


@pytest.mark.parametrize("damage", ["", "[]", "{}", "\0"])
def test_a_damaged_marker_names_nobody(tmp_path: Path, damage: str) -> None:
    write_project(tmp_path, FakeAttempt(), problems())
    layout.marker(tmp_path).write_text(damage, "utf-8")
    assert project_owner(tmp_path) is None


def test_the_category_of_a_path(tmp_path: Path) -> None:
    write_project(tmp_path, FakeAttempt(), problems())
    assert layout.category_of(tmp_path, layout.starter(tmp_path, 3)) == 3
    assert layout.category_of(tmp_path, tmp_path / "README.md") is None
    assert layout.category_of(tmp_path, tmp_path.parent) is None


def test_run_logs_are_numbered_by_category(tmp_path: Path) -> None:
    assert layout.next_run_log(tmp_path, 3).name == "Category3-001.log"
    layout.next_run_log(tmp_path, 30)
    assert layout.next_run_log(tmp_path, 3).name == "Category3-002.log"
    assert layout.next_run_log(tmp_path, 1).name == "Category1-001.log"


def test_runs_that_begin_at_once_have_a_log_each(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        logs = list(pool.map(lambda _: layout.next_run_log(tmp_path, 3), range(40)))
    assert len(set(logs)) == 40
    assert all(log.is_file() for log in logs)
