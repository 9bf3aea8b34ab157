"""Preparing data: what reaches the candidate, what never does, and what happens when it goes wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mockexam.packs.data import preparation
from mockexam.packs.data.preparation import PreparationError, Prepared, prepare
from mockexam.packs.format.model import Problem
from mockexam.packs.format.reading import read_pack
from tests.packs.small_pack import GENERATOR

Write = Callable[..., Path]


class Workdir:
    """Prepares problems below one temporary folder and remembers what progress was told."""

    def __init__(self, folder: Path) -> None:
        self.cache = folder / "cache"
        self.public = folder / "project" / "data"
        self.told: list[tuple[float, str]] = []

    def prepare(self, problem: Problem, seed: int = 1, public: Path | None = None) -> Prepared:
        return prepare(
            problem,
            seed=seed,
            public=public or self.public,
            cache=self.cache,
            progress=lambda fraction, detail: self.told.append((fraction, str(detail))),
        )

    def refused(self, problem: Problem) -> PreparationError:
        with pytest.raises(PreparationError) as caught:
            self.prepare(problem)
        assert not list(self.cache.glob("prepared/*.partial"))
        return caught.value

    def handed_out(self) -> set[str]:
        return {path.relative_to(self.public).as_posix() for path in self.public.rglob("*") if path.is_file()}


@pytest.fixture
def workdir(tmp_path: Path) -> Workdir:
    return Workdir(tmp_path)


def only(root: Path) -> Problem:
    (problem,) = read_pack(root).problems
    return problem


def test_files_are_copied_and_the_hidden_set_stays(write_pack: Write, workdir: Workdir) -> None:
    problem = only(write_pack())
    prepared = workdir.prepare(problem)
    assert workdir.handed_out() == {"points.csv"}
    assert prepared == Prepared(problem.folder / "hidden" / "hidden.npz", {})
    assert workdir.told[-1] == (1.0, "A line is ready")


def test_a_generator_draws_by_the_seed(write_generator_pack: Write, workdir: Workdir, tmp_path: Path) -> None:
    problem = only(write_generator_pack())
    one, again, other = (
        workdir.prepare(problem, 1),
        workdir.prepare(problem, 1),
        workdir.prepare(problem, 2, tmp_path / "other"),
    )
    assert one == again
    assert one.hidden != other.hidden
    with np.load(one.hidden) as hidden:
        assert hidden["inputs"].shape == (20, 1)
        slope = float(one.values["slope"])
        np.testing.assert_allclose(hidden["labels"], slope * hidden["inputs"], rtol=1e-5)
    assert workdir.handed_out() == {"points.csv"}
    assert (workdir.public / "points.csv").read_text() != (tmp_path / "other" / "points.csv").read_text()


def test_a_generator_runs_once_for_a_seed(write_generator_pack: Write, workdir: Workdir, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    problem = only(write_generator_pack(GENERATOR + f"\nopen({str(runs)!r}, 'a').write('x')\n"))
    for _ in range(3):
        workdir.prepare(problem)
    assert runs.read_text() == "x"


def test_damage_in_the_cache_is_found_and_mended(write_generator_pack: Write, workdir: Workdir) -> None:
    problem = only(write_generator_pack())
    prepared = workdir.prepare(problem)
    good = prepared.hidden.read_bytes()
    prepared.hidden.write_bytes(good[:100])
    assert workdir.prepare(problem).hidden.read_bytes() == good
    (prepared.hidden.parent / "public" / "points.csv").unlink()
    workdir.prepare(problem)
    assert (prepared.hidden.parent / "public" / "points.csv").is_file()


SERIES = {
    "category = 1": "category = 5",
    "weights = { 1 = 100 }": "weights = { 5 = 100 }",
    "input_shape = [1]": "input_shape = [12, 1]",
}
WALK = np.random.default_rng(5).normal(size=60).cumsum().astype(np.float32)


def write_windows(path: Path, **more: Any) -> None:
    """Hidden windows of a walk, not in the order of time, and the value after each."""
    first = np.random.default_rng(6).permutation(48)
    inputs = np.stack([WALK[start : start + 12, None] for start in first])
    np.savez(path, inputs=inputs, labels=WALK[first + 12, None], **more)


def test_hidden_windows_get_the_times_that_they_tell(write_pack: Write, workdir: Workdir) -> None:
    problem = only(write_pack(replace=SERIES))
    shipped = problem.folder / "hidden" / "hidden.npz"
    write_windows(shipped)
    before = shipped.read_bytes()
    prepared = workdir.prepare(problem)
    with np.load(prepared.hidden) as made, np.load(shipped) as arrays:
        np.testing.assert_array_equal(made["inputs"], arrays["inputs"])
        np.testing.assert_array_equal(made["labels"], arrays["labels"])
        np.testing.assert_array_equal(WALK[made["time"] - made["time"].min() + 12], arrays["labels"][:, 0])
    assert shipped.read_bytes() == before
    assert workdir.handed_out() == {"points.csv"}
    assert workdir.prepare(problem) == prepared
    assert workdir.told[-1] == (1.0, "A line is ready")


def test_times_that_an_author_gives_stay(write_pack: Write, workdir: Workdir) -> None:
    problem = only(write_pack(replace=SERIES))
    write_windows(problem.folder / "hidden" / "hidden.npz", time=np.arange(48))
    assert workdir.prepare(problem).hidden == problem.folder / "hidden" / "hidden.npz"
    assert not (workdir.cache / "prepared").exists()


def test_a_generator_s_hidden_windows_get_times(write_generator_pack: Write, workdir: Workdir) -> None:
    source = GENERATOR.replace("inputs=x[20:], labels=slope * x[20:]", "inputs=w[:, :12, None], labels=w[:, 12:]")
    source = source.replace(
        "    np.savez", "    w = np.lib.stride_tricks.sliding_window_view(x[:, 0], 13)\n    np.savez"
    )
    problem = only(write_generator_pack(source, **SERIES))
    with np.load(workdir.prepare(problem).hidden) as made:
        np.testing.assert_array_equal(np.diff(made["time"]), 1)


def test_windows_that_do_not_fit_are_refused_in_words(write_pack: Write, workdir: Workdir) -> None:
    problem = only(write_pack(replace=SERIES))
    np.savez(problem.folder / "hidden" / "hidden.npz", inputs=np.zeros((40, 13, 1)), labels=np.zeros((40, 1)))
    assert str(workdir.refused(problem).found) == "(13, 1)"


@pytest.mark.real_time
def test_two_processes_may_prepare_the_same_at_once(
    write_generator_pack: Write, workdir: Workdir, tmp_path: Path
) -> None:
    runs = tmp_path / "runs"
    slow = GENERATOR + f"\nimport time; time.sleep(0.5); open({str(runs)!r}, 'a').write('x')\n"
    root = write_generator_pack(slow)
    processes = [start(root, workdir.cache, tmp_path / f"public{number}") for number in range(3)]
    assert [process.wait(timeout=60) for process in processes] == [0, 0, 0]
    assert runs.read_text() == "x"
    assert all((tmp_path / f"public{number}" / "points.csv").is_file() for number in range(3))


def start(root: Path, cache: Path, public: Path) -> subprocess.Popen[str]:
    code = (
        "import sys; from pathlib import Path; from mockexam.packs.format.reading import read_pack;"
        "from mockexam.packs.data.preparation import prepare; root, cache, public = map(Path, sys.argv[1:]);"
        "prepare(read_pack(root).problems[0], seed=1, public=public, cache=cache, progress=lambda *_: None)"
    )
    return subprocess.Popen([sys.executable, "-c", code, root, cache, public], text=True)


@pytest.mark.real_time
def test_killed_in_the_middle_leaves_nothing_behind(
    write_generator_pack: Write, workdir: Workdir, tmp_path: Path
) -> None:
    marker = tmp_path / "pid"
    slow = GENERATOR.replace(
        "    return",
        f"    import os, time; open({str(marker)!r}, 'w').write(str(os.getpid())); time.sleep(60)\n    return",
    )
    root = write_generator_pack(slow)
    process = start(root, workdir.cache, workdir.public)
    await_true(lambda: marker.is_file() and marker.read_text() != "")
    process.send_signal(signal.SIGKILL)
    process.wait()
    await_true(lambda: not alive(int(marker.read_text())))
    assert not workdir.public.exists()
    assert list(workdir.cache.glob("prepared/*.partial"))
    (root / "line" / "generator.py").write_text(slow.replace("time.sleep(60)", "0"))
    next(workdir.cache.glob("prepared/*.partial")).rename(key_folder(workdir, root).with_suffix(".partial"))
    assert workdir.prepare(only(root)).hidden.is_file()
    assert not list(workdir.cache.glob("prepared/*.partial"))


def key_folder(workdir: Workdir, root: Path) -> Path:
    return workdir.cache / "prepared" / preparation._key(only(root), 1)[:32]


def await_true(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not (state.is_file() and state.read_text().rpartition(")")[2].split()[0] == "Z")


REFUSALS = [
    ("def generate(seed, public, hidden):\n    1 / 0\n", "an orderly end", "ZeroDivisionError"),
    ("import nothing_of_that_name\n", "an orderly end", "ModuleNotFoundError"),
    ("generate = 3\n", "a function `generate`", "none"),
    (GENERATOR.replace("return", "return 3 #"), "dict of texts", "3"),
    (GENERATOR.replace("str(slope)", "slope"), "dict of texts", "slope"),
    (GENERATOR.replace("np.savez(", "(lambda *a, **k: 0)("), "write the hidden set", "no file"),
    (GENERATOR.replace('np.savetxt(public / "points.csv", np.hstack([x[:20], slope * x[:20]]), delimiter=",")', "pass"),
     "public files", "none"),
    (GENERATOR.replace("inputs=x[20:]", "inputs=x[21:]"), "as many labels as inputs", "[19, 1]"),
    (GENERATOR.replace("inputs=x[20:]", "inputs=x[20:, 0]"), "inputs shaped (1)", "()"),
    (GENERATOR.replace("inputs=x[20:]", "inputs=x[20:] / 0 * 0"), "finite inputs", "20 NaN"),
    (GENERATOR.replace("inputs=", "input="), "the arrays inputs and labels", "input, labels"),
    (GENERATOR.replace("labels=slope * x[20:]", "labels=np.array([None] * 20)"), "plain arrays", "pickled objects"),
    ("import os\ndef generate(seed, public, hidden):\n    os._exit(3)\n", "an orderly end", "code 3"),
    ("import os\ndef generate(seed, public, hidden):\n    os.abort()\n", "an orderly end", "SIGABRT"),
    ("from urllib.request import urlopen\ndef generate(*_):\n    urlopen('http://127.0.0.1:9')\n", "end", "no network"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "expected", "found"), REFUSALS, ids=[f"{r[1]}-{r[2]}" for r in REFUSALS])
def test_a_wrong_generator_is_told_in_words(
    write_generator_pack: Write, workdir: Workdir, source: str, expected: str, found: str
) -> None:
    error = workdir.refused(only(write_generator_pack(source)))
    assert str(error.expected).startswith("line: ")
    assert expected in str(error.expected)
    assert found in str(error.found)
    assert str(error.advice).endswith(".")


@pytest.mark.real_time
def test_a_generator_that_never_ends_is_ended(write_generator_pack: Write, workdir: Workdir) -> None:
    source = "import time\ndef generate(*_):\n    print('drawing forever')\n    time.sleep(60)\n"
    root = write_generator_pack(source, **{'source = "drawn': 'seconds = 3\nsource = "drawn'})
    error = workdir.refused(only(root))
    assert str(error.found) == "it was still at work"
    assert "drawing forever" in error.log


def test_a_generator_sees_nothing_of_the_users_environment(
    write_generator_pack: Write, workdir: Workdir, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "hunter2")
    source = GENERATOR.replace("str(slope)", "str(sorted(k for k in __import__('os').environ if 'SECRET' in k))")
    assert workdir.prepare(only(write_generator_pack(source))).values == {"slope": "[]"}


def picture_pack(write_pack: Write, shape: str = "[8, 6, 3]", size: tuple[int, int] = (6, 8)) -> Path:
    changes = {
        "input_shape = [1]": f"input_shape = {shape}",
        "output_shape = [1]": "output_shape = [2]",
        'metric = "mae"\nat_most = 0.6': 'metric = "accuracy"\nat_least = 0.6',
        'kind = "files"': 'kind = "files"\nscale = 0.5',
    }
    root = write_pack("pictures", changes)
    (root / "line" / "hidden" / "hidden.npz").unlink()
    for kind, grey in (("rock", 200), ("paper", 100)):
        (root / "line" / "hidden" / kind).mkdir()
        for number in range(2):
            Image.new("RGB", size, (grey, grey, number)).save(root / "line" / "hidden" / kind / f"{number}.png")
    return root


def test_hidden_pictures_become_arrays_in_the_order_of_keras(write_pack: Write, workdir: Workdir) -> None:
    prepared = workdir.prepare(only(picture_pack(write_pack)))
    with np.load(prepared.hidden) as hidden:
        assert hidden["inputs"].shape == (4, 8, 6, 3)
        assert hidden["inputs"].dtype == np.float32
        assert hidden["inputs"][:, 0, 0].tolist() == [[50, 50, 0], [50, 50, 0.5], [100, 100, 0], [100, 100, 0.5]]
        assert hidden["labels"].tolist() == [0, 0, 1, 1]
    assert workdir.handed_out() == {"points.csv"}


def test_hidden_pictures_of_another_size_are_refused(write_pack: Write, workdir: Workdir) -> None:
    error = workdir.refused(only(picture_pack(write_pack, size=(8, 6))))
    assert "shaped (8, 6, 3)" in str(error.expected)
    assert str(error.found).endswith(": (6, 8, 3)")


def test_a_notice_goes_with_the_data_and_other_files_stay(write_pack: Write, workdir: Workdir) -> None:
    root = write_pack()
    problem = root / "line" / "problem.toml"
    problem.write_text(problem.read_text() + 'notice = "NOTICE.txt"\n')
    (root / "line" / "NOTICE.txt").write_text("Thanks")
    workdir.public.mkdir(parents=True)
    (workdir.public / "mine.txt").write_text("the candidate's own")
    (workdir.public / ".points.csv.0123abcd.tmp").write_text("half a copy")
    workdir.prepare(only(root))
    assert workdir.handed_out() == {"points.csv", "NOTICE.txt", "mine.txt"}


def test_a_folder_that_cannot_be_written_is_told(write_pack: Write, workdir: Workdir) -> None:
    workdir.public.parent.mkdir(parents=True)
    workdir.public.write_text("a file where the folder should be")
    assert "File exists" in str(workdir.refused(only(write_pack())).found)


@pytest.mark.real_time
def test_an_unreachable_address_is_told_in_seconds(write_pack: Write, workdir: Workdir) -> None:
    changes = {'kind = "files"': 'kind = "tfds"\nname = "mnist"\nprobe = "http://127.0.0.1:9/"'}
    before = time.monotonic()
    error = workdir.refused(only(write_pack(replace=changes)))
    assert time.monotonic() - before < 5
    assert "no connection" in str(error.found)
    assert "mockexam pack list" in str(error.advice)
