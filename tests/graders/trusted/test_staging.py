"""What is copied, what is refused before it is copied, and in which words."""

from __future__ import annotations

import hashlib
import io
import itertools
import os
import pickle
import stat
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from graders.contract import Contract
from graders.formats import BY_NAME
from graders.trusted import archive, foreign_formats, staging
from graders.trusted.staging import Refused, stage
from graders.verdict import Reason

CONTRACT = Contract(input_shape=(4,), output_shape=(3,), max_bytes=1 << 20)
HDF5 = BY_NAME["h5"].signature + bytes(100)
KERAS = {"config.json": b"{}", "metadata.json": b"{}", "model.weights.h5": HDF5}
SAVED = {
    "saved_model.pb": b"\x08\x01",
    "variables/variables.index": b"x",
    "variables/variables.data-00000-of-00001": b"y",
}


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "private"
    folder.mkdir(mode=0o700)
    return folder


def zipped(
    members: Mapping[str, bytes] | Mapping[zipfile.ZipInfo, bytes], compression: int = zipfile.ZIP_DEFLATED
) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as opened:
        for name, content in members.items():
            opened.writestr(name, content)
    return buffer.getvalue()


def spread(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def named(value: object) -> str:
    return value if isinstance(value, str) else "-"


def reason_of(source: Path, into: Path, contract: Contract = CONTRACT) -> Reason:
    with pytest.raises(Refused) as caught:
        stage(source, into, contract)
    reason = caught.value.reason
    assert reason.expected
    assert reason.found
    assert reason.advice
    return reason


def with_64_bit_end(archive: bytes) -> bytes:
    """The same archive with the end records that some programs write for archives of any size."""
    place = archive.rindex(b"PK\x05\x06")
    _, _, _, _, members, directory, start, _ = struct.unpack("<4s4H2LH", archive[place : place + 22])
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, members, members, directory, start)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, place, 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return archive[:place] + record + locator + end


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("mymodel.h5", HDF5, "h5"),
        ("mymodel.keras", HDF5, "h5"),
        ("mymodel", bytes(512) + HDF5, "h5"),
        ("mymodel.h5", bytes(2048) + HDF5, "h5"),
        ("mymodel.keras", zipped(KERAS), "keras"),
        ("mymodel.h5", zipped(KERAS), "keras"),
        ("mymodel.zip", zipped({f"inner/{name}": content for name, content in KERAS.items()}), "keras"),
        ("mymodel.zip", zipped({"mymodel.h5": HDF5}), "h5"),
        ("mymodel.zip", zipped({"Category1/mymodel.h5": HDF5, "__MACOSX/._mymodel.h5": b"x", ".DS_Store": b"x"}), "h5"),
        ("mymodel.zip", zipped({"mymodel.keras": zipped(KERAS)}), "keras"),
        ("mymodel.zip", zipped({"mymodel": HDF5}), "h5"),
        ("mymodel.zip", zipped({"mymodel.h5": HDF5, "README.txt": b"my model"}), "h5"),
        ("mymodel.zip", zipped({**SAVED, ".ipynb_checkpoints/x": b"x"}), "savedmodel"),
        (
            "mymodel.zip",
            zipped({f"a\\{name}".replace("/", "\\"): content for name, content in SAVED.items()}),
            "savedmodel",
        ),
        ("mymodel.zip", with_64_bit_end(zipped(SAVED)), "savedmodel"),
        ("mymodel.zip", zipped(SAVED), "savedmodel"),
        ("mymodel.zip", zipped({f"a/b/{name}": content for name, content in SAVED.items()}), "savedmodel"),
        ("model.zip", zipped({"labels.txt": b"0 a", **{f"model/{n}": c for n, c in SAVED.items()}}), "savedmodel"),
        ("project.zip", zipped({"starter.py": b"x", **{f"mymodel/{n}": c for n, c in SAVED.items()}}), "savedmodel"),
        ("project.zip", zipped({"best.keras": zipped(KERAS), "mymodel.h5": HDF5}), "h5"),
        ("project.zip", zipped({"a/mymodel.keras": zipped(KERAS), "best.h5": HDF5, "b/c.h5": HDF5}), "keras"),
        ("project.zip", zipped({"mymodel.keras": zipped(KERAS), "mymodel.h5": HDF5}), "h5"),
    ],
    ids=named,
)
def test_a_file_is_told_by_its_content(tmp_path: Path, into: Path, name: str, content: bytes, kind: str) -> None:
    (tmp_path / name).write_bytes(content)
    staged = stage(tmp_path / name, into, CONTRACT)
    assert staged.kind == kind
    assert staged.path.is_file() == (kind == "h5")
    assert staged.bytes == len(content)
    assert staged.sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("name", ["mymodel", "mymodel.h5", "mymodel.keras"])
