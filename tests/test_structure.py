"""The packages: documented, drawn in docs/design.md as they are, and small enough to be taken in at a look."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
MOST_MODULES = 14


@pytest.fixture(scope="module")
def generator() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "docs" / "generate_tree.py"))


def test_the_tree_in_the_design_is_current(generator: dict[str, Any]) -> None:
    page = (ROOT / "docs" / "design.md").read_text("utf-8")
    assert generator["BEGIN"] in page
    assert page == generator["page"](page), "run `python docs/generate_tree.py`"


def test_each_package_says_what_belongs_there(generator: dict[str, Any]) -> None:
    packages = generator["packages"]()
    assert len(packages) > 10
    assert [folder for folder, sentence in packages.items() if not sentence.endswith(".")] == []


def test_no_package_holds_more_modules_than_can_be_taken_in() -> None:
    folders = {file.parent for top in ("graders", "mockexam") for file in (ROOT / top).rglob("*.py")}
    counts = {folder: sum(file.name != "__init__.py" for file in folder.glob("*.py")) for folder in folders}
    assert {str(folder): count for folder, count in counts.items() if count > MOST_MODULES} == {}


def test_each_folder_of_modules_is_a_package() -> None:
    folders = {file.parent for top in ("graders", "mockexam") for file in (ROOT / top).rglob("*.py")}
    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []
