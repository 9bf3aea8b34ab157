from __future__ import annotations

import errno
import hashlib
import os
import resource
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from mockexam.errors import SubmissionError
from mockexam.store import snapshots as module
from mockexam.store.snapshots import Snapshots

CAP = 1 << 20


@pytest.fixture
def snapshots(tmp_path: Path) -> Snapshots:
    return Snapshots(tmp_path / "snapshots")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "mymodel.h5"
    path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(range(256)) * 40)
    return path


def saved_model(folder: Path) -> Path:
    (folder / "variables").mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes(b"graph")
    (folder / "variables" / "variables.index").write_bytes(b"index")
    (folder / "assets").mkdir()
    return folder


def leftovers(snapshots: Snapshots) -> list[Path]:
    return [path for path in snapshots.folder.rglob("*") if path.is_file()] if snapshots.folder.exists() else []


def test_a_file_is_copied_under_its_hash_and_cannot_be_written(snapshots: Snapshots, model: Path) -> None:
    taken = snapshots.take(model, CAP)
    assert taken.sha256 == hashlib.sha256(model.read_bytes()).hexdigest()
    assert taken.bytes == model.stat().st_size
    assert taken.path.read_bytes() == model.read_bytes()
    assert stat.S_IMODE(taken.path.stat().st_mode) & 0o222 == 0
    assert leftovers(snapshots) == [taken.path]


def test_a_later_change_of_the_source_changes_nothing(snapshots: Snapshots, model: Path) -> None:
    before = model.read_bytes()
    taken = snapshots.take(model, CAP)
    model.write_bytes(b"other")
    assert taken.path.read_bytes() == before
    assert snapshots.is_whole(taken.sha256)


def test_the_same_content_is_kept_once(snapshots: Snapshots, model: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.keras"
    other.write_bytes(model.read_bytes())
    assert snapshots.take(model, CAP) == snapshots.take(other, CAP)
    assert len(leftovers(snapshots)) == 1


def test_a_saved_model_is_copied_whole(snapshots: Snapshots, tmp_path: Path) -> None:
    taken = snapshots.take(saved_model(tmp_path / "mymodel"), CAP)
    assert sorted(path.relative_to(taken.path).as_posix() for path in taken.path.rglob("*") if path.is_file()) == [
        "saved_model.pb",
        "variables/variables.index",
    ]
    lines = [
        f"{name}\0{len(content)}\0{hashlib.sha256(content).hexdigest()}\n"
        for name, content in [("saved_model.pb", b"graph"), ("variables/variables.index", b"index")]
    ]
    assert taken.sha256 == hashlib.sha256("".join(lines).encode()).hexdigest()
    assert taken.bytes == 10
    assert snapshots.is_whole(taken.sha256)
    assert snapshots.take(tmp_path / "mymodel", CAP) == taken


@pytest.mark.parametrize("harm", ["changed", "cut", "gone"])
def test_damage_is_found_and_mended_by_the_next_copy(snapshots: Snapshots, model: Path, harm: str) -> None:
    taken = snapshots.take(model, CAP)
    taken.path.chmod(0o600)
    content = taken.path.read_bytes()
    if harm == "gone":
        taken.path.unlink()
    else:
        taken.path.write_bytes(content[:-1] if harm == "cut" else content[:-1] + b"!")
    assert not snapshots.is_whole(taken.sha256)
    assert snapshots.take(model, CAP) == taken
    assert snapshots.is_whole(taken.sha256)


def a_link(path: Path) -> None:
    (path.parent / "target").write_bytes(b"model")
    path.symlink_to("target")


def a_link_to_a_folder(path: Path) -> None:
    path.symlink_to(saved_model(path.parent / "target"))


def a_socket(path: Path) -> None:
    os.mknod(path, stat.S_IFSOCK)


def a_sparse_file(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(100 << 30)


def a_folder_of_text(path: Path) -> None:
    path.mkdir()
    (path / "notes.txt").write_text("no model")


def a_folder_with_a_link(path: Path) -> None:
    (saved_model(path) / "assets" / "words").symlink_to("/etc/hostname")


def a_folder_with_a_pipe(path: Path) -> None:
    os.mkfifo(saved_model(path) / "pipe")


def a_large_folder(path: Path) -> None:
    a_sparse_file(saved_model(path) / "variables" / "variables.data-00000-of-00001")


def a_folder_of_many_files(path: Path) -> None:
    saved_model(path)
    for number in range(module.MOST_FILES + 1):
        (path / f"{number}").touch()


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (lambda path: None, "no such file"),
        (a_link, "symbolic link"),
        (a_link_to_a_folder, "symbolic link"),
        (os.mkfifo, "named pipe"),
        (a_socket, "socket"),
        (a_sparse_file, "102,400.0 MB"),
        (a_folder_of_text, "a folder mymodel.h5 that is none of these"),
        (a_folder_with_a_link, "words is a symbolic link"),
        (a_folder_with_a_pipe, "pipe is a named pipe"),
        (a_large_folder, "102,400.0 MB"),
        (a_folder_of_many_files, "2003 in mymodel.h5"),
    ],
)
def test_what_is_no_model_is_refused(
    snapshots: Snapshots, tmp_path: Path, make: Callable[[Path], None], found: str
) -> None:
    path = tmp_path / "mymodel.h5"
    make(path)
    with pytest.raises(SubmissionError) as error:
        snapshots.take(path, CAP)
    assert found in str(error.value.found)
    assert error.value.advice
    assert not leftovers(snapshots)
    assert not list(snapshots.folder.glob("incoming/*"))


