"""What README and docs/ point at is there: files, headings, tests and commands."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from mockexam import cli

ROOT = Path(__file__).parents[1]
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *(page for page in sorted((ROOT / "docs").rglob("*.md")) if "templates" not in page.parts),
]
PRESENT = [page for page in PAGES if page.name != "CHANGELOG.md"]  # which may name what is gone


def of_root(page: Path) -> str:
    return str(page.relative_to(ROOT))


def headings(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=of_root)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if target.startswith("https://"):
            continue
        name, _, anchor = target.partition("#")
        file = page.parent / name if name else page
        assert file.exists(), target
        assert not anchor or anchor in headings(file), target


@pytest.mark.parametrize("page", PRESENT, ids=of_root)
def test_tests_and_benchmarks_that_are_named_exist(page: Path) -> None:
    for name in re.findall(r"\b(?:tests|benchmarks)/[\w/]+\.py\b", page.read_text("utf-8")):
        assert (ROOT / name).is_file(), name


@pytest.mark.parametrize("page", PRESENT, ids=of_root)
def test_commands_that_are_named_exist(page: Path) -> None:
    for first, second in re.findall(r"`mockexam ([a-z][a-z-]*)(?: ([a-z]+))?\b", page.read_text("utf-8")):
        context = click.Context(cli.table)
        command = cli.table.get_command(context, first)
        assert command is not None, first
        if first == "pack" and second:
            assert isinstance(command, click.Group)
            assert command.get_command(context, second) is not None, second
