from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html import escape
from pathlib import Path

import msgspec
import pytest

from mockexam.errors import RefusalError
from mockexam.exam.interpreter_record import InterpreterRecord
from mockexam.packs.catalogue import Catalogue
from mockexam.sitting.conclusion import conclude
from mockexam.sitting.service import AttemptError, ExamService
from mockexam.transfer.bundle import BundleError, Writing, opened
from mockexam.transfer.exporting import export
from mockexam.transfer.importing import bring
from mockexam.transfer.problems import _check_exam
from mockexam.workspace.bridges import Bridges
from mockexam.workspace.editors import Launch
from tests.sitting.fakes import FakeService, scored
from tests.transfer.conftest import Machine

Make = Callable[..., Machine]


def saved(project: Path, home: Path | None = None) -> dict[str, bytes]:
    """The files of a project; `home`, which differs from one machine to the next, in words."""
    found = {str(path.relative_to(project)): path.read_bytes() for path in project.rglob("*") if path.is_file()}
    return {name: content.replace(str(home).encode(), b"HOME") for name, content in found.items()}


def moved(here: Machine, there: Machine, file: Path) -> None:
    """Export what runs here and import it there."""
    running = here.exams.running()
    assert running is not None
    export(here.exams, running.id, file)
    bring(there.exams, file, there.folder / f"exam-{file.stem}")


def test_an_attempt_goes_on_elsewhere_with_everything(machine: Make, tmp_path: Path) -> None:
    here, there = machine("here"), machine("there", boot="other-1", uptime=5.0)
    attempt = here.begin()
    here.submit(attempt, 1, 5)
    here.submit(attempt, 2, 2, b"two")
    (attempt.project / "Category3" / "mymodel.h5").write_bytes(b"three")
    here.exams.submit(attempt.id, 3)
    ours = InterpreterRecord(kind="this", python="3.11.2", keras=2, versions={"tensorflow": "2.21.0"})
    here.exams.note_interpreter(attempt.id, ours)
    here.clock.advance(minutes=60)
    here.exams.add_time(attempt.id, 1, 77)
    done = export(here.exams, attempt.id, tmp_path / "moved.zip")
    assert (done.submissions, done.left_out) == (3, ())
    there.clock.advance(minutes=70)
    came = bring(there.exams, tmp_path / "moved.zip", there.folder / "exam")
    assert (came.state, came.deadline, there.exams.remaining(came)) == ("running", attempt.deadline, 230 * 60)
    assert saved(came.project, there.folder / "home") == saved(attempt.project, here.folder / "home")
    assert there.exams.times(came.id)[1] == 77
    assert there.exams.interpreters(came.id) == (ours,)
    before = here.exams.submissions(attempt.id)
    after = there.exams.submissions(came.id)
    assert [one.verdict for one in after] == [one.verdict for one in before]
    assert all(there.exams.is_whole(one) for one in after)
    assert [one.category for one in there.exams.pending()] == [3]
    task = there.exams.task(came.id, 1)
    assert Path(task.hidden).is_relative_to(there.folder)
    there.submit(came, 4, 5)
    there.exams.end(came.id)
    result = conclude(there.exams, came.id, lambda: FakeService([scored(5)]))
    assert result is not None
    assert result.total == 10 + 6 + 20 + 25
    assert any("on another machine; deadline kept" in remark for remark in result.remarks)


def test_the_machine_it_left_does_not_go_on_with_it(machine: Make, tmp_path: Path) -> None:
    here = machine("here")
    attempt = here.begin()
    here.submit(attempt, 1, 5)
    export(here.exams, attempt.id, tmp_path / "moved.zip")
    assert here.exams.running() is None
    assert here.exams.attempt(attempt.id).state == "moved"
    for act in (
        lambda: here.exams.submit(attempt.id, 1),
        lambda: here.exams.end(attempt.id),
        lambda: here.exams.start(attempt.id),
    ):
        with pytest.raises(RefusalError):
            act()
    assert here.exams.settle(attempt.id) is None
    here.exams.close()
    here.exams.home.ledger.write_bytes(b"damaged" * 1000)
    again = ExamService(here.exams.home, here.clock, here.exams.catalogue)
    assert again.attempt(attempt.id).state == "moved"
    assert again.create("Ada", tmp_path / "new", "small").state == "provisioning"
    again.close()


