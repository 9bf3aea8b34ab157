"""`pack new`: a pack that is right from the start; that it also trains and passes is tested with `pack prove`."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from mockexam.errors import RefusalError
from mockexam.packs.authoring.check import check
from mockexam.packs.authoring.new import identifier, new_pack, shares
from mockexam.packs.format.reading import read_pack


def test_a_new_pack_with_every_category_has_no_faults(tmp_path: Path) -> None:
    folder = tmp_path / "My first Pack"
    new_pack(folder, [1, 2, 3, 4, 5], author='Ada "Count" Lovelace')
    assert [str(fault) for fault in check(folder).faults] == []
    pack = read_pack(folder)
    assert (pack.id, pack.title, pack.authors) == ("my-first-pack", "My first pack", ('Ada "Count" Lovelace',))
    assert pack.form.weights == {1: 10, 2: 15, 3: 20, 4: 25, 5: 30}
    assert [problem.category for problem in pack.problems] == [1, 2, 3, 4, 5]


def test_problems_are_added_to_a_pack_under_names_of_their_own(tmp_path: Path) -> None:
    new_pack(tmp_path / "pack", [1], author="Ada")
    before = (tmp_path / "pack" / "pack.toml").read_text()
    new_pack(tmp_path / "pack", [1, 1], author="Ada")
    assert (tmp_path / "pack" / "pack.toml").read_text() == before
    pack = read_pack(tmp_path / "pack")
    assert [problem.id for problem in pack.problems] == ["line", "line-2", "line-3"]
    assert len({problem.uuid for problem in pack.problems}) == 3


def test_a_package_announces_its_pack(tmp_path: Path) -> None:
    new_pack(tmp_path / "night-class", [2], author="Ada", as_package=True)
    project = tomllib.loads((tmp_path / "night-class" / "pyproject.toml").read_text())
    assert project["project"]["entry-points"]["mockexam.packs"] == {"night-class": "night_class"}
    assert read_pack(tmp_path / "night-class" / "night_class").id == "night-class"


def test_what_is_in_the_way_stays(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(RefusalError, match="holds other things"):
        new_pack(tmp_path, [1], author="Ada")
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("categories", [(1,), (2, 3), (1, 2, 4), (1, 2, 3, 4, 5), (5, 5)])
def test_points_are_shared_out_to_the_last(categories: tuple[int, ...]) -> None:
    assert sum(shares(categories).values()) == 100
    assert set(shares(categories)) == set(categories)


def test_any_name_makes_an_id() -> None:
    assert [identifier(name) for name in ("A b", "--x__y", "시험")] == ["a-b", "x-y", "my-pack"]
