"""Imports that the chosen Python lacks: told with the line that installs them, and never where the program knows."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mockexam.inspections.findings import Finding
from mockexam.inspections.inspection import inspect

HAS = frozenset({"numpy", "tensorflow", "keras", "google", *sys.stdlib_module_names})


def missing(source: str, project: Path | None = None, **more: str) -> list[Finding]:
    found = inspect(source, keras=3, modules=HAS, project=project, python="/p y/bin/python", elsewhere=more)
    return [one for one in found if one.pattern == "missing-package"]


@pytest.mark.parametrize(
    ("source", "distribution"),
    [
        ("import cv2", "opencv-python"),
        ("from sklearn.model_selection import train_test_split", "scikit-learn"),
        ("import PIL.Image", "Pillow"),
        ("import yaml as y", "PyYAML"),
        ("from skimage import io", "scikit-image"),
        ("import tensorflow_hub as hub", "tensorflow-hub"),
        ("import pandas", "pandas"),
        ("def f():\n    import pandas", "pandas"),
        ("try:\n    import pandas\nfinally:\n    pass", "pandas"),
    ],
)
def test_a_package_that_is_missing_comes_with_the_line_that_installs_it(source: str, distribution: str) -> None:
    (found,) = missing(source)
    assert found.detail.english.startswith(f"Install it: '/p y/bin/python' -m pip install {distribution} ")
    row = source.split("\n")[found.row]
    module = next(word for word in row.split() if word not in ("from", "import"))
    assert row[found.column : found.end_column] == module


def test_only_the_module_is_marked() -> None:
    (found,) = missing("x = 1; import os, cv2.dnn as d")
    assert (found.row, found.column, found.end_column) == (0, 18, 25)


def test_another_python_that_has_it_is_named() -> None:
    (found,) = missing("import pandas", pandas="Python 3.12")
    assert "Python 3.12" in found.detail.english


@pytest.mark.parametrize(
    "source",
    [
        "import os, sys, numpy, tensorflow.keras",
        "from . import pandas",
        "from .pandas import x",
        "from __future__ import annotations",
        "try:\n    import pandas\nexcept ImportError:\n    pandas = None",
        "try:\n    import pandas\nexcept (ValueError, ModuleNotFoundError):\n    pandas = None",
        "try:\n    import pandas\nexcept:\n    pandas = None",
        "try:\n    import pandas\nexcept Exception:\n    pandas = None",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import pandas",
        "import typing\nif typing.TYPE_CHECKING:\n    import pandas",
        "import keras_preprocessing  # mockexam: ignore",
        "import ",
        "from import x",
        "import .",
    ],
)
def test_what_is_there_or_expected_to_be_missing_is_not_marked(source: str) -> None:
    assert missing(source) == []


def test_what_an_exception_does_not_catch_is_marked() -> None:
    assert missing("try:\n    import pandas\nexcept ValueError:\n    pass")
    assert missing("try:\n    pass\nexcept ImportError:\n    import pandas")


def test_files_of_the_project_are_no_packages(tmp_path: Path) -> None:
    (tmp_path / "mine.py").touch()
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "one.py").touch()
    (tmp_path / "data").mkdir()
    source = "import mine\nfrom tools import one\nfrom tools.one import two\nimport data\n"
    assert [one.row for one in missing(source, tmp_path)] == [3]
    assert [one.row for one in missing(source)] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    "source", ["from google.colab import files", "import google.colab", "from google import colab"]
)
def test_colab_is_told_by_itself(source: str) -> None:
    (found,) = missing(source)
    assert "Colab" in found.message.english
    assert "pip" not in found.detail.english
    assert missing("from google.protobuf import message") == []


def test_nothing_is_marked_where_nobody_knows_what_is_there() -> None:
    assert inspect("import pandas", keras=3, modules=None, project=None) == []
