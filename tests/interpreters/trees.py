"""Folders that look like a Python's: executables that are none, and that tell when somebody runs them."""

from __future__ import annotations

from pathlib import Path

PROGRAM = b"\x7fELF\x02\x01\x01 no program at all"
SITE = "site-packages"


def program(path: Path) -> Path:
    """A file that begins as a program does; running it fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(PROGRAM)
    path.chmod(0o755)
    return path


def library(root: Path, short: str, *, patch: str = "") -> Path:
    """The standard library below `root`; `patch` is written into the header. Returns its site-packages."""
    folder = root / "lib" / f"python{short}"
    (folder / "lib-dynload").mkdir(parents=True)
    for name in ("os.py", "json/__init__.py", "lib-dynload/_csv.cpython-38-x86_64-linux-gnu.so"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
    if patch:
        header = root / "include" / f"python{short}" / "patchlevel.h"
        header.parent.mkdir(parents=True)
        header.write_text(f'#define PY_MAJOR_VERSION 3\n#define PY_VERSION      \t"{patch}"\n')
    (folder / SITE).mkdir()
    return folder / SITE


def installed(root: Path, short: str, *, patch: str = "") -> Path:
    """A Python with its own library, as pyenv, uv and systems have it. Returns its executable."""
    library(root, short, patch=patch)
    executable = program(root / "bin" / f"python{short}")
    for name in ("python3", "python"):
        (root / "bin" / name).symlink_to(executable.name)
    return executable


def conda(root: Path, version: str) -> Path:
    """A conda environment. Returns its executable."""
    short = version.rpartition(".")[0]
    installed(root, short)
    (root / "conda-meta").mkdir()
    (root / "conda-meta" / f"python-{version}-h955ad1f_0.json").write_text("{}")
    (root / "conda-meta" / "python-dateutil-2.8.2-pyhd3eb1b0_0.json").write_text("{}")
    return root / "bin" / "python"


def venv(root: Path, base: Path, version: str, *, key: str = "version", system: bool = False) -> Path:
    """An environment made by `base`, the root of an installed Python. Returns its executable."""
    short = version.rpartition(".")[0]
    (root / "lib" / f"python{short}" / SITE).mkdir(parents=True)
    (root / "bin").mkdir()
    (root / "bin" / "python").symlink_to(base / "bin" / f"python{short}")
    lines = [
        f"home = {base / 'bin'}",
        f"include-system-site-packages = {str(system).lower()}",
        f"{key} = {version}",
    ]
    (root / "pyvenv.cfg").write_text("\n".join(lines) + "\n")
    return root / "bin" / "python"


def package(site: Path, name: str, version: str, *modules: str) -> None:
    """A distribution that brings empty modules, its own name if none are given."""
    site.mkdir(parents=True, exist_ok=True)
    (site / f"{name}-{version}.dist-info").mkdir()
    for module in modules or (name,):
        (site / module).mkdir()
        (site / module / "__init__.py").touch()


def site_of(root: Path, short: str) -> Path:
    """The folder of an installation's or environment's packages."""
    return root / "lib" / f"python{short}" / SITE
