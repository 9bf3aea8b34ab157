from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from mockexam.workspace.watch import ModelWatch


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def watch(tmp_path: Path, clock: Clock) -> ModelWatch:
    return ModelWatch(tmp_path, quiet=2.0, monotonic=clock)


def write(path: Path, size: int, changed: int) -> None:
    """A file of that size, changed at that second; the clock of the disk is too coarse for tests."""
    path.write_bytes(b"x" * size)
    os.utime(path, (changed, changed))


def test_a_model_is_reported_once_when_it_has_come_to_rest(watch: ModelWatch, clock: Clock) -> None:
    model = watch.folder / "mymodel.h5"
    for second in range(3):  # still growing
        write(model, 10 * (second + 1), second)
        assert watch.poll() == []
        clock.now += 2
    assert watch.poll() == [model]
    clock.now += 10
    assert watch.poll() == []


def test_a_model_saved_again_is_reported_again(watch: ModelWatch, clock: Clock) -> None:
    model = watch.folder / "mymodel.keras"
    for changed in (1, 2):
        write(model, 10, changed)
        watch.poll()
        clock.now += 2
        assert watch.poll() == [model]


def test_what_was_there_before_is_known(tmp_path: Path, clock: Clock) -> None:
    write(tmp_path / "mymodel.h5", 10, 1)
    watch = ModelWatch(tmp_path, monotonic=clock)
    watch.poll()
    clock.now += 10
    assert watch.poll() == []
    assert watch.known() == [tmp_path / "mymodel.h5"]


def test_a_deleted_model_that_comes_back_is_new(watch: ModelWatch, clock: Clock) -> None:
    model = watch.folder / "mymodel.h5"
    for _ in range(2):
        write(model, 10, 1)
        watch.poll()
        clock.now += 2
        assert watch.poll() == [model]
        model.unlink()
        assert watch.poll() == []


def test_other_files_and_empty_ones_are_no_models(watch: ModelWatch, clock: Clock) -> None:
    for name in ("mymodel.h5.tmp", "mymodel.txt", "mymodel.weights.h5", "starter.py"):
        write(watch.folder / name, 10, 1)
    write(watch.folder / "mymodel.h5", 0, 1)
    (watch.folder / "mymodel").mkdir()
    (watch.folder / "mymodel.keras").symlink_to(watch.folder / "gone")
    watch.poll()
    clock.now += 10
    assert watch.poll() == []


def test_a_saved_model_folder_rests_when_all_its_files_do(watch: ModelWatch, clock: Clock) -> None:
    model = watch.folder / "mymodel"
    (model / "variables").mkdir(parents=True)
    write(model / "saved_model.pb", 10, 1)
    assert watch.poll() == []
    clock.now += 2
    write(model / "variables" / "variables.index", 10, 1)
    assert watch.poll() == [], "a file has come since"
    clock.now += 2
    assert watch.poll() == [model]


def test_of_several_models_that_is_reported_which_submit_would_take(watch: ModelWatch, clock: Clock) -> None:
    write(watch.folder / "mymodel.h5", 10, 5)
    write(watch.folder / "mymodel.keras", 10, 3)
    write(watch.folder / "best.h5", 10, 9)
    watch.poll()
    clock.now += 2
    assert [path.name for path in watch.poll()] == ["mymodel.h5"]
    assert [path.name for path in watch.known()] == ["best.h5", "mymodel.h5", "mymodel.keras"]


def test_a_copy_that_is_newer_is_reported_too(watch: ModelWatch, clock: Clock) -> None:
    write(watch.folder / "mymodel.h5", 10, 3)
    write(watch.folder / "mymodel (1).h5", 11, 5)
    watch.poll()
    clock.now += 2
    assert [path.name for path in watch.poll()] == ["mymodel.h5", "mymodel (1).h5"]


def test_a_folder_that_vanishes_is_no_fault(watch: ModelWatch) -> None:
    shutil.rmtree(watch.folder)
    assert watch.poll() == []


def test_a_model_among_thousands_of_files_is_found(watch: ModelWatch) -> None:
    for number in range(1200):
        (watch.folder / f"{number}.png").touch()
    (watch.folder / "pictures").mkdir()
    for number in range(1200):
        (watch.folder / "pictures" / f"{number}.png").touch()
    write(watch.folder / "mymodel.h5", 10, 1)
    assert watch.known() == [watch.folder / "mymodel.h5"]