def test_it_may_be_taken_back_and_the_result_says_so(machine: Make, tmp_path: Path) -> None:
    here = machine("here")
    attempt = here.begin()
    export(here.exams, attempt.id, tmp_path / "moved.zip")
    here.clock.advance(minutes=30)
    here.clock.set_wall(minutes=-29)
    came = bring(here.exams, tmp_path / "moved.zip", tmp_path / "back")
    assert here.exams.remaining(came) == 270 * 60
    assert came.project == tmp_path / "back"
    here.exams.end(came.id)
    result = here.exams.settle(came.id)
    assert result is not None
    assert any("back on a machine it had left" in remark for remark in result.remarks)


def test_an_older_copy_is_refused_when_the_exam_has_gone_on(machine: Make, tmp_path: Path) -> None:
    here, there = machine("here"), machine("there", boot="other-1")
    here.begin()
    moved(here, there, tmp_path / "one.zip")
    with pytest.raises(AttemptError, match="runs here"):
        bring(there.exams, tmp_path / "one.zip", tmp_path / "again")
    moved(there, here, tmp_path / "two.zip")
    with pytest.raises(AttemptError, match="an older copy"):
        bring(there.exams, tmp_path / "one.zip", tmp_path / "again")
    (attempt,) = here.exams.attempts()
    here.exams.end(attempt.id)
    with pytest.raises(AttemptError, match="has ended here"):
        bring(here.exams, tmp_path / "two.zip", tmp_path / "again")
    # Whoever throws the ledger away is still known by the mark in another folder.
    here.exams.close()
    shutil.rmtree(here.exams.home.data)
    shutil.copytree(there.exams.home.packs, here.exams.home.packs)
    forgetful = ExamService(here.exams.home, here.clock, Catalogue(here.exams.home.packs))
    with pytest.raises(AttemptError, match="has ended here"):
        bring(forgetful, tmp_path / "two.zip", tmp_path / "again")
    forgetful.close()


@pytest.mark.parametrize(("shift", "left"), [(-120, 240), (0, 240), (45, 195), (400, 0)])
def test_no_clock_of_the_other_machine_gives_time(machine: Make, tmp_path: Path, shift: int, left: int) -> None:
    here, there = machine("here"), machine("there", boot="other-1")
    attempt = here.begin()
    for clock in (here.clock, there.clock):
        clock.advance(minutes=60)
    there.clock.set_wall(minutes=shift)
    export(here.exams, attempt.id, tmp_path / "moved.zip")
    came = bring(there.exams, tmp_path / "moved.zip", there.folder / "exam")
    assert there.exams.remaining(came) == left * 60
    if not left:
        assert (came.state, came.end_reason, came.ended_at) == ("ended", "time", attempt.deadline)
        return
    there.clock.reboot(minutes=0)
    assert there.exams.remaining(there.exams.attempt(came.id)) <= left * 60
    told = [event.detail for event in there.exams.journal(came.id) if event.kind == "moved"]
    assert ("120 min behind" in told[-1]) == (shift == -120)


def test_an_ended_attempt_is_copied_with_its_result(machine: Make, tmp_path: Path) -> None:
    here, there = machine("here"), machine("there")
    attempt = here.begin()
    here.submit(attempt, 5, 4)
    here.exams.end(attempt.id)
    result = here.exams.settle(attempt.id)
    export(here.exams, attempt.id, tmp_path / "copy.zip")
    assert here.exams.attempt(attempt.id).state == "ended"
    came = bring(there.exams, tmp_path / "copy.zip", there.folder / "exam")
    assert came.state == "ended"
    assert there.exams.settle(came.id) == result


@pytest.mark.parametrize("fault", ["none", "changed"])
def test_without_the_same_pack_it_says_what_to_install(machine: Make, tmp_path: Path, fault: str) -> None:
    here, there = machine("here"), machine("there")
    attempt = here.begin()
    export(here.exams, attempt.id, tmp_path / "moved.zip")
    if fault == "none":
        shutil.rmtree(there.exams.home.packs / "small")
    else:
        (there.exams.home.packs / "small" / "problem-1" / "statement.md").write_text("# Another {{target}}\n")
    there.exams.catalogue.refresh()
    with pytest.raises(AttemptError, match="mockexam pack install") as error:
        bring(there.exams, tmp_path / "moved.zip", there.folder / "exam")
    assert attempt.pack_digest[:12] in str(error.value.expected)
    assert not (there.folder / "exam").exists()
    assert there.exams.attempts() == ()