def test_a_folder_is_told_by_its_content(tmp_path: Path, into: Path, name: str) -> None:
    source = spread(tmp_path / name, {**SAVED, "fingerprint.pb": b""})
    (source / "assets").mkdir()
    staged = stage(source, into, CONTRACT)
    assert staged.kind == "savedmodel"
    assert staged.bytes == sum(len(content) for content in SAVED.values())
    lines = [(path, content) for path, content in sorted({**SAVED, "fingerprint.pb": b""}.items())]
    text = "".join(f"{path}\0{len(content)}\0{hashlib.sha256(content).hexdigest()}\n" for path, content in lines)
    assert staged.sha256 == hashlib.sha256(text.encode()).hexdigest()
    assert {path.relative_to(staged.path).as_posix() for path in staged.path.rglob("*") if path.is_file()} == {
        *SAVED,
        "fingerprint.pb",
    }


def test_a_folder_around_the_model_is_looked_through(tmp_path: Path, into: Path) -> None:
    spread(tmp_path / "outer" / "inner", SAVED)
    assert stage(tmp_path / "outer", into, CONTRACT).path.name == "inner"


def test_the_copy_is_read_only_and_the_source_untouched(tmp_path: Path, into: Path) -> None:
    source = tmp_path / "mymodel.h5"
    source.write_bytes(HDF5)
    staged = stage(source, into, CONTRACT)
    assert stat.S_IMODE(staged.path.stat().st_mode) == 0o444
    assert source.read_bytes() == staged.path.read_bytes() == HDF5


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("model.ckpt.index", b"\x00\x00\x05model" * 9, "checkpoint"),
        ("model.ckpt.data-00000-of-00001", b"\x00\x01" * 40, "checkpoint"),
        ("checkpoint", b'model_checkpoint_path: "model.ckpt"', "checkpoint"),
        ("saved_model.pb", b"\x08\x01\x12" * 30, "graph-only"),
        ("model.tflite", b"\x1c\x00\x00\x00TFL3" + bytes(90), "tflite"),
        ("mymodel.h5", b"\x1c\x00\x00\x00TFL3" + bytes(90), "tflite"),
        ("model.onnx", b"\x08\x07\x12\x05keras" + bytes(90), "onnx"),
        ("model.pt", zipped({"archive/data.pkl": b"\x80\x02", "archive/version": b"3"}), "pytorch"),
        ("mymodel.h5", pickle.dumps({"a": 1}), "pickle"),
        ("weights.npy", b"\x93NUMPY\x01\x00" + bytes(90), "numpy"),
        ("weights.npz", zipped({"a.npy": b"\x93NUMPY", "b.npy": b"\x93NUMPY"}), "numpy"),
        ("starter.py", b"import tensorflow as tf\n", "source-code"),
        ("mymodel.h5", b"import tensorflow as tf\n", "source-code"),
        ("mymodel.h5", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n", "lfs-pointer"),
        ("mymodel.h5", b"\n<!DOCTYPE html><html><body>Sign in</body></html>", "web-page"),
        ("mymodel.h5", b'{"class_name": "Sequential", "config": {}}', "architecture-only"),
        ("mymodel.tar.gz", b"\x1f\x8b\x08" + bytes(90), "other-archive"),
        ("mymodel.h5", b"\x89PNG\r\n\x1a\n" + bytes(90), "picture"),
        ("mymodel.h5", b"hello\n", "text"),
        ("mymodel.h5", bytes(range(256)) * 4, "unknown-format"),
        ("mymodel.keras", zipped(KERAS)[:-60], "truncated"),
        ("mymodel.keras", zipped({"config.json": b"{}"}), "incomplete"),
        ("mymodel.zip", zipped({"variables/variables.index": b"x"}), "incomplete"),
        ("mymodel.zip", zipped({"a.h5": HDF5, "b.h5": HDF5}), "several-models"),
        ("mymodel.zip", zipped({"notes.txt": b"x"}), "no-model"),
        ("mymodel.zip", zipped({"inner.keras": zipped({"inner.h5": HDF5})}), "nested-archive"),
    ],
    ids=named,
)
def test_what_is_no_model_is_named(tmp_path: Path, into: Path, name: str, content: bytes, code: str) -> None:
    (tmp_path / name).write_bytes(content)
    reason = reason_of(tmp_path / name, into)
    assert (reason.link, reason.code) == ("format", code)
    assert name in reason.found


