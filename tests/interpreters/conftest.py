"""A home of its own for each test, in which no Python is found but those that it makes."""

from __future__ import annotations

from pathlib import Path

import pytest

PYENV = Path("/root/.pyenv/versions")
VARIABLES = (
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
    "CONDA_DEFAULT_ENV",
    "CONDA_EXE",
    "PYENV_ROOT",
    "MAMBA_ROOT_PREFIX",
    "UV_PYTHON_INSTALL_DIR",
    "WORKON_HOME",
    "XDG_CACHE_HOME",
    "XDG_DATA_HOME",
    "POETRY_CACHE_DIR",
    "PYTHONUSERBASE",
    "PYTHONNOUSERSITE",
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder, and a PATH that holds nothing."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return folder
