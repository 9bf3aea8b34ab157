"""Which packs there are, and which form a seed draws from one."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mockexam.packs import cache
from mockexam.packs.catalogue import Catalogue, UnknownPackError, choose_form
from mockexam.packs.format.faults import PackError
from mockexam.packs.format.reading import Examined, examine, read_pack

Write = Callable[..., Path]


@pytest.fixture
def announced(tmp_path: Path, write_pack: Write) -> Iterator[Path]:
    """An installed distribution whose entry point names a package that holds a pack; its code can't be run."""
    site = tmp_path / "site"
    shutil.copytree(write_pack("course"), site / "course_pack")
    (site / "course_pack" / "__init__.py").write_text("raise AssertionError('a pack is read, not run')")
    metadata = site / "course-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: course\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[mockexam.packs]\ncourse = course_pack\n")
    sys.path.insert(0, str(site))
    yield site / "course_pack"
    sys.path.remove(str(site))


def ids(catalogue: Catalogue) -> set[str]:
    return {pack.id for pack in catalogue.packs()}


def test_packs_come_from_distributions_and_from_the_users_folder(announced: Path, write_pack: Write) -> None:
    catalogue = Catalogue(write_pack().parent)
    assert {"small", "course"} <= ids(catalogue)
    entry = next(entry for entry in catalogue.entries() if entry.root == announced)
    assert (entry.origin, entry.kind) == ("course", "distribution")
    assert "course_pack" not in sys.modules


def test_a_distribution_without_its_package_is_told(announced: Path) -> None:
    shutil.rmtree(announced)
    faults = [fault for fault in Catalogue().faults() if fault.code == "no-package"]
    assert [str(fault.advice) for fault in faults] == [
        "Install it again: python -m pip install --force-reinstall course."
    ]


def test_a_broken_pack_spoils_no_other(write_pack: Write) -> None:
    write_pack("good")
    write_pack("bad", {"difficulty = 1": "difficulty = 10"})
    catalogue = Catalogue(write_pack("fine").parent)
    assert {"good", "fine"} <= ids(catalogue)
    assert "bad" not in ids(catalogue)
    assert [fault.file.parts[-3] for fault in catalogue.faults() if fault.code == "bad-value"] == ["bad"]
    with pytest.raises(PackError, match="at most 5"):
        catalogue.pack("bad")


def test_an_unknown_pack_names_the_known_ones(write_pack: Write) -> None:
    with pytest.raises(UnknownPackError, match="small"):
        Catalogue(write_pack().parent).pack("big")


def test_the_second_pack_of_an_id_is_refused(write_pack: Write) -> None:
    folder = write_pack("one").parent
    shutil.copytree(folder / "one", folder / "two")
    catalogue = Catalogue(folder)
    assert catalogue.pack("one").root.name == "one"
    assert [fault.code for fault in catalogue.faults() if fault.file.parent.name == "two"] == ["same-id"]


def test_what_was_read_is_remembered_until_it_changes(
    write_pack: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[str] = []

    def noted(root: Path) -> Examined:
        reads.append(root.name)
        return examine(root)

    monkeypatch.setattr(cache, "examine", noted)
    root = write_pack()
    write_pack("other", {"difficulty = 1": "difficulty = 10"})

    def look() -> Catalogue:
        reads.clear()
        catalogue = Catalogue(root.parent, cache=tmp_path / "cache")
        catalogue.entries()
        return catalogue

    first = look()
    assert {"small", "other"} <= set(reads)
    again = look()
    assert reads == []
    assert again.pack("small") == first.pack("small")
    assert again.faults() == first.faults()
    problem = root / "line" / "problem.toml"
    problem.write_text(problem.read_text().replace("difficulty = 1", "difficulty = 3"))
    assert look().pack("small").problems[0].difficulty == 3
    assert reads == ["small"]
    (root / "line" / "statement.md").unlink()
    assert "small" not in ids(look())


def test_a_damaged_memory_is_as_good_as_none(write_pack: Write, tmp_path: Path) -> None:
    root = write_pack()
    cache = tmp_path / "cache"
    Catalogue(root.parent, cache=cache).entries()
    (file,) = cache.iterdir()
    file.write_bytes(file.read_bytes()[:-20])
    assert "small" in ids(Catalogue(root.parent, cache=cache))


def test_a_number_that_no_memory_can_hold_is_a_fault_like_others(write_pack: Write, tmp_path: Path) -> None:
    root = write_pack()
    file = root / "pack.toml"
    file.write_text(file.read_text().replace("format = 1", f"format = {10**40}"))

    for _ in range(2):
        (entry,) = [one for one in Catalogue(root.parent, cache=tmp_path / "cache").entries() if one.root == root]
        assert [fault.code for fault in entry.faults] == ["newer-format"]


def test_an_unwritable_cache_changes_nothing(write_pack: Write, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    assert "small" in ids(Catalogue(write_pack().parent, cache=tmp_path / "cache"))


def bank(write_pack: Write, problems: int) -> Path:
    root = write_pack("bank", {"weights = { 1 = 100 }": "weights = { 1 = 40, 3 = 60 }"})
    text = (root / "line" / "problem.toml").read_text()
    for category in (1, 3):
        for number in range(problems):
            name = f"p{category}{number}"
            shutil.copytree(root / "line", root / name)
            changed = text.replace('"line"', f'"{name}"').replace("6f0c1a52", f"6f0c1a{category}{number}")
            (root / name / "problem.toml").write_text(changed.replace("category = 1", f"category = {category}"))
    shutil.rmtree(root / "line")
    return root


def test_a_form_has_one_problem_of_each_category_and_follows_the_seed(write_pack: Write) -> None:
    pack = read_pack(bank(write_pack, 4))
    forms = [choose_form(pack, seed) for seed in range(40)]
    assert all([problem.category for problem in form] == [1, 3] for form in forms)
    assert [choose_form(pack, seed) for seed in range(40)] == forms
    assert {problem.id for form in forms for problem in form} == {problem.id for problem in pack.problems}


def test_a_retake_meets_other_problems_while_there_are_any(write_pack: Write) -> None:
    pack = read_pack(bank(write_pack, 3))
    met: list[str] = []
    for seed in range(3):
        form = choose_form(pack, seed, met)
        assert not {problem.uuid for problem in form} & set(met)
        met += [problem.uuid for problem in form]
    assert [problem.category for problem in choose_form(pack, 4, met)] == [1, 3]


def test_dot_folders_and_files_are_no_packs(write_pack: Write) -> None:
    folder = write_pack().parent
    (folder / ".trash").mkdir()
    (folder / "notes.txt").write_text("")
    assert [entry.root.name for entry in Catalogue(folder).entries() if entry.kind == "folder"] == ["small"]


def test_a_link_to_nowhere_spoils_no_pack(write_pack: Write) -> None:
    root = write_pack()
    for place in (root.parent / "loop", root / "loop"):
        place.symlink_to(place)
    assert [pack.id for pack in Catalogue(root.parent).packs() if pack.root == root] == ["small"]
