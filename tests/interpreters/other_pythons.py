"""Virtual environments of other Pythons with their TensorFlow, for the tests of what runs in a candidate's own Python.

    python -m tests.interpreters.other_pythons [FOLDER]

makes those that are missing, of Pythons that are on this machine already; tests get them by the fixture `other_python`.
Nothing is made during tests: three installations are 6 GB. An environment counts once `made.txt` stands in it, which is
written last.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER_VARIABLE = "MOCKEXAM_OTHER_PYTHONS"
MADE = "made.txt"
PYTHON_FOLDERS = (
    "~/.pyenv/versions/{version}.*/bin/python3",
    "~/.local/share/uv/python/cpython-{version}.*/bin/python3",
    "/opt/hostedtoolcache/Python/{version}.*/x64/bin/python3",
)
# The longest that one installation may take, in seconds.
INSTALLATION_TIME = 900.0


@dataclass(frozen=True)
class Recipe:
    """An environment: which Python, as "3.8", and what pip installs into it."""

    name: str
    version: str
    requirements: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join((self.version, *self.requirements)) + "\n"


RECIPES = (
    Recipe("py38-tf213", "3.8", ("tensorflow==2.13.1", "matplotlib==3.7.5")),
    Recipe("py310-tf215", "3.10", ("tensorflow==2.15.1", "matplotlib==3.8.4")),
    Recipe("py313-tf", "3.13", ("tensorflow==2.21.0", "tf_keras==2.21.0", "matplotlib==3.11.2")),
)


def default_folder(environment: Mapping[str, str]) -> Path:
    """Where environments are: what the variable names, else the user's cache."""
    if named := environment.get(FOLDER_VARIABLE):
        return Path(named)
    return Path(environment.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "mockexam-tests" / "other-pythons"


def plain_python(version: str) -> Path | None:
    """A Python of that version ("3.7") on this machine, with nothing installed for us; None where there is none."""
    for pattern in PYTHON_FOLDERS:
        for found in sorted(Path("/").glob(str(Path(pattern.format(version=version)).expanduser())[1:])):
            return found
    on_path = shutil.which(f"python{version}")
    return Path(on_path) if on_path else None


def environment_python(name: str, folder: Path) -> tuple[Path | None, str]:
    """The Python of an environment that was made after today's recipe, and why there is none."""
    return _made(next(recipe for recipe in RECIPES if recipe.name == name), folder)


def _made(recipe: Recipe, folder: Path) -> tuple[Path | None, str]:
    name = recipe.name
    made = folder / name / MADE
    make_it = "python -m tests.interpreters.other_pythons"
    if not made.is_file():
        return None, f"no {name} in {folder}: {make_it} makes it where there is a Python {recipe.version}"
    if made.read_text(encoding="utf-8") != recipe.text:
        return None, f"{folder / name} was made after another recipe: {make_it} makes it anew"
    return folder / name / "bin" / "python", ""


def make(recipe: Recipe, folder: Path) -> str:
    """Make an environment, and say in a few words how that went. Raises nothing that pip or venv may cause."""
    if _made(recipe, folder)[0]:
        return "there already"
    base = plain_python(recipe.version)
    if base is None:
        return f"left out: this machine has no Python {recipe.version}"
    home = folder / recipe.name
    shutil.rmtree(home, ignore_errors=True)
    home.parent.mkdir(parents=True, exist_ok=True)
    # The variables of the Python that runs this would lead the other one astray.
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV"))}
    pip = [str(home / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    started = time.monotonic()
    for command in ([str(base), "-m", "venv", str(home)], [*pip, *recipe.requirements]):
        try:
            ended = subprocess.run(
                command, env=environment, stdin=subprocess.DEVNULL, timeout=INSTALLATION_TIME, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"left out: {error}"
        if ended.returncode:
            return f"left out: {' '.join(command)} ended with {ended.returncode}"
    (home / MADE).write_text(recipe.text, encoding="utf-8")
    return f"made in {time.monotonic() - started:.0f} s"


def main(arguments: list[str]) -> None:
    folder = Path(arguments[0]).absolute() if arguments else default_folder(os.environ)
    for recipe in RECIPES:
        print(f"{recipe.name}: {make(recipe, folder)}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