def test_another_exam_or_a_used_folder_is_in_the_way(machine: Make, tmp_path: Path) -> None:
    here, there = machine("here"), machine("there")
    attempt = here.begin()
    export(here.exams, attempt.id, tmp_path / "moved.zip")
    (there.folder / "used").mkdir()
    (there.folder / "used" / "mine.txt").write_text("mine")
    with pytest.raises(AttemptError, match="empty folder"):
        bring(there.exams, tmp_path / "moved.zip", there.folder / "used")
    there.begin()
    with pytest.raises(AttemptError, match="no other exam"):
        bring(there.exams, tmp_path / "moved.zip", there.folder / "other")
    assert saved(there.folder / "used") == {"mine.txt": b"mine"}


def test_what_cannot_travel_is_named_and_stays(machine: Make, tmp_path: Path) -> None:
    here, there = machine("here"), machine("there")
    attempt = here.begin()
    project = attempt.project
    (project / "link").symlink_to("/etc/passwd")
    (project / "folder").symlink_to("/etc")
    os.mkfifo(project / "pipe")
    os.mknod(project / "socket", stat.S_IFSOCK)
    (project / "two\nlines").write_text("x")
    Path(os.fsdecode(os.fsencode(project) + b"/caf\xe9")).write_text("x")
    (project / ".venv").mkdir()
    (project / ".venv" / "pyvenv.cfg").touch()
    with (project / "giant").open("wb") as giant:
        giant.truncate(100 << 30)
    (project / "odd : name? 模型.txt").write_text("kept")
    done = export(here.exams, attempt.id, tmp_path / "moved.zip")
    words = "\n".join(map(str, done.left_out))
    kinds = {"link": "a symbolic link", "folder": "a symbolic link", "pipe": "no plain file", "socket": "no plain file"}
    kinds |= {".venv": "a virtual environment", "giant": "larger than 2 GB"}
    kinds |= {r"'two\nlines'": "a name that not", r"'caf\udce9'": "a name that not"}
    assert all(f"{name}: {why}" in words for name, why in kinds.items())
    assert len(done.left_out) == 8
    came = bring(there.exams, tmp_path / "moved.zip", there.folder / "exam")
    assert (came.project / "odd : name? 模型.txt").read_text() == "kept"
    assert not (came.project / "link").exists()


