"""The alias of Keras 2 as programs see it, in each Python, with packages that look like the real ones."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mockexam.preload.switches import Switches
from tests.preload.programs import Outcome, Program, outcome, starter

KERAS_3 = "True 3.15.1\n"
TELL = "import keras\nprint(keras.__name__ == 'keras', keras.__version__)"


def run(python: Path, packages: Path, tmp_path: Path, program: str | Program, **files: str) -> Outcome:
    """The outcome of a program with Keras 2 switched on."""
    chosen = starter(program, **files) if isinstance(program, str) else program
    switches = Switches(keras_2=True, log=tmp_path / "log")
    return outcome(python, chosen, tmp_path / "project", switches, path=packages)


def test_the_modules_are_the_very_same_and_untouched(python: Path, packages: Path, tmp_path: Path) -> None:
    text = """
import os, sys
NAMES = ("", ".layers", ".utils", ".preprocessing", ".preprocessing.text", ".src.layers.core.dense")
import tf_keras
kept = ("__spec__", "__name__", "__loader__", "__path__", "__file__", "__package__", "__doc__")
def parts(name):
    return [id(getattr(sys.modules["tf_keras" + name], part, None)) for part in kept]
before = [parts(name) for name in NAMES if name]
root = parts("")
import keras, keras.layers, keras.utils.np_utils, keras.preprocessing.text, keras.src.layers.core.dense
import keras_preprocessing.text
print(all(sys.modules["keras" + name] is sys.modules["tf_keras" + name] for name in NAMES))
print(keras_preprocessing is tf_keras.preprocessing, keras_preprocessing.text is keras.preprocessing.text)
print([parts(name) for name in NAMES if name] == before, parts("") == root)
print(keras.__spec__.name, keras.layers.__spec__.name, keras.layers.__package__, os.environ["TF_USE_LEGACY_KERAS"])
"""
    said = run(python, packages, tmp_path, text)
    assert said == Outcome(0, "True\nTrue True\nTrue True\ntf_keras tf_keras.layers tf_keras.layers 1\n", "")


def test_each_form_of_import_binds_what_it_names(python: Path, packages: Path, tmp_path: Path) -> None:
    text = """
import keras.utils.np_utils
print(keras.utils.np_utils.to_categorical(1))
import keras.layers.core.dense as dense
from keras.layers.core import Dense, dense as again
from keras.layers import core, Dense as public
from keras.utils import np_utils, vis_utils
from keras import layers, utils
from keras.layers.core import *
print(dense is again, Dense is public is layers.Dense, core.Dense is Dense, np_utils is utils.np_utils)
import importlib
print(importlib.import_module("keras.layers") is layers, importlib.import_module(".layers", "keras") is layers)
print(__import__("keras.layers.core").__name__, __import__("keras.layers", fromlist=["x"]) is layers)
"""
    said = run(python, packages, tmp_path, text)
    assert said == Outcome(0, "1\nTrue True True True\nTrue True\ntf_keras True\n", "")


def test_old_modules_are_attributes_after_the_import_of_keras_alone(
    python: Path, packages: Path, tmp_path: Path
) -> None:
    text = """
import keras
print(keras.utils.np_utils.to_categorical(1), keras.layers.core.Dense is keras.layers.Dense)
print(hasattr(keras.utils, "timed_threads"), hasattr(keras.layers, "preprocessing"))
"""
    assert run(python, packages, tmp_path, text) == Outcome(0, "1 True\nFalse False\n", "")


def test_a_missing_module_is_named_as_it_was_written(python: Path, packages: Path, tmp_path: Path) -> None:
    text = """
names = ["keras.ops", "keras.nope", "keras.layers.nope", "keras.layers.nope.deep", "keras_preprocessing.nope"]
for name in names + ["keras.utils.timed_threads", "tf_keras.nope"]:
    try:
        __import__(name)
    except ModuleNotFoundError as error:
        print(error, error.name)
for text in ("from keras import ops", "from keras.layers import Nope", "from keras.nope import x"):
    try:
        exec(text)
    except ImportError as error:
        print(type(error).__name__, str(error).partition(" (")[0])
import keras.nope
"""
    said = run(python, packages, tmp_path, text)
    assert said.out.splitlines() == [
        "No module named 'keras.ops' keras.ops",
        "No module named 'keras.nope' keras.nope",
        "No module named 'keras.layers.nope' keras.layers.nope",
        "No module named 'keras.layers.nope' keras.layers.nope",
        "No module named 'keras_preprocessing.nope' keras_preprocessing.nope",
        "No module named 'keras.utils.timed_threads' keras.utils.timed_threads",
        "No module named 'tf_keras.nope' tf_keras.nope",
        "ImportError cannot import name 'ops' from 'tf_keras'",
        "ImportError cannot import name 'Nope' from 'tf_keras.layers'",
        "ModuleNotFoundError No module named 'keras.nope'",
    ]
    assert said.err.count("  File ") == 1
    assert said.err.endswith("ModuleNotFoundError: No module named 'keras.nope'\n")


def test_finding_a_spec_imports_no_more_than_the_parent(python: Path, packages: Path, tmp_path: Path) -> None:
    text = """