def test_a_folder_of_checkpoints_is_named(tmp_path: Path, into: Path) -> None:
    source = spread(
        tmp_path / "mymodel", {"checkpoint": b"x", "cp.ckpt.index": b"x", "cp.ckpt.data-00000-of-00001": b"x"}
    )
    assert reason_of(source, into).code == "checkpoint"


def test_the_wanted_format_is_named(tmp_path: Path, into: Path) -> None:
    (tmp_path / "mymodel.keras").write_bytes(zipped(KERAS))
    reason = reason_of(tmp_path / "mymodel.keras", into, Contract(input_shape=(4,), output_shape=(3,), formats=("h5",)))
    assert (reason.link, reason.code) == ("format", "format-not-allowed")
    assert "HDF5" in reason.expected
    assert 'model.save("mymodel.h5")' in reason.advice


def test_missing_empty_and_unreadable(tmp_path: Path, into: Path) -> None:
    assert reason_of(tmp_path / "mymodel.h5", into).code == "missing"
    (tmp_path / "mymodel.h5").touch()
    assert reason_of(tmp_path / "mymodel.h5", into).code == "empty"
    assert reason_of(tmp_path / ("n" * 300), into).code == "unreadable"


def test_links_are_not_followed(tmp_path: Path, into: Path) -> None:
    (tmp_path / "secret").write_bytes(HDF5)
    (tmp_path / "mymodel.h5").symlink_to(tmp_path / "secret")
    assert reason_of(tmp_path / "mymodel.h5", into).code == "link"
    source = spread(tmp_path / "folder", SAVED)
    (source / "assets").symlink_to(tmp_path)
    assert reason_of(source, into).code == "link"
    assert not any(path.name == "secret" for path in into.rglob("*"))


def test_pipes_sockets_and_devices_are_not_opened(tmp_path: Path, into: Path) -> None:
    os.mkfifo(tmp_path / "pipe.h5")
    assert reason_of(tmp_path / "pipe.h5", into).code == "not-a-file"
    os.mknod(tmp_path / "s", stat.S_IFSOCK)
    assert reason_of(tmp_path / "s", into).code == "not-a-file"
    assert reason_of(Path("/dev/zero"), into).code == "not-a-file"
    source = spread(tmp_path / "folder", SAVED)
    os.mkfifo(source / "pipe")
    assert reason_of(source, into).code == "not-a-file"


def test_a_huge_sparse_file_is_refused_by_its_size(tmp_path: Path, into: Path) -> None:
    with (tmp_path / "mymodel.h5").open("wb") as file:
        file.truncate(100 << 30)
    reason = reason_of(tmp_path / "mymodel.h5", into)
    assert (reason.link, reason.code) == ("size", "too-big")
    assert "102,400.0 MiB" in reason.found
    assert "1.0 MiB" in reason.expected
    assert list(into.iterdir()) == []


def test_a_folder_counts_as_a_whole(tmp_path: Path, into: Path) -> None:
    source = spread(tmp_path / "folder", {**SAVED, "assets/a": bytes(700_000), "assets/b": bytes(700_000)})
    assert reason_of(source, into).code == "too-big"


def test_a_folder_of_many_or_deep_files(tmp_path: Path, into: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "MOST_FILES", 5)
    assert reason_of(spread(tmp_path / "many", {str(n): b"x" for n in range(9)}), into).code == "too-many-files"
    monkeypatch.undo()
    deep = spread(tmp_path / "deep", {"/".join("a" * 14) + "/file": b"x"})
    (into / "second").mkdir()
    assert reason_of(deep, into / "second").code == "too-deep"


