"""Finding the Pythons of this machine. Files and folders are read; nothing that is found is executed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from mockexam.interpreters.installation import (
    CONFIGURATION,
    EXECUTABLE,
    Installation,
    home_folder,
    installation_at,
    installation_of,
    own,
)
from mockexam.interpreters.interpreter import Interpreter, interpreter_of
from mockexam.interpreters.reading import Reader, is_folder

OLDEST = (3, 7)
"""The oldest Python in which what stands before a program runs."""

USUAL_NAMES = (".venv", "venv", "env", ".env")
CONDA_ROOTS = ("miniconda3", "anaconda3", "miniforge3", "mambaforge", "micromamba", ".conda", "miniconda", "anaconda")
SYSTEM_FOLDERS = (Path("/usr/local/bin"), Path("/usr/bin"), Path("/opt/homebrew/bin"))
SYSTEM_ROOTS = Path("/Library/Frameworks/Python.framework/Versions")
OPTIONAL_FOLDER = Path("/opt")
MOST_FOLDERS = 500
"""How many folders of one place are looked at."""
MOST_LEVELS = 32
"""How many folders above the project are looked at."""
MOST_FOUND = 200


def found(
    project: Path | None = None,
    *,
    reader: Reader | None = None,
    system: tuple[Path, ...] = SYSTEM_FOLDERS,
    optional: Path = OPTIONAL_FOLDER,
) -> list[Interpreter]:
    """The other Pythons of this machine, 3.7 or newer, each once: those with TensorFlow first.

    One whose TensorFlow has Keras 3 and that has tf_keras too comes twice, with each. Call it in a worker: it may take
    seconds. `reader.exhausted` tells afterwards whether a limit was reached, so that there may be more.
    """
    reader = reader or Reader()
    seen = {identity(own())}
    interpreters: list[Interpreter] = []
    for installation in _installations(project, system, optional, reader):
        if installation.version < OLDEST or (key := identity(installation)) in seen:
            continue
        seen.add(key)
        interpreters += offers(installation, reader)
        if len(interpreters) >= MOST_FOUND:
            break
    return sorted(interpreters, key=lambda interpreter: interpreter.keras is None)


def offers(installation: Installation, reader: Reader | None = None) -> list[Interpreter]:
    """The interpreters that one installation gives: two where it has both generations of Keras."""
    first = interpreter_of(installation, reader=reader)
    second = interpreter_of(installation, keras=2, reader=reader)
    return [first, second] if second.legacy else [first]


def identity(installation: Installation) -> tuple[str, tuple[int, int]]:
    """What two ways to the same Python have in common."""
    return os.path.realpath(installation.prefix), installation.version


def _installations(
    project: Path | None, system: tuple[Path, ...], optional: Path, reader: Reader
) -> Iterator[Installation]:
    for prefix in _prefixes(project, optional, reader):
        if installation := installation_at(prefix, reader):
            yield installation
    for folder in _distinct_folders(system):
        # The longest name first: python3 may lead elsewhere tomorrow, python3.11 won't.
        for name in sorted(reader.names(folder), key=len, reverse=True):
            if EXECUTABLE.fullmatch(name) and (installation := installation_of(folder / name, reader)):
                yield installation


def _prefixes(project: Path | None, optional: Path, reader: Reader) -> Iterator[Path]:
    """Folders that may be the root of a Python, the nearest first."""
    home = home_folder()
    if project is not None:
        yield from _around(project, reader)
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        if named := _named(name):
            yield named
    yield from _conda(home, optional, reader)
    for folder in (
        _named("WORKON_HOME") or home / ".virtualenvs",
        _named("XDG_DATA_HOME", "virtualenvs") or home / ".local" / "share" / "virtualenvs",
        _named("POETRY_CACHE_DIR", "virtualenvs")
        or _named("XDG_CACHE_HOME", "pypoetry", "virtualenvs")
        or home / ".cache" / "pypoetry" / "virtualenvs",
        home / "Library" / "Caches" / "pypoetry" / "virtualenvs",
        (_named("PYENV_ROOT") or home / ".pyenv") / "versions",
        _named("UV_PYTHON_INSTALL_DIR")
        or _named("XDG_DATA_HOME", "uv", "python")
        or home / ".local" / "share" / "uv" / "python",
        home / ".asdf" / "installs" / "python",
        home / ".local" / "share" / "mise" / "installs" / "python",
        SYSTEM_ROOTS,
    ):
        yield from _folders(folder, reader)
    for folder in _folders(home / "PycharmProjects", reader):
        for name in USUAL_NAMES:
            yield folder / name


def _around(project: Path, reader: Reader) -> Iterator[Path]:
    """Environments in the project, beside it under any name, and above it under the usual names."""
    for folder in (project, project.parent):
        for inner in _folders(folder, reader):
            if (inner / CONFIGURATION).is_file():
                yield inner
    for folder in project.parents[1:MOST_LEVELS]:
        for name in USUAL_NAMES:
            yield folder / name


def _conda(home: Path, optional: Path, reader: Reader) -> Iterator[Path]:
    roots = [home / name for name in CONDA_ROOTS]
    roots += [optional / name for name in ("conda", *CONDA_ROOTS)]
    if executable := os.environ.get("CONDA_EXE"):
        roots.append(Path(executable).parent.parent)
    if named := _named("MAMBA_ROOT_PREFIX"):
        roots.append(named)
    for root in roots:
        yield root
        yield from _folders(root / "envs", reader)
    for line in reader.text(home / ".conda" / "environments.txt").splitlines()[:MOST_FOLDERS]:
        if line.startswith("/"):
            yield Path(line.strip())


def _folders(folder: Path, reader: Reader) -> Iterator[Path]:
    folders = [Path(entry.path) for entry in reader.entries(folder) if is_folder(entry)]
    yield from folders[:MOST_FOLDERS]


def _distinct_folders(system: tuple[Path, ...]) -> list[Path]:
    """The folders of PATH and those where systems keep programs, each once; relative ones are nobody's."""
    named = [Path(part) for part in os.environ.get("PATH", "").split(os.pathsep) if part.startswith("/")]
    return list(dict.fromkeys([*named[:MOST_FOLDERS], *system]))


def _named(variable: str, *inside: str) -> Path | None:
    named = os.environ.get(variable, "")
    return Path(named, *inside) if named.startswith("/") else None