import importlib.util, os, sys
def found(name):
    spec = importlib.util.find_spec(name)
    return spec and (spec.name, os.path.relpath(spec.origin, sys.argv[1]), spec.submodule_search_locations is not None)
print(found("keras"), "tf_keras" in sys.modules)
print(found("keras_preprocessing"), "tf_keras" in sys.modules)
print(found("keras.layers.core"), found("keras.utils.np_utils"), "keras.utils.np_utils" in sys.modules)
print(found("keras.ops"), found("keras.layers")[0])
spec = importlib.util.find_spec("keras.utils.vis_utils")
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
import tf_keras.src.utils.vis_utils as real
print(module.__file__ == real.__file__, module.__name__, real.__spec__.name)
"""
    said = run(python, packages, tmp_path, starter(text, str(packages)))
    assert said.err == ""
    assert said.out.splitlines() == [
        "('keras', 'tf_keras/__init__.py', True) False",
        "('keras_preprocessing', 'tf_keras/preprocessing/__init__.py', True) False",
        "('keras.layers.core', 'tf_keras/src/layers/core/__init__.py', True) "
        "('keras.utils.np_utils', 'tf_keras/src/utils/np_utils.py', False) False",
        "None tf_keras.layers",
        "True tf_keras.src.utils.vis_utils tf_keras.src.utils.vis_utils",
    ]


def test_reload_and_pickle_and_source_work(python: Path, packages: Path, tmp_path: Path) -> None:
    text = """
import importlib, inspect, pickle
import keras, keras.utils.np_utils as old, keras.layers
old.to_categorical = None
print(importlib.reload(old) is old, old.to_categorical(2), importlib.reload(keras) is keras, keras.__name__)
for thing in (keras.layers.Dense, old.to_categorical):
    print(pickle.loads(pickle.dumps(thing)) is thing, thing.__module__)
print(pickle.loads(b"ckeras.layers.core\\nDense\\n.") is keras.layers.Dense)
print(type(pickle.loads(pickle.dumps(keras.layers.Dense()))).__name__, inspect.getsource(old))
"""
    said = run(python, packages, tmp_path, text)
    assert said.err == ""
    assert said.out.splitlines() == [
        "True 2 True tf_keras",
        "True tf_keras.src.layers.core.dense",
        "True tf_keras.src.utils.np_utils",
        "True",
        "Dense def to_categorical(y):",
        "    return y",
        "",
    ]


@pytest.mark.parametrize("method", ["spawn", "fork", "forkserver"])
def test_children_have_it_too(method: str, python: Path, packages: Path, tmp_path: Path) -> None:
    text = """
import multiprocessing, sys
def told(layer):
    import keras, tf_keras
    return keras is tf_keras, type(layer) is keras.layers.Dense, [e for e in sys.path if e.endswith("preload/folder")]
if __name__ == "__main__":
    import keras, subprocess
    with multiprocessing.get_context(sys.argv[1]).Pool(1) as pool:
        print(pool.map(told, [keras.layers.Dense()]), flush=True)
    subprocess.run([sys.executable, "-c", "import keras; print(keras.__name__)"])
"""
    said = run(python, packages, tmp_path, starter(text, method))
    assert said == Outcome(0, "[(True, True, [])]\ntf_keras\n", "")


def test_modules_run_with_m(python: Path, packages: Path, tmp_path: Path) -> None:
    (packages / "tf_keras/src/utils/vis_utils.py").write_text("import sys\nprint(__name__, sys.argv[1:])", "utf-8")
    said = run(python, packages, tmp_path, Program(("-m", "keras.utils.vis_utils", "x"), {}))
    assert said == Outcome(0, "__main__ ['x']\n", "")


def test_threads_may_import_it_at_once(python: Path, packages: Path, tmp_path: Path) -> None:
    text = """