def test_nothing_is_moved_when_the_file_cannot_be_written(
    machine: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = machine("here")
    attempt = here.begin()
    (tmp_path / "there.zip").touch()
    for target, found in [(tmp_path / "there.zip", "already there"), (tmp_path / "none" / "x.zip", "No such file")]:
        with pytest.raises(BundleError, match=found):
            export(here.exams, attempt.id, target)
    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(RefusalError, match="No space left"):
        export(here.exams, attempt.id, tmp_path / "moved.zip")
    monkeypatch.undo()
    assert here.exams.running() is not None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["here", "there.zip"]


def full_disk(descriptor: int) -> None:
    raise OSError(28, "No space left on device")


def test_what_is_submitted_while_it_is_exported_goes_along(
    machine: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = machine("here")
    attempt = here.begin()
    real = here.exams.depart
    calls: list[object] = []

    def depart(*arguments: object) -> bool:
        if not calls:
            here.submit(attempt, 2, 3)
        calls.append(arguments)
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(here.exams, "depart", depart)
    assert export(here.exams, attempt.id, tmp_path / "moved.zip").submissions == 1
    assert len(calls) == 2
    with opened(tmp_path / "moved.zip") as bundle:
        assert [one.category for one in bundle.label.submissions] == [2]


def test_an_exam_that_is_being_submitted_to_stays(machine: Make, tmp_path: Path) -> None:
    here = machine("here")
    attempt = here.begin()
    press = here.exams._submissions.press(attempt.id, here.exams._claim)
    with pytest.raises(AttemptError, match="one that is busy"):
        export(here.exams, attempt.id, tmp_path / "moved.zip")
    assert here.exams.running() is not None
    assert press is not None
    here.exams._submissions.withdraw(press)
    export(here.exams, attempt.id, tmp_path / "moved.zip")


def test_the_file_can_be_written_again_while_it_is_away(machine: Make, tmp_path: Path) -> None:
    here, there = machine("here"), machine("there", boot="other-1")
    attempt = here.begin()
    export(here.exams, attempt.id, tmp_path / "lost.zip")
    (tmp_path / "lost.zip").unlink()
    here.clock.advance(minutes=5)
    export(here.exams, attempt.id, tmp_path / "again.zip")
    there.clock.advance(minutes=5)
    came = bring(there.exams, tmp_path / "again.zip", there.folder / "exam")
    assert there.exams.remaining(came) == 295 * 60
    assert came.deadline == replace(attempt).deadline
    assert came.started_at is not None
    assert came.deadline == came.started_at + timedelta(minutes=300)


def test_killed_before_the_file_has_its_name_it_is_written_again(
    machine: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = machine("here"), machine("there", boot="other-1")
    attempt = here.begin()
    here.submit(attempt, 1, 5)

    def killed(writing: Writing) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Writing, "publish", killed)
        with pytest.raises(KeyboardInterrupt):
            export(here.exams, attempt.id, tmp_path / "moved.zip")
    assert here.exams.attempt(attempt.id).state == "moved"
    export(here.exams, attempt.id, tmp_path / "moved.zip")
    came = bring(there.exams, tmp_path / "moved.zip", there.folder / "exam")
    assert len(there.exams.submissions(came.id)) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["here", "moved.zip", "there"]


def test_what_editors_start_finds_the_exam_where_it_is_now(machine: Make, tmp_path: Path) -> None:
    here, there = machine("here & now"), machine("there", boot="other-1", uptime=5.0)
    project = here.begin().project
    edited = project / ".vscode" / "tasks.json"
    edited.write_text(edited.read_text("utf-8").replace('"2.0.0"', '"2.0.1"'), "utf-8")
    moved(here, there, tmp_path / "moved.zip")
    came = there.exams.running()
    assert came is not None
    for name, content in saved(came.project).items():
        assert str(here.folder).encode() not in content, name
        assert escape(str(here.folder)).encode() not in content, name
    assert '"2.0.1"' in (came.project / ".vscode" / "tasks.json").read_text("utf-8")
    for name in (".vscode/tasks.json", ".idea/runConfigurations/Submit_and_Test_1.xml"):
        assert str(there.exams.home.folder) in (came.project / name).read_text("utf-8")


def test_the_python_that_was_chosen_stays_here(machine: Make, tmp_path: Path) -> None:
    here, there = machine("here"), machine("there")
    attempt = here.begin()
    executable = "/opt/tf210/bin/python"
    launch = Launch(
        name="Python 3.8 · Keras 2", executable=executable, project=str(attempt.project), first=("/opt/tf210/bin",)
    )
    begun = saved(attempt.project, here.folder / "home")
    assert Bridges.of(attempt, here.exams.home).follow(launch) == []
    assert any(executable.encode() in content for content in saved(attempt.project).values())
    moved(here, there, tmp_path / "moved.zip")
    (came,) = there.exams.attempts()
    assert saved(came.project, there.folder / "home") == begun
    assert not (there.exams.home.attempts / came.id / "editors.json").exists()
    assert Bridges.of(came, there.exams.home).follow(msgspec.structs.replace(launch, project=str(came.project))) == []


def test_what_editors_start_asks_for_no_folder_where_there_is_none(machine: Make, tmp_path: Path) -> None:
    here, there = machine("here"), machine("there", boot="other-1", uptime=5.0)
    apart = there.folder / "apart"
    there.exams.home = replace(there.exams.home, config=apart)
    here.begin()
    moved(here, there, tmp_path / "moved.zip")
    came = there.exams.running()
    assert came is not None
    assert all(b"MOCKEXAM_HOME" not in content for content in saved(came.project).values())


def test_titles_may_be_those_of_the_exams_language_and_no_others(machine: Make, tmp_path: Path) -> None:
    exams = machine("here").exams
    attempt = exams.create("Ada Lovelace", tmp_path / "exam", "tensorflow-developer", 7, "ko")
    pack = exams.catalogue.pack("tensorflow-developer")
    _check_exam(pack, attempt)
    _check_exam(
        pack, replace(attempt, titles={number: pack.problem(one).title for number, one in attempt.problems.items()})
    )
    with pytest.raises(RefusalError, match="other problems or rules"):
        _check_exam(pack, replace(attempt, titles={**attempt.titles, 1: "An easier one"}))