def test_a_file_that_grows_while_it_is_copied(tmp_path: Path, into: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "mymodel.h5"
    source.write_bytes(HDF5)
    read = os.read

    def growing(handle: int, count: int) -> bytes:
        block = read(handle, count)
        with source.open("ab") as file:
            file.write(b"more")
        return block

    monkeypatch.setattr(os, "read", growing)
    reason = reason_of(source, into)
    assert (reason.link, reason.code) == ("file", "changing")


def member(name: str, content: bytes = b"x", mode: int = 0o100644, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as opened:
        info = zipfile.ZipInfo(name)
        info.external_attr, info.compress_type = mode << 16, compression
        opened.writestr(info, content)
        opened.writestr("config.json", b"{}")
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        member("../escaped"),
        member("a/../../escaped"),
        member("/escaped"),
        member("a\\..\\escaped"),
        member("C:escaped"),
        member("a//b"),
        member("new\nline"),
        member("/".join("a" * 12)),
        member("n" * 300),
        member("link", b"/etc/passwd", 0o120777),
        member("device", b"", 0o020666),
        member("lzma", compression=zipfile.ZIP_LZMA),
        member("bzip2", compression=zipfile.ZIP_BZIP2),
    ],
    ids=range(13),
)
def test_an_archive_with_unsafe_members(tmp_path: Path, into: Path, content: bytes) -> None:
    (tmp_path / "mymodel.keras").write_bytes(content)
    reason = reason_of(tmp_path / "mymodel.keras", into)
    assert (reason.link, reason.code) == ("format", "archive-unsafe")
    assert reason.found.isprintable()
    assert not list(tmp_path.rglob("escaped"))


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("names", [("a", "a"), ("a", "a/b"), ("a/b", "a")])
def test_an_archive_with_a_name_twice(tmp_path: Path, into: Path, names: tuple[str, str]) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as opened:
        for name in names:
            opened.writestr(name, b"x")
    (tmp_path / "mymodel.keras").write_bytes(buffer.getvalue())
    assert reason_of(tmp_path / "mymodel.keras", into).code == "archive-unsafe"


def test_an_encrypted_archive(tmp_path: Path, into: Path) -> None:
    content = bytearray(zipped(KERAS))
    place = content.index(b"PK\x01\x02")
    content[place + 8] |= 1
    (tmp_path / "mymodel.keras").write_bytes(content)
    assert reason_of(tmp_path / "mymodel.keras", into).code == "archive-unsafe"


def test_an_archive_that_unpacks_to_more_than_allowed(
    tmp_path: Path, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MOST_UNPACKED_BYTES", 1 << 20)
    bomb = zipped({**KERAS, "assets/zeros": bytes(4 << 20)})
    assert len(bomb) < 1 << 14
    (tmp_path / "mymodel.keras").write_bytes(bomb)
    reason = reason_of(tmp_path / "mymodel.keras", into)
    assert (reason.link, reason.code) == ("size", "unpacks-too-big")


def test_an_archive_that_lies_about_its_size(tmp_path: Path, into: Path) -> None:
    content = bytearray(zipped({**KERAS, "assets/zeros": bytes(100_000)}))
    place = content.rindex(b"PK\x01\x02")
    content[place + 24 : place + 28] = struct.pack("<L", 10)  # the uncompressed size in the directory
    (tmp_path / "mymodel.keras").write_bytes(content)
    assert reason_of(tmp_path / "mymodel.keras", into).code == "damaged"
    assert sum(path.stat().st_size for path in into.rglob("*") if path.is_file()) < 2 * len(content) + 1000


def test_an_archive_of_too_many_members(tmp_path: Path, into: Path) -> None:
    (tmp_path / "mymodel.keras").write_bytes(zipped({f"assets/{n}": b"" for n in range(archive.MOST_MEMBERS + 1)}))
    reason = reason_of(tmp_path / "mymodel.keras", into)
    assert (reason.link, reason.code) == ("size", "too-many-files")


def test_dates_that_happen_to_be_letters_are_no_text(tmp_path: Path) -> None:
    """At 18:38 the bytes of an archive's times are letters of UTF-8, the same ones again and again."""
    with zipfile.ZipFile(tmp_path / "mymodel.keras", "w") as opened:
        for number in range(20):
            opened.writestr(zipfile.ZipInfo(f"assets/{number}", (2026, 11, 30, 18, 38, 38)), b"")
    assert not foreign_formats.was_text(tmp_path / "mymodel.keras")


@pytest.mark.parametrize("hidden", [True, False])
def test_an_archive_directory_is_measured_before_it_is_read(
    tmp_path: Path, into: Path, monkeypatch: pytest.MonkeyPatch, hidden: bool
) -> None:
    """A directory of gigabytes, declared in the plain or the 64-bit end record, never reaches zipfile."""
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 3, 3, 200 if hidden else 1 << 30, 0, 0)
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1 << 30, 1 << 30, 1 << 36, 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, 300, 1)
    (tmp_path / "mymodel.keras").write_bytes(b"PK\x03\x04" + bytes(296) + (record + locator if hidden else b"") + end)

    def never(*_: object) -> None:
        raise AssertionError("zipfile was asked")

    monkeypatch.setattr(zipfile, "ZipFile", never)
    reason = reason_of(tmp_path / "mymodel.keras", into)
    assert reason.code == ("too-many-files" if hidden else "damaged")
    assert "1,073,741,824" in reason.found if hidden else "1,024 MiB" in reason.found


