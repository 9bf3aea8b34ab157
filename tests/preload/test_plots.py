"""Figures that a program shows, kept by the part that stands before it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mockexam.preload.switches import Switches, variables

SHOWING = """
import time
import matplotlib.pyplot as plt
import matplotlib

print(matplotlib.get_backend())
plt.figure()
plt.show()  # an empty figure: nothing
figure, (left, right) = plt.subplots(1, 2)
left.plot([3, 1, 2], label="loss")
left.set(title="Learning", xlabel="epoch", ylabel="loss")
right.bar(["a", "b"], [4, 6])
right.imshow([[0, 5], [1, 2]])
figure.suptitle("Both")
figure.savefig("own.png")
began = time.monotonic()
plt.show()
print("waited" if time.monotonic() - began > 5 else "went on", plt.get_fignums())

figure, axes = plt.subplots()
axes.plot([1, 2])
figure.show()
axes.set_title("shown again")
plt.show(block=True)
print("closed", plt.get_fignums())

plt.ion()
line, = plt.plot([1, 2])
for at in range(30):
    line.set_ydata([at, at + 1])
    plt.pause(0.001)
print("stays", len(plt.get_fignums()))
plt.ioff()
plt.close("all")

import pandas
pandas.DataFrame({"a": [1, 2]}).plot()
plt.show()
plt.title("$\\\\frac{$")
plt.show()
plt.figure()
plt.plot([1, 2])
plt.title("never shown")
print("the end")
"""

CAPS = """
from mockexam_preload import plots_folder
plots_folder.MOST, plots_folder.MOST_BYTES = 3, 40_000
import matplotlib.pyplot as plt
for at in range(5):
    plt.plot([at, at + 1])
    plt.title(str(at))
    plt.show()
plots_folder.MOST_BYTES = 1
plt.plot([1])
plt.show()
"""

HANGUL = """
from mockexam_preload import plots
plots.HANGUL = ("STIXGeneral",)
import matplotlib
import matplotlib.pyplot as plt
print(matplotlib.rcParams["font.family"])
"""


def run(folder: Path, source: str, *, python: str = sys.executable, **environment: str) -> str:
    """What a program says that runs behind the part for plots."""
    (folder / "program.py").write_text(source, encoding="utf-8")
    switches = Switches(plots=folder / "figures", log=folder / "faults")
    base = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    done = subprocess.run(
        [python, "program.py"],
        cwd=folder,
        env=base | variables(switches, base) | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert not (folder / "faults").exists(), (folder / "faults").read_text()
    return done.stdout + done.stderr


def kept(folder: Path) -> list[dict[str, Any]]:
    """What the kept figures say of themselves, the oldest first."""
    names = sorted((folder / "figures").glob("*.png"))
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in names)
    return [json.loads(path.with_suffix(".json").read_text()) for path in names]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("shown")
    return folder, run(folder, SHOWING)


def test_show_neither_waits_nor_fails(shown: tuple[Path, str]) -> None:
    _, said = shown
    assert said.startswith("module://mockexam_preload.plots_backend\nwent on []\nclosed []\nstays 1\nthe end\n")
    assert said.count("can't be drawn") == 1
    assert "frac" in said


def test_each_figure_that_was_shown_is_kept_once_in_its_last_state(shown: tuple[Path, str]) -> None:
    folder, _ = shown
    both, again, live, frame = kept(folder)
    assert both["title"] == "Both"
    assert again["axes"][0]["title"] == "shown again"
    assert live["axes"][0]["series"][0]["first"] == 29.0
    assert frame["axes"][0]["series"][0]["name"] == "a"
    assert (folder / "own.png").exists()
    assert not list((folder / "figures").glob(".*"))


def test_the_words_of_a_figure(shown: tuple[Path, str]) -> None:
    left, right = kept(shown[0])[0]["axes"]
    assert (left["title"], left["x"], left["y"]) == ("Learning", "epoch", "loss")
    loss = {"kind": "line", "name": "loss", "count": 3, "first": 3.0, "last": 2.0, "least": 1.0, "greatest": 3.0}
    assert left["series"] == [loss]
    bars, image = right["series"]
    assert (bars["kind"], bars["first"], bars["last"]) == ("bars", 4.0, 6.0)
    assert (image["kind"], image["count"], image["greatest"]) == ("image", 4, 5.0)


def test_the_oldest_figures_give_way_and_that_is_noted(tmp_path: Path) -> None:
    run(tmp_path, CAPS)
    assert kept(tmp_path) == []
    assert (tmp_path / "figures" / "left-out").read_text() == "6"


def test_a_backend_that_was_named_stays(tmp_path: Path) -> None:
    source = "import matplotlib; print(matplotlib.get_backend().lower())"
    assert run(tmp_path, source, MPLBACKEND="svg") == "svg\n"
    assert run(tmp_path, f"import matplotlib; matplotlib.use('pdf'); {source}") == "pdf\n"
    (tmp_path / "matplotlibrc").write_text("backend: ps\n")
    assert run(tmp_path, source) == "ps\n"


def test_a_font_with_hangul_comes_behind_matplotlibs_own(tmp_path: Path) -> None:
    assert run(tmp_path, HANGUL) == "['sans-serif', 'STIXGeneral']\n"
    (tmp_path / "matplotlibrc").write_text("font.family: serif\n")
    assert run(tmp_path, HANGUL) == "['serif']\n"


def test_nothing_is_imported_until_the_program_does(tmp_path: Path) -> None:
    source = "import sys; print(sorted({'matplotlib', 'json', 'mockexam_preload.plots_backend'} & set(sys.modules)))"
    assert run(tmp_path, source) == "[]\n"