import importlib, threading
found = []
names = ["keras", "keras.layers", "keras.utils.np_utils", "tf_keras"] * 5
threads = [threading.Thread(target=lambda n=n: found.append(importlib.import_module(n).__name__)) for n in names]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(len(found), sorted(set(found)))
"""
    said = run(python, packages, tmp_path, text)
    names = ["tf_keras", "tf_keras.layers", "tf_keras.src.utils.np_utils"]
    assert said == Outcome(0, f"20 {names}\n", "")


def test_a_program_that_wants_keras_3_has_its_way(python: Path, packages: Path, tmp_path: Path) -> None:
    text = "import os\nos.environ['TF_USE_LEGACY_KERAS'] = '0'\n"
    ops = "import keras.ops\nprint(keras.ops.__name__)"
    assert run(python, packages, tmp_path, f"{text}{TELL}\n{ops}") == Outcome(0, KERAS_3 + "keras.ops\n", "")
    assert run(python, packages, tmp_path, f"{TELL}\n{text}import keras.utils.np_utils") == Outcome(
        0, "False 2.21.0\n", ""
    )


PRIVATE_COPY = """
import os, tensorflow
from tensorflow.python import keras
from tensorflow.python.keras.layers import Dense
import tensorflow.python.keras.utils.np_utils as old
from tensorflow.python.keras.utils import vis_utils
print(keras.__name__, Dense.__module__, old.__name__, vis_utils.__name__, tensorflow.used.__name__)
"""


def test_the_copy_of_keras_in_tensorflow_leads_there_too(python: Path, packages: Path, tmp_path: Path) -> None:
    private = packages / "tensorflow" / "python" / "keras"
    (private / "layers").mkdir(parents=True)
    (packages / "tensorflow/__init__.py").write_text("import tensorflow.python.keras.layers as used\nimport tf_keras")
    (packages / "tensorflow/python/__init__.py").touch()
    (private / "__init__.py").touch()
    (private / "layers" / "__init__.py").touch()
    said = run(python, packages, tmp_path, PRIVATE_COPY)
    assert said == Outcome(
        0,
        "tf_keras tf_keras.src.layers.core.dense tf_keras.src.utils.np_utils tf_keras.src.utils.vis_utils "
        "tensorflow.python.keras.layers\n",
        "",
    )
    (packages / "tensorflow/__init__.py").write_text("import tensorflow.python.keras.layers as used")
    said = run(python, packages, tmp_path, "import tensorflow, tensorflow.python.keras as k\nprint(k.__name__)")
    assert said.out == "tensorflow.python.keras\n"


def test_without_the_switch_nothing_leads_anywhere(packages: Path, python: Path, tmp_path: Path) -> None:
    ended = outcome(python, starter(TELL), tmp_path / "project", Switches(), path=packages)
    assert ended == Outcome(0, KERAS_3, "")


@pytest.mark.parametrize(
    ("metadata", "why"),
    [
        ("tensorflow-2.15.1.dist-info", "TensorFlow's version is (2, 15)"),
        ("tensorflow_cpu-2.9.0.dist-info", "TensorFlow's version is (2, 9)"),
        ("tensorflow-2.10.0-py3.9.egg-info", "TensorFlow's version is (2, 10)"),
        ("tensorflow_datasets-4.9.0.dist-info", "TensorFlow's version is None"),
        ("tensorflow-next.dist-info", "TensorFlow's version is None"),
    ],
)
def test_an_older_tensorflow_has_keras_2_itself(
    metadata: str, why: str, python: Path, packages: Path, tmp_path: Path
) -> None:
    (packages / "tensorflow-2.21.0.dist-info").rename(packages / metadata)
    text = TELL + "\nimport os\nprint(os.environ.get('TF_USE_LEGACY_KERAS'))"
    assert run(python, packages, tmp_path, text) == Outcome(0, KERAS_3 + "None\n", "")
    assert why in (tmp_path / "log").read_text("utf-8")


@pytest.mark.parametrize("metadata", ["tensorflow_cpu-2.16.1.dist-info", "tf_nightly-2.22.0.dev20260101.dist-info"])
def test_tensorflow_goes_by_several_names(metadata: str, python: Path, packages: Path, tmp_path: Path) -> None:
    (packages / "tensorflow-2.21.0.dist-info").rename(packages / metadata)
    assert run(python, packages, tmp_path, TELL) == Outcome(0, "False 2.21.0\n", "")


def test_without_tf_keras_there_is_no_alias(python: Path, packages: Path, tmp_path: Path) -> None:
    if python == Path(sys.executable):
        pytest.skip("this Python has the real tf_keras")
    shutil.rmtree(packages / "tf_keras")
    assert run(python, packages, tmp_path, TELL) == Outcome(0, KERAS_3, "")
    assert "no tf_keras" in (tmp_path / "log").read_text("utf-8")


def test_a_keras_that_was_imported_before_us_stays(packages: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    inside = next((tmp_path / "venv" / "lib").glob("python*/site-packages"))
    (inside / "early.pth").write_text("import keras\n", "utf-8")
    text = TELL + "\nimport os\nprint(os.environ.get('TF_USE_LEGACY_KERAS'))"
    said = run(tmp_path / "venv" / "bin" / "python", packages, tmp_path, text)
    assert said == Outcome(0, KERAS_3 + "None\n", "")
    assert "keras was imported before" in (tmp_path / "log").read_text("utf-8")