def test_a_damaged_member(tmp_path: Path, into: Path) -> None:
    content = bytearray(zipped({**KERAS, "assets/words": os.urandom(5000)}, zipfile.ZIP_STORED))
    content[content.index(b"assets/words") + 500] ^= 0xFF
    (tmp_path / "mymodel.keras").write_bytes(content)
    assert reason_of(tmp_path / "mymodel.keras", into).code == "damaged"


@pytest.mark.parametrize("field", [12, 16])
@pytest.mark.parametrize("value", [b"\xff\xff", b"\x00\x00", b"\x01\x00"])
def test_an_end_record_that_points_nowhere(tmp_path: Path, into: Path, field: int, value: bytes) -> None:
    content = bytearray(zipped(KERAS))
    place = content.rindex(b"PK\x05\x06") + field
    content[place : place + 2] = value
    (tmp_path / "mymodel.keras").write_bytes(content)
    assert reason_of(tmp_path / "mymodel.keras", into).code in ("damaged", "too-many-files", "no-model", "truncated")


def test_mutated_archives_are_refused_or_staged_but_never_break_staging(tmp_path: Path) -> None:
    random = np.random.Generator(np.random.Philox(7))
    original = zipped(KERAS)
    outcomes: set[str] = set()
    for number in range(400):
        content = bytearray(original)
        for place in random.integers(0, len(content), random.integers(1, 6)):
            content[place] = random.integers(0, 256)
        folder = tmp_path / str(number)
        (folder / "into").mkdir(parents=True)
        (folder / "m.keras").write_bytes(content[: len(content) - int(random.integers(0, 3)) * 20])
        try:
            outcomes.add(stage(folder / "m.keras", folder / "into", CONTRACT).kind)
        except Refused as refusal:
            outcomes.add(refusal.reason.code)
    assert {"keras", "damaged", "truncated"} <= outcomes


def test_models_that_were_left_are_named(tmp_path: Path, into: Path) -> None:
    (tmp_path / "project.zip").write_bytes(zipped({"best.h5": HDF5, "mymodel.h5": HDF5, "old/first.h5": HDF5}))
    assert stage(tmp_path / "project.zip", into, CONTRACT).others == ("best.h5", "old/first.h5")


def test_several_models_of_other_names_are_listed(tmp_path: Path, into: Path) -> None:
    (tmp_path / "project.zip").write_bytes(zipped({"best.h5": HDF5, "old/first.keras": zipped(KERAS)}))
    reason = reason_of(tmp_path / "project.zip", into)
    assert reason.code == "several-models"
    assert "best.h5" in reason.found
    assert "old/first.keras" in reason.found
    assert "mymodel" in reason.expected


def test_the_model_in_a_project_folder_is_found(tmp_path: Path, into: Path) -> None:
    source = spread(tmp_path / "Category1", {"starter.py": b"x", "mymodel.h5": HDF5, "data/points.csv": b"x"})
    assert stage(source, into, CONTRACT).kind == "h5"