@pytest.mark.parametrize("name", [b"caf\xe9.h5", b"two\nlines.h5", b"\x1b[2Jred.h5"], ids=repr)
def test_a_name_that_cannot_be_shown_is_refused(snapshots: Snapshots, tmp_path: Path, name: bytes) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
    path.write_bytes(b"model")
    with pytest.raises(SubmissionError, match="Rename the file") as error:
        snapshots.take(path, CAP)
    str(error.value).encode()
    assert "\x1b" not in str(error.value)
    assert not leftovers(snapshots)


def test_a_folder_of_far_too_many_files_is_not_read_to_its_end(
    snapshots: Snapshots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_FILES", 5)
    folder = saved_model(tmp_path / "mymodel")
    for number in range(200):
        (folder / f"{number}").touch()
    with pytest.raises(SubmissionError, match="more than 50 in mymodel"):
        snapshots.take(folder, CAP)


def test_a_limit_on_the_size_of_files_is_named(snapshots: Snapshots, tmp_path: Path) -> None:
    model = tmp_path / "mymodel.h5"
    model.write_bytes(b"x" * CAP)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(SubmissionError, match="ulimit -f"):
            snapshots.take(model, CAP)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not leftovers(snapshots)


def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", disk], capture_output=True)
    if mounted.returncode:
        pytest.skip("mounting is for root")
    try:
        snapshots = Snapshots(disk / "snapshots")
        model = tmp_path / "mymodel.h5"
        model.write_bytes(b"x" * CAP)
        with pytest.raises(SubmissionError, match="no space left"):
            snapshots.take(model, CAP)
        assert not leftovers(snapshots)
        model.write_bytes(b"x" * 1000)
        assert snapshots.is_whole(snapshots.take(model, CAP).sha256)
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_device_is_refused(snapshots: Snapshots) -> None:
    with pytest.raises(SubmissionError) as error:
        snapshots.take(Path("/dev/zero"), CAP)
    assert "a device" in str(error.value.found)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_refused(snapshots: Snapshots, model: Path) -> None:
    model.chmod(0)
    with pytest.raises(SubmissionError, match="permission denied"):
        snapshots.take(model, CAP)


def failing(monkeypatch: pytest.MonkeyPatch, name: str, error: int, after: int) -> None:
    """From the call numbered `after` on, os.`name` fails."""
    real, calls = getattr(os, name), [0]

    def call(*arguments: object, **more: object) -> object:
        calls[0] += 1
        if calls[0] > after:
            raise OSError(error, os.strerror(error))
        return real(*arguments, **more)

    monkeypatch.setattr(os, name, call)


@pytest.mark.parametrize(("name", "after"), [("write", 0), ("write", 1), ("fsync", 0), ("fsync", 1)])
def test_a_full_disk_leaves_nothing_half_written(
    snapshots: Snapshots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, after: int
) -> None:
    path = saved_model(tmp_path / "mymodel")
    with monkeypatch.context() as patched:
        failing(patched, name, errno.ENOSPC, after)
        with pytest.raises(SubmissionError, match="no space left") as error:
            snapshots.take(path, CAP)
    assert error.value.kind == "fault"
    assert not list(snapshots.all())
    assert not list(snapshots.folder.glob("incoming/*"))
    assert snapshots.is_whole(snapshots.take(path, CAP).sha256)


def writes_during_the_copy(monkeypatch: pytest.MonkeyPatch, model: Path, times: int) -> None:
    """So many of the copies see the file grow while they read it."""
    real, left = os.read, [times]

    def read(descriptor: int, count: int) -> bytes:
        chunk = real(descriptor, count)
        if chunk and left[0]:
            left[0] -= 1
            with model.open("ab") as file:
                file.write(b"more")
        return chunk

    monkeypatch.setattr(os, "read", read)


def test_a_file_that_changes_once_is_copied_again(
    snapshots: Snapshots, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes_during_the_copy(monkeypatch, model, 1)
    taken = snapshots.take(model, CAP)
    assert taken.path.read_bytes() == model.read_bytes()


def test_a_file_that_keeps_changing_is_refused(
    snapshots: Snapshots, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes_during_the_copy(monkeypatch, model, 99)
    with pytest.raises(SubmissionError, match="written to while"):
        snapshots.take(model, CAP)
    assert not leftovers(snapshots)


def test_a_file_replaced_while_it_is_copied_is_copied_again(
    snapshots: Snapshots, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.read
    done: list[bool] = []

    def read(descriptor: int, count: int) -> bytes:
        if not done:
            done.append(True)
            new = model.with_suffix(".new")
            new.write_bytes(b"x" * model.stat().st_size)
            new.replace(model)
        return real(descriptor, count)

    monkeypatch.setattr(os, "read", read)
    assert snapshots.take(model, CAP).path.read_bytes().startswith(b"xxx")


def test_the_largest_allowed_size_is_taken_and_one_more_is_not(snapshots: Snapshots, tmp_path: Path) -> None:
    path = tmp_path / "mymodel.h5"
    path.write_bytes(b"x" * CAP)
    assert snapshots.take(path, CAP).bytes == CAP
    path.write_bytes(b"x" * (CAP + 1))
    with pytest.raises(SubmissionError, match=r"1\.0 MB"):
        snapshots.take(path, CAP)


def test_what_a_killed_copy_left_is_swept(snapshots: Snapshots, model: Path) -> None:
    taken = snapshots.take(model, CAP)
    rest = snapshots.folder / "incoming" / "tmpabc"
    rest.mkdir()
    (rest / "model").write_bytes(b"half")
    snapshots.sweep()
    assert leftovers(snapshots) == [taken.path]
    assert list(snapshots.all()) == [taken.sha256]
