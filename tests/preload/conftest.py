"""The Pythons that programs are run with, and a place with packages that look like TensorFlow and Keras."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

VERSIONS = ("3.7", "3.8", "3.9", "3.10", "3.12", "3.13")


@pytest.fixture(params=["ours", *VERSIONS])
def python(request: pytest.FixtureRequest, plain_python: Callable[[str], Path]) -> Path:
    """This Python, and each other one that the machine has."""
    return Path(sys.executable) if request.param == "ours" else plain_python(request.param)


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """A folder for the path: TensorFlow 2.21 by its metadata, a `tf_keras` of a few modules and a Keras 3 beside it."""
    folder = tmp_path / "packages"
    files = {
        "tensorflow/__init__.py": "",
        "tensorflow-2.21.0.dist-info/METADATA": "",
        "keras/__init__.py": "__version__ = '3.15.1'\n",
        "keras/ops.py": "",
        "tf_keras/__init__.py": "from tf_keras import layers, preprocessing, src, utils\n__version__ = '2.21.0'\n",
        "tf_keras/layers/__init__.py": "from tf_keras.src.layers.core.dense import Dense\n",
        "tf_keras/utils/__init__.py": "from tf_keras.src.utils.np_utils import to_categorical\n",
        "tf_keras/preprocessing/__init__.py": "from tf_keras.preprocessing import text\n",
        "tf_keras/preprocessing/text/__init__.py": "class Tokenizer: pass\n",
        "tf_keras/api/__init__.py": "",
        "tf_keras/src/__init__.py": "",
        "tf_keras/src/layers/__init__.py": "",
        "tf_keras/src/layers/core/__init__.py": "from tf_keras.src.layers.core.dense import Dense\n",
        "tf_keras/src/layers/core/dense.py": "class Dense:\n    units = 1\n",
        "tf_keras/src/utils/__init__.py": "",
        "tf_keras/src/utils/np_utils.py": "def to_categorical(y):\n    return y\n",
        "tf_keras/src/utils/vis_utils.py": "",
        "tf_keras/src/utils/timed_threads.py": "",
    }
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return folder
