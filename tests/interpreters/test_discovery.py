"""Finding Pythons by reading files: every kind, each once, harmless whatever lies there, and nothing executed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mockexam.interpreters.discovery import found
from mockexam.interpreters.doubts import doubts
from mockexam.interpreters.interpreter import Interpreter
from mockexam.interpreters.reading import Reader
from tests.interpreters import trees

Seen = tuple[str, str, int | None]


@pytest.fixture
def project(home: Path) -> Path:
    folder = home / "work" / "exam"
    folder.mkdir(parents=True)
    return folder


def look(project: Path | None = None, reader: Reader | None = None, system: tuple[Path, ...] = ()) -> list[Interpreter]:
    """What is found below the test's home and on its PATH."""
    return found(project, reader=reader, system=system, optional=Path.home() / "opt")


def seen(project: Path | None = None, system: tuple[Path, ...] = ()) -> list[Seen]:
    return [(one.kind, one.python, one.keras) for one in look(project, system=system)]


@pytest.mark.parametrize(
    ("place", "version", "variables"),
    [
        (".pyenv/versions/3.8.18", "3.8.18", {}),
        ("elsewhere/versions/3.9.1", "3.9.1", {"PYENV_ROOT": "elsewhere"}),
    ],
)
def test_pyenv(
    home: Path, place: str, version: str, variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, folder in variables.items():
        monkeypatch.setenv(name, str(home / folder))
    trees.installed(home / place, version.rpartition(".")[0])
    (home / place).parents[1].joinpath("shims").mkdir()
    assert seen() == [("pyenv", version, None)]


def test_uv_tells_the_version_by_its_folder(home: Path) -> None:
    root = home / ".local/share/uv/python"
    trees.installed(root / "cpython-3.12.4-linux-x86_64-gnu", "3.12")
    (root / "cpython-3.12-linux-x86_64-gnu").symlink_to(root / "cpython-3.12.4-linux-x86_64-gnu")
    assert seen() == [("uv", "3.12.4", None)]


def test_conda_roots_environments_and_its_own_list(home: Path) -> None:
    trees.conda(home / "miniconda3", "3.11.5")
    trees.conda(home / "miniconda3/envs/tf", "3.8.18")
    trees.conda(home / "opt/conda", "3.10.2")
    trees.conda(home / "far/away", "3.9.7")
    (home / ".conda").mkdir()
    (home / ".conda/environments.txt").write_text(f"{home / 'far/away'}\n{home / 'gone'}\nrelative\n\0\n")
    trees.package(trees.site_of(home / "miniconda3/envs/tf", "3.8"), "tensorflow", "2.10.0")
    assert seen() == [
        ("conda", "3.8.18", 2),
        ("conda", "3.11.5", None),
        ("conda", "3.10.2", None),
        ("conda", "3.9.7", None),
    ]


@pytest.mark.parametrize(
    "place",
    [
        "work/exam/.venv",
        "work/beside",
        ".venv",
        "work/.venv",
        ".virtualenvs/tf",
        ".local/share/virtualenvs/exam-Ab12",
        ".cache/pypoetry/virtualenvs/exam-py3.8",
        "PycharmProjects/course/venv",
    ],
)
def test_an_environment_where_its_tools_put_it(home: Path, project: Path, place: str) -> None:
    base = home / "base"
    trees.installed(base, "3.8", patch="3.8.18")
    executable = trees.venv(home / place, base, "3.8.18")
    trees.package(trees.site_of(home / place, "3.8"), "tensorflow_cpu", "2.10.1", "tensorflow")
    (one,) = look(project)
    assert (one.kind, one.python, one.keras, one.executable) == ("venv", "3.8.18", 2, executable)
    assert one.versions == {"tensorflow-cpu": "2.10.1"}


def test_the_active_environment_comes_before_others(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = home / "base"
    trees.installed(base, "3.9")
    for name in ("a", "b"):
        trees.venv(home / ".virtualenvs" / name, base, "3.9.2")
    monkeypatch.setenv("VIRTUAL_ENV", str(home / ".virtualenvs" / "b"))
    assert [one.prefix.name for one in look()] == ["b", "a"]


@pytest.mark.parametrize(
    ("key", "value"), [("version", "3.8.18"), ("version_info", "3.8.18.final.0"), ("version_info", "3.8.18")]
)
def test_venv_virtualenv_and_uv_write_the_version_differently(home: Path, key: str, value: str) -> None:
    base = home / "base"
    trees.installed(base, "3.8")
    trees.venv(home / ".virtualenvs/x", base, "3.8.18", key=key)
    assert seen() == [("venv", "3.8.18", None)]


def test_a_version_that_the_folders_contradict_isnt_believed(home: Path) -> None:
    base = home / "base"
    trees.installed(base, "3.8", patch="3.8.18")
    trees.venv(home / ".virtualenvs/x", base, "3.8.18")
    configuration = home / ".virtualenvs/x/pyvenv.cfg"
    configuration.write_text(configuration.read_text().replace("3.8.18", "3.13.0"))
    assert seen() == [("venv", "3.8.18", None)]


def test_an_environment_whose_python_is_gone_isnt_offered(home: Path) -> None:
    base = home / "base"
    trees.installed(base, "3.8")
    trees.venv(home / ".virtualenvs/x", base, "3.8.18")
    (base / "bin/python3.8").unlink()
    assert seen() == []


def test_path_links_are_followed_and_shims_are_not(home: Path, tmp_path: Path) -> None:
    trees.installed(home / "opt-python", "3.10", patch="3.10.9")
    path = tmp_path / "path"
    path.mkdir()
    (path / "python3.10").symlink_to(home / "opt-python/bin/python3.10")
    (path / "python3").symlink_to("python3.10")
    mark = tmp_path / "executed"
    shim = path / "python3.9"
    shim.write_text(f"#!/bin/sh\ntouch {mark}\n")
    shim.chmod(0o755)
    trees.program(path / "python3-config")
    (one,) = look()
    assert (one.kind, one.python, one.executable) == ("system", "3.10.9", path / "python3.10")
    assert not mark.exists()


def test_debians_packages_and_the_users_own(home: Path, tmp_path: Path) -> None:
    root = tmp_path / "usr"
    trees.installed(root, "3.11")
    trees.package(root / "lib/python3/dist-packages", "apt_pkg", "1.0")
    trees.package(root / "local/lib/python3.11/dist-packages", "tensorflow", "2.15.0")
    trees.package(home / ".local/lib/python3.11/site-packages", "pandas", "2.0.3")
    (one,) = look(system=(root / "bin",))
    assert one.versions == {"apt-pkg": "1.0", "tensorflow": "2.15.0", "pandas": "2.0.3"}
    assert (one.python, one.keras) == ("3.11", 2)


def test_packages_for_everybody_are_in_local_where_there_is_no_debian(home: Path, tmp_path: Path) -> None:
    root = tmp_path / "usr"
    trees.installed(root, "3.12")
    trees.package(root / "local/lib64/python3.12/site-packages", "tensorflow", "2.15.0")
    (one,) = look(system=(root / "bin",))
    assert one.tensorflow == "2.15.0"


def test_a_python_built_into_applications_has_the_users_packages_there(home: Path) -> None:
    root = home / "Python.framework/Versions/3.12"
    trees.installed(root, "3.12", patch="3.12.1")
    trees.package(home / "Library/Python/3.12/lib/python/site-packages", "pandas", "2.2.0")
    trees.package(home / ".local/lib/python3.12/site-packages", "torch", "2.2.0")
    (one,) = look(system=(root / "bin",))
    assert one.versions == {"pandas": "2.2.0"}


@pytest.mark.parametrize("system", [True, False])
def test_an_environment_sees_the_packages_of_its_base_if_it_says_so(home: Path, system: bool) -> None:
    base = home / "base"
    trees.installed(base, "3.8")
    trees.package(trees.site_of(base, "3.8"), "tensorflow", "2.13.1")
    trees.package(trees.site_of(base, "3.8"), "numpy", "1.21")
    trees.venv(home / ".virtualenvs/x", base, "3.8.18", system=system)
    trees.package(trees.site_of(home / ".virtualenvs/x", "3.8"), "numpy", "1.24")
    (one,) = look()
    assert one.versions == ({"tensorflow": "2.13.1", "numpy": "1.24"} if system else {"numpy": "1.24"})


def test_keras_2_beside_keras_3_is_offered_as_well(home: Path) -> None:
    site = trees.library(home / ".pyenv/versions/3.12.1", "3.12")
    trees.program(home / ".pyenv/versions/3.12.1/bin/python3.12")
    trees.package(site, "tensorflow", "2.18.0")
    assert [(one.keras, one.legacy) for one in look()] == [(3, False)]
    trees.package(site, "tf_keras", "2.18.0")
    assert [(one.keras, one.legacy) for one in look()] == [(3, False), (2, True)]


def test_older_ones_and_others_are_left_out(home: Path) -> None:
    for version in ("3.6.15", "2.7.18"):
        trees.installed(home / ".pyenv/versions" / version, version.rpartition(".")[0])
    other = home / ".pyenv/versions/pypy3.9-7.3"
    trees.library(other, "3.9")
    trees.program(other / "bin/pypy3.9")
    (other / "bin/python3.9").symlink_to("pypy3.9")
    assert seen() == []


def test_the_python_of_mockexam_itself_isnt_among_the_others(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    assert Path(sys.prefix) not in {one.prefix for one in look()}


# What a hostile or broken disk may hold


def test_hostile_files_are_harmless_and_quick(home: Path, project: Path) -> None:
    places = home / ".virtualenvs"
    for name in ("pipe", "huge", "loop", "folder", "closed", "binary"):
        (places / name / "bin").mkdir(parents=True)
    os.mkfifo(places / "pipe/pyvenv.cfg")
    os.mkfifo(places / "pipe/bin/python")
    with (places / "huge/pyvenv.cfg").open("wb") as file:
        file.truncate(1 << 40)
    (places / "loop/bin/python").symlink_to("python3")
    (places / "loop/bin/python3").symlink_to("python")
    (places / "loop/pyvenv.cfg").write_text(f"home = {places / 'loop/bin'}\nversion = 3.8.1\n")
    (places / "loop/lib").symlink_to(places)
    (places / "itself").symlink_to("itself")
    (places / "folder/pyvenv.cfg").mkdir()
    (places / "binary/pyvenv.cfg").write_bytes(b"home = \0\xff\xfe\nversion = \xff.\n" * 100)
    (home / ".conda").mkdir()
    os.mkfifo(home / ".conda/environments.txt")
    before = time.monotonic()
    assert look(project) == []
    assert time.monotonic() - before < 2.0


def test_a_folder_of_very_many_names_ends_at_a_limit(home: Path) -> None:
    places = home / ".virtualenvs"
    for number in range(300):
        (places / f"{number}").mkdir(parents=True)
    reader = Reader(entries=100)
    assert look(reader=reader) == []
    assert reader.exhausted


def test_endless_lists_of_folders_are_cut(home: Path) -> None:
    trees.installed(home / ".pyenv/versions/3.8.18", "3.8")
    site = trees.site_of(home / ".pyenv/versions/3.8.18", "3.8")
    for number in range(600):
        (site / f"f{number}").mkdir()
    for number in range(40):
        (site / f"{number}.pth").write_text("".join(f"f{one}\n" for one in range(900)) * 2)
    before = time.monotonic()
    (one,) = look()
    assert len(one.search_path()) == 500
    doubts(one, None)
    one.modules()
    assert time.monotonic() - before < 5


def test_time_that_is_up_ends_the_search(home: Path) -> None:
    trees.installed(home / ".pyenv/versions/3.8.18", "3.8")
    reader = Reader(seconds=-1)
    assert look(reader=reader) == []
    assert reader.exhausted


# Nothing is executed


def test_a_real_environment_is_found_without_running_anything_of_it(home: Path, tmp_path: Path) -> None:
    root = home / ".virtualenvs" / "real"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(root)], check=True)
    mark = tmp_path / "executed"
    site = trees.site_of(root, f"{sys.version_info[0]}.{sys.version_info[1]}")
    (site / "sitecustomize.py").write_text(f"open({str(mark)!r}, 'w')\n")
    (site / "evil.pth").write_text(f"import os; open({str(mark)!r}, 'w')\n/nowhere\n..\n")
    trees.package(site, "tensorflow", "2.15.1")
    (one,) = look()
    assert (one.prefix, one.keras, one.python) == (root, 2, ".".join(map(str, sys.version_info[:3])))
    assert {"tensorflow", "sitecustomize", "json", "zlib"} <= one.modules()
    doubts(one, tmp_path)
    assert not mark.exists()
    subprocess.run([one.executable, "-c", ""], check=True)
    assert mark.exists(), "the mark would have told"


def test_the_search_starts_no_process(home: Path) -> None:
    """Told by Python itself: an audit hook ends the process at the first attempt."""
    trees.installed(home / ".pyenv/versions/3.8.18", "3.8")
    code = """
import os, sys
def hook(event, arguments):
    if event in ("subprocess.Popen", "os.exec", "os.fork", "os.posix_spawn", "os.system", "os.spawn", "exec.other"):
        os._exit(3)
from mockexam.interpreters.discovery import found
sys.addaudithook(hook)
for one in found():
    one.modules()
print("done")
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "done\n"), ran.stderr
