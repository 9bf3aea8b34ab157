"""Packs as files: the same bytes for the same pack, unpacked without trust, installed in one step."""

from __future__ import annotations

import json
import os
import random
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from mockexam.errors import RefusalError
from mockexam.packs.authoring import archive
from mockexam.packs.authoring.installing import install, remove
from mockexam.packs.catalogue import Catalogue
from mockexam.packs.format.faults import PackError
from mockexam.packs.format.reading import read_pack
from tests.packs.small_pack import write_hidden

Write = Callable[..., Path]


@pytest.fixture
def root(write_pack: Write) -> Path:
    """A pack that can be installed."""
    root = write_pack()
    for name in ("starter.py", "solution.py"):
        (root / "line" / name).write_text('model.save("mymodel.h5")  # YOUR CODE HERE\n')
    write_hidden(root / "line" / "hidden" / "hidden.npz", 200)
    return root


@pytest.fixture
def packed(root: Path, tmp_path: Path) -> Path:
    archive.build(read_pack(root), tmp_path / "small.zip")
    return tmp_path / "small.zip"


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def names(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as opened:
        return set(opened.namelist())


def test_an_archive_is_the_same_whenever_and_wherever_it_is_built(root: Path, packed: Path, tmp_path: Path) -> None:
    for number, path in enumerate(sorted(root.rglob("*"), reverse=True)):
        os.utime(path, (number * 10_000_000, number * 10_000_000))
        path.chmod(0o700)
    (root / "line" / "__pycache__").mkdir()
    (root / "line" / "__pycache__" / "solution.pyc").write_text("")
    archive.build(read_pack(root), tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == packed.read_bytes()


def test_a_full_archive_comes_out_as_it_went_in(root: Path, packed: Path, tmp_path: Path) -> None:
    pack = read_pack(archive.unpack(packed, tmp_path / "out"))
    assert pack.digest == read_pack(root).digest == archive.read_label(packed).digest
    assert pack.problems[0].solution_path.is_file()


def test_a_public_archive_has_what_candidates_may_have(write_generator_pack: Write, tmp_path: Path) -> None:
    root = write_generator_pack()
    (root / "line" / "statement.md").write_text("The slope is {{slope}}; {{target}}.")
    (root / "line" / "hints.md").write_text("Think.")
    targets = [tmp_path / "one.zip", tmp_path / "two.zip", tmp_path / "other.zip"]
    for target, seed in zip(targets, (5, 5, 6), strict=True):
        pack = read_pack(root)
        archive.build_public(pack, target, seed=seed, cache=tmp_path / target.stem, progress=lambda *_: None)
    folder = "drawn/Category1-line"
    files = {f"{folder}/PROBLEM.md", f"{folder}/starter.py", f"{folder}/data/points.csv", "mockexam-pack.json"}
    assert names(targets[0]) == files
    assert targets[0].read_bytes() == targets[1].read_bytes()
    with zipfile.ZipFile(targets[0]) as one, zipfile.ZipFile(targets[2]) as other:
        assert "{{" not in one.read(f"{folder}/PROBLEM.md").decode()
        assert one.read(f"{folder}/data/points.csv") != other.read(f"{folder}/data/points.csv")
    with pytest.raises(RefusalError, match="it has no hidden sets"):
        archive.unpack(targets[0], tmp_path / "out")


def altered(packed: Path, info: zipfile.ZipInfo | str, content: bytes = b"x") -> Path:
    target = packed.with_name("altered.zip")
    target.write_bytes(packed.read_bytes())
    with zipfile.ZipFile(target, "a") as opened:
        opened.writestr(info, content)
    return target


def link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("small/line/link")
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def bomb() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("small/line/data/zeros")
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


@pytest.mark.parametrize(
    ("info", "content", "found"),
    [
        ("/etc/passwd", b"x", "leaves the archive"),
        ("../outside", b"x", "leaves the archive"),
        ("small/../../outside", b"x", "leaves the archive"),
        ("small//x", b"x", "leaves the archive"),
        ("C:/x", b"x", "leaves the archive"),
        ("small\\..\\x", b"x", "leaves the archive"),
        ("other/x", b"x", "outside small/"),
        ("small/PACK.TOML", b"x", "twice"),
        ("small/pack.toml/x", b"x", "as a file and as a folder"),
        ("small/" + "a" * 300, b"x", "too long"),
        ("small/" + "a/" * 2000 + "x", b"x", "too long"),
        (link(), b"/etc/passwd", "a link"),
        (bomb(), bytes(4 << 20), "far bigger"),
        ("small/line/extra.txt", b"x", "digest"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else None,
)
def test_archives_are_unpacked_without_trust(
    packed: Path, tmp_path: Path, info: zipfile.ZipInfo | str, content: bytes, found: str
) -> None:
    with pytest.raises(RefusalError) as caught:
        archive.unpack(altered(packed, info, content), tmp_path / "deep" / "out")
    assert found in f"{caught.value.expected}: {caught.value.found}"
    assert not (tmp_path / "outside").exists()
    assert not (tmp_path / "deep" / "outside").exists()


def test_what_is_no_archive_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_text("not a zip")
    with pytest.raises(RefusalError, match="an archive of a pack"):
        archive.unpack(tmp_path / "x.zip", tmp_path / "out")


@pytest.mark.parametrize("change", [{"id": "../evil"}, {"id": ""}, {"id": 3}, {"digest": None}])
def test_a_label_that_is_made_up_is_refused(packed: Path, tmp_path: Path, change: dict[str, object]) -> None:
    with zipfile.ZipFile(packed) as one, zipfile.ZipFile(tmp_path / "other.zip", "w") as other:
        for info in one.infolist():
            content = one.read(info)
            other.writestr(
                info, json.dumps(json.loads(content) | change) if info.filename == archive.LABEL else content
            )
    with pytest.raises(RefusalError, match="an archive of a pack"):
        archive.unpack(tmp_path / "other.zip", tmp_path / "out")


def test_whatever_is_damaged_is_refused_in_words(root: Path, packed: Path, tmp_path: Path) -> None:
    whole, rng = packed.read_bytes(), random.Random(1)
    refusals: list[RefusalError] = []
    for number in range(150):
        damaged = bytearray(whole)
        for _ in range(rng.choice((1, 3, 20))):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        (tmp_path / "damaged.zip").write_bytes(damaged[: rng.choice((len(whole), rng.randrange(len(whole))))])
        try:
            found = archive.unpack(tmp_path / "damaged.zip", tmp_path / str(number))
        except RefusalError as refusal:
            refusals.append(refusal)
        else:  # bytes that mean nothing, such as a time stamp
            assert contents(found) == contents(root), number
    assert len(refusals) > 100
    assert all(one.expected and one.found and one.advice for one in refusals)


def test_data_that_shrinks_like_a_bomb_can_be_handed_out(root: Path, tmp_path: Path) -> None:
    (root / "line" / "data" / "zeros.bin").write_bytes(bytes(3 << 20))
    archive.build(read_pack(root), tmp_path / "zeros.zip")
    assert archive.unpack(tmp_path / "zeros.zip", tmp_path / "out").is_dir()


def test_a_cut_archive_is_told(packed: Path, tmp_path: Path) -> None:
    content = packed.read_bytes()
    middle = content.index(b"hidden.npz") + 60
    packed.write_bytes(content[:middle] + bytes(40) + content[middle + 40 :])
    with pytest.raises(RefusalError, match="damaged on its way"):
        archive.unpack(packed, tmp_path / "out")


@pytest.mark.parametrize("kind", ["archive", "folder"])
def test_installing_and_removing(root: Path, packed: Path, tmp_path: Path, kind: str) -> None:
    user = tmp_path / "user"
    pack = install(packed if kind == "archive" else root, user)
    assert pack.root == user / "small"
    catalogue = Catalogue(user)
    assert catalogue.pack("small").digest == read_pack(root).digest
    assert remove("small", catalogue, user) == user / "small"
    assert "small" not in {pack.id for pack in catalogue.packs()}
    assert list(user.iterdir()) == []


def test_a_faulty_pack_is_not_installed(root: Path, tmp_path: Path) -> None:
    (root / "line" / "solution.py").write_text("def (")
    with pytest.raises(PackError) as caught:
        install(root, tmp_path / "user")
    assert {fault.file for fault in caught.value.faults} == {root / "line" / "solution.py"}
    assert list((tmp_path / "user").iterdir()) == []


def test_an_interrupted_replacement_leaves_the_old_pack(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user, rename = tmp_path / "user", Path.rename
    installed = install(root, user)

    def interrupted(self: Path, target: Path) -> Path:
        if target == installed.root and self.name == "pack":
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        install(root, user, replace=True)
    assert read_pack(user / "small").digest == installed.digest
    assert [path.name for path in user.iterdir()] == ["small"]


def test_an_installed_pack_is_replaced_only_when_asked(root: Path, tmp_path: Path) -> None:
    user = tmp_path / "user"
    install(root, user)
    text = (root / "pack.toml").read_text()
    (root / "pack.toml").write_text(text.replace("1.0.0", "1.1.0"))
    with pytest.raises(RefusalError, match="--replace"):
        install(root, user)
    assert read_pack(user / "small").version == "1.0.0"
    assert install(root, user, replace=True).version == "1.1.0"
    assert [path.name for path in user.iterdir()] == ["small"]


def test_the_built_in_packs_id_is_taken(root: Path, tmp_path: Path) -> None:
    text = (root / "pack.toml").read_text()
    (root / "pack.toml").write_text(text.replace('"small"', '"tensorflow-developer"'))
    with pytest.raises(RefusalError, match="mockexam has too"):
        install(root, tmp_path / "user")


def test_what_is_not_the_users_is_not_removed(tmp_path: Path) -> None:
    with pytest.raises(RefusalError, match="pip uninstall mockexam"):
        remove("tensorflow-developer", Catalogue(tmp_path), tmp_path)
    with pytest.raises(RefusalError, match='none called "nothing"'):
        remove("nothing", Catalogue(tmp_path), tmp_path)


def test_a_broken_pack_can_be_removed(root: Path, tmp_path: Path) -> None:
    user = tmp_path / "user"
    install(root, user)
    (user / "small" / "pack.toml").write_text("not = [toml")
    remove("small", Catalogue(user), user)
    assert list(user.iterdir()) == []


def test_a_linked_pack_loses_its_link_and_nothing_else(root: Path, tmp_path: Path) -> None:
    user = tmp_path / "user"
    user.mkdir()
    (user / "mine").symlink_to(root, target_is_directory=True)
    before = read_pack(root).digest
    assert remove("small", Catalogue(user), user) == user / "mine"
    assert list(user.iterdir()) == []
    assert read_pack(root).digest == before


def test_the_label_says_what_is_in_it(packed: Path) -> None:
    with zipfile.ZipFile(packed) as opened:
        label = json.loads(opened.read("mockexam-pack.json"))
    assert {key: label[key] for key in ("id", "version", "kind")} == {"id": "small", "version": "1.0.0", "kind": "full"}
