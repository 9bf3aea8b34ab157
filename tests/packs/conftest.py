"""A small pack of one problem, written wherever a test wants it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.packs.small_pack import GENERATOR, PACK, PROBLEM, write_hidden


@pytest.fixture
def write_pack(tmp_path: Path) -> Callable[..., Path]:
    """Writes the small pack into a folder, with texts of the two TOML files replaced: write_pack(name, {old: new})."""

    def write(name: str = "small", replace: dict[str, str] | None = None) -> Path:
        pack, problem = PACK.replace('"small"', f'"{name}"'), PROBLEM
        for old, new in (replace or {}).items():
            assert old in pack + problem, f"the small pack doesn't say {old!r}"
            pack, problem = pack.replace(old, new), problem.replace(old, new)
        root = tmp_path / "packs" / name
        folder = root / "line"
        (folder / "data").mkdir(parents=True)
        (root / "pack.toml").write_text(pack, "utf-8")
        (folder / "problem.toml").write_text(problem, "utf-8")
        (folder / "statement.md").write_text("# {{title}}\n\nReach {{target}}.\n", "utf-8")
        (folder / "starter.py").write_text("model = None  # YOUR CODE HERE\n", "utf-8")
        (folder / "solution.py").write_text("model = 'trained'\n", "utf-8")
        (folder / "data" / "points.csv").write_text("0,0\n1,3\n", "utf-8")
        write_hidden(folder / "hidden" / "hidden.npz")
        return root

    return write


@pytest.fixture
def write_generator_pack(write_pack: Callable[..., Path]) -> Callable[..., Path]:
    """The small pack with its data drawn from the seed: write_generator_pack(generator_source)."""

    def write(source: str = GENERATOR, **replace: str) -> Path:
        root = write_pack("drawn", {'kind = "files"': 'kind = "generator"', **replace})
        (root / "line" / "generator.py").write_text(source, "utf-8")
        (root / "line" / "hidden" / "hidden.npz").unlink()
        return root

    return write