@pytest.mark.parametrize(
    ("folder", "encoding"),
    [
        ("表", "cp932"),
        ("ソ", "cp932"),
        ("모델", "cp949"),
        ("똠", "cp949"),
        ("功能", "big5"),
        ("模型", "gbk"),
        ("é", "cp437"),
    ],
)
def test_names_in_an_encoding_that_is_not_told(tmp_path: Path, into: Path, folder: str, encoding: str) -> None:
    """Of letters of two bytes the second may be a backslash."""
    raw, plain = f"{folder}/mymodel.h5".encode(encoding), "".join("x" for _ in folder.encode(encoding))
    content = zipped({f"{plain}/mymodel.h5": HDF5}).replace(f"{plain}/mymodel.h5".encode(), raw)
    (tmp_path / "mymodel.zip").write_bytes(content)
    assert stage(tmp_path / "mymodel.zip", into, CONTRACT).kind == "h5"


@pytest.mark.parametrize("name", ["mymodel.h5", "mymodel.keras"])
@pytest.mark.parametrize(
    "mangle",
    [
        lambda content: content.replace(b"\n", b"\r\n"),
        lambda content: content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n").replace(b"\0", b" "),
        lambda content: content.decode("utf-8", "replace").encode(),
        lambda content: content.decode("latin-1").encode(),
        lambda content: (
            content.replace(b"\r\n", b"\n") if content.startswith(b"\x89HDF") else content.replace(b"\0", b"")
        ),
    ],
    ids=["ends of lines", "editor", "replaced", "latin", "stripped"],
)
def test_a_file_that_was_changed_as_if_it_were_text_is_damaged(
    tmp_path: Path, into: Path, name: str, mangle: Callable[[bytes], bytes]
) -> None:
    noise = np.random.default_rng(1).bytes(20_000)
    content = HDF5 + noise if name == "mymodel.h5" else zipped({**KERAS, "assets/noise": noise})
    (tmp_path / name).write_bytes(mangle(content))
    reason = reason_of(tmp_path / name, into)
    assert (reason.link, reason.code) == ("format", "damaged")
    assert "text" in reason.found
    assert "binary" in reason.advice


def test_an_archive_is_no_text_at_any_minute(tmp_path: Path) -> None:
    """All its bytes beyond ASCII, and all its ends of lines, may be those of the one date that its members share."""
    path = tmp_path / "mymodel.keras"
    moment = (2026, 11, 30, 13, 57, 8)
    content = zipped({zipfile.ZipInfo(f"assets/{number}", moment): b"" for number in range(1800)})
    for hour, minute in itertools.product(range(24), range(60)):
        path.write_bytes(content.replace(time_of_day(*moment[3:]), time_of_day(hour, minute, 26)))
        assert not foreign_formats.was_text(path), (hour, minute)


def time_of_day(hour: int, minute: int, second: int) -> bytes:
    """As a zip archive keeps it."""
    return struct.pack("<H", hour << 11 | minute << 5 | second // 2)


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"model.json": b"{}", "metadata.json": b"{}", "weights.bin": b"x"}, "tensorflow-js"),
        ({"model.json": b"{}", "group1-shard1of1.bin": b"x"}, "tensorflow-js"),
        ({"config.json": b"{}", "model.safetensors": b"x", "tokenizer.json": b"{}"}, "hugging-face"),
    ],
)
def test_models_of_other_libraries_are_named(tmp_path: Path, into: Path, files: dict[str, bytes], code: str) -> None:
    (tmp_path / "mymodel.zip").write_bytes(zipped(files))
    assert reason_of(tmp_path / "mymodel.zip", into).code == code


@pytest.mark.parametrize("offset", [512, 1024, 4096, 32768])
def test_an_archive_with_weights_where_a_user_block_may_end_is_an_archive(
    tmp_path: Path, into: Path, offset: int
) -> None:
    """.keras archives are stored, not compressed, and such an offset comes by chance."""
    files = {"config.json": b"{}", "metadata.json": b"{}", "model.weights.h5": HDF5}
    start = zipped(files, zipfile.ZIP_STORED).index(HDF5)
    content = zipped({**files, "config.json": b"{}" + b" " * (offset - start)}, zipfile.ZIP_STORED)
    assert content.index(HDF5) == offset
    (tmp_path / "mymodel.keras").write_bytes(content)
    assert stage(tmp_path / "mymodel.keras", into, CONTRACT).kind == "keras"
