"""Write a new pack, or a new problem into a pack, that trains and passes as it is: `mockexam pack new`."""

from __future__ import annotations

import re
import shutil
import uuid
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from graders.sentences import sentence
from mockexam.errors import RefusalError
from mockexam.exam import form

# untranslated: a program reads it
PACK = """\
format = 1
id = "{id}"
title = "{title}"
version = "0.1.0"
license = "CC0-1.0"
authors = ["{author}"]

[form]
minutes = {minutes}
pass_mark = {pass_mark}
weights = {weights}
# What a score may tell of the hidden rows can be limited; docs/packs.md says how, as in
# max_submissions = 20
# cooldown = 60
"""

# untranslated: a program reads it
PROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{id}"
version = "0.1.0"
description = "A problem pack for mockexam"
dependencies = ["mockexam"]

# This is how mockexam finds the pack: the package that holds pack.toml.
[project.entry-points."mockexam.packs"]
{id} = "{package}"

[tool.hatch.build.targets.wheel]
packages = ["{package}"]
"""


def new_pack(folder: Path, categories: Sequence[int], *, author: str, as_package: bool = False) -> list[Path]:
    """Write a pack with a sample problem of each category into `folder`; returns the problems' folders.

    With `as_package` the pack goes into a Python package below `folder`, beside a pyproject.toml that announces it.
    When `folder` holds a pack already, the problems are added to it. Raises RefusalError when something is in the way.
    """
    folder = folder.absolute()
    root = folder
    if (folder / "pack.toml").is_file():
        return [_add(folder, category) for category in categories]
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        advice = sentence("Give a folder that doesn't exist yet, or one with a pack.toml to add a problem to.")
        found = sentence("{folder}, which holds other things", folder=folder)
        raise RefusalError(sentence("a new or empty folder, or a pack"), found, advice)
    name = identifier(folder.name)
    if as_package:
        root = folder / name.replace("-", "_")
        root.mkdir(parents=True)
        # untranslated: source code
        (root / "__init__.py").write_text(f'"""The problem pack {name}."""\n', "utf-8")
        (folder / "pyproject.toml").write_text(PROJECT.format(id=name, package=root.name), "utf-8")
    root.mkdir(parents=True, exist_ok=True)
    weights = ", ".join(f"{category} = {points}" for category, points in shares(categories).items())
    text = PACK.format(
        id=name,
        title=_title(name),
        author=_quoted(author),
        minutes=form.MINUTES,
        pass_mark=form.PASS_MARK,
        weights=f"{{ {weights} }}",
    )
    (root / "pack.toml").write_text(text, "utf-8")
    return [_add(root, category) for category in categories]


def shares(categories: Sequence[int]) -> dict[int, int]:
    """Points of the chosen categories, in the proportions of the standard exam and 100 in all."""
    standard = {category: form.WEIGHTS[category] for category in sorted(set(categories))}
    total, left, result = sum(standard.values()), 100, {}
    for category, points in standard.items():
        total -= points
        result[category] = left if total == 0 else round(left * points / (points + total))
        left -= result[category]
    return result


def identifier(name: str) -> str:
    """`name` as an id: lower-case letters, digits and single hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "my-pack"


def _add(root: Path, category: int) -> Path:
    """Write the sample problem of `category` into the pack in `root`, under a name that is free."""
    sample = form.CATEGORIES[category].sample
    name, number = sample, 2
    while (root / name).exists():
        name, number = f"{sample}-{number}", number + 1
    folder = root / name
    try:
        folder.mkdir()
        for template in files("mockexam.packs").joinpath("templates", f"category{category}").iterdir():
            if template.name.endswith(".template"):
                text = template.read_text("utf-8").replace("@ID@", name).replace("@UUID@", str(uuid.uuid4()))
                (folder / template.name.removesuffix(".template")).write_text(text, "utf-8")
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder


def _title(name: str) -> str:
    return name.replace("-", " ").capitalize()


def _quoted(text: str) -> str:
    """`text` as the inside of a TOML string."""
    return re.sub(r"[\x00-\x1f]", " ", text).replace("\\", "\\\\").replace('"', '\\"')
