"""Keras 2, as in the exam: `tf.keras` is `tf_keras`, and `keras` and `keras_preprocessing` lead to its modules.

Only where TensorFlow is 2.16 or newer and `tf_keras` is there; elsewhere nothing happens. A program that says otherwise
by itself (`os.environ["TF_USE_LEGACY_KERAS"] = "0"` before its imports) has its way.
"""

from __future__ import annotations

import os
import sys

from . import guarded, log
from .hooks import after_import

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any
else:
    ModuleSpec = type(sys.__spec__)

ROOTS = ("keras", "keras_preprocessing")
REAL = "tf_keras"
TF_KERAS = REAL + ".api._v2.keras"
"""The module that `tf.keras` is."""
PRIVATE = "tensorflow.python.keras"
"""TensorFlow's own copy of Keras 2. Nobody keeps it up, and its models no longer train."""
VARIABLE = "TF_USE_LEGACY_KERAS"
FIRST_WITH_KERAS_3 = (2, 16)
TENSORFLOWS = frozenset(
    (
        "tensorflow",
        "tensorflow_cpu",
        "tensorflow_cpu_aws",
        "tensorflow_gpu",
        "tensorflow_intel",
        "tensorflow_macos",
        "tensorflow_rocm",
        "intel_tensorflow",
        "tf_nightly",
        "tf_nightly_cpu",
    )
)
"""The distributions that are TensorFlow, as the names of their folders in site-packages begin."""
BEGINNINGS = ("tensorflow", "tf_nightly", "intel_tensorflow")
BOUND_AT_THE_TOP = frozenset(("engine", "objectives"))


def start(settings: dict[str, str]) -> None:
    """Have `tf.keras` be `tf_keras`, and the alias stand ready; reads file names and imports nothing."""
    present = [name for name in ("tensorflow", *ROOTS) if name in sys.modules]
    if present:
        # untranslated: for the log
        return log("Keras 2 isn't set up: " + ", ".join(present) + " was imported before the program")
    folder, version = _installed()
    if folder is None:
        # untranslated: for the log
        return log("Keras 2 isn't set up: this Python has no tf_keras")
    if version is None or version < FIRST_WITH_KERAS_3:
        # untranslated: for the log
        return log(f"Keras 2 isn't set up: TensorFlow's version is {version}")
    os.environ[VARIABLE] = "1"
    alias = _Alias(folder)
    sys.meta_path.insert(0, alias)
    sys.meta_path.append(_Old(folder))
    after_import(TF_KERAS, _give_version)
    after_import("tensorflow", alias.lead_private_copy)
    return None


def _give_version(module: ModuleType) -> None:
    """`tf.keras.__version__`, which every Keras 2 had up to TensorFlow 2.15, and programs print."""
    if not hasattr(module, "__version__"):
        module.__version__ = sys.modules[REAL].__version__  # type: ignore[attr-defined]


def _installed() -> tuple[str | None, tuple[int, ...] | None]:
    """The folder of tf_keras and the version of TensorFlow, each of the first on the path that has it."""
    entry = _first_with(os.path.join("tensorflow", "__init__.py"))
    likely = [] if entry is None else [name for name in os.listdir(entry) if name.startswith(BEGINNINGS)]
    version = max(filter(None, map(_version, likely)), default=None)
    entry = _first_with(os.path.join(REAL, "__init__.py"))
    return None if entry is None else os.path.join(entry, REAL), version


def _first_with(file: str) -> str | None:
    return next((entry for entry in sys.path if os.path.isfile(os.path.join(entry, file))), None)


def _version(name: str) -> tuple[int, ...] | None:
    """Major and minor version, of the name of a folder with TensorFlow's metadata."""
    stem, dot, kind = name.rpartition(".")
    distribution, _, version = stem.partition("-")
    if not dot or kind not in ("dist-info", "egg-info") or distribution.lower() not in TENSORFLOWS:
        return None
    numbers = version.split(".")[:2]
    return tuple(map(int, numbers)) if len(numbers) == 2 and all(map(str.isdigit, numbers)) else None


class _Alias:
    """First on the meta path: finds the modules of Keras 2 in `tf_keras`, and leads to these very modules."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.leads_private_copy = False

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> Any:
        if self.leads_private_copy and _is_in(PRIVATE, name):
            return _spec(name, "keras" + name[len(PRIVATE) :], self.folder)
        root = name.partition(".")[0]
        return _spec(name, name, self.folder) if root in ROOTS and _serves(root) else None

    def lead_private_copy(self, tensorflow: ModuleType) -> None:
        """Have programs that import from TensorFlow's copy get tf_keras; TensorFlow keeps what it has imported."""
        if REAL not in sys.modules or not _is_chosen():
            return
        for name in tuple(sys.modules):
            if _is_in(PRIVATE, name):
                del sys.modules[name]
        self.leads_private_copy = True
        parent = sys.modules.get(PRIVATE.rpartition(".")[0])
        if parent is not None:
            parent.keras = sys.modules[REAL]  # type: ignore[attr-defined]


class _Old:
    """Last on the meta path: what `from keras.utils import np_utils` asks for, which is `tf_keras.utils.np_utils`.

    The import system asks by the name of the package, and `tf_keras.utils` keeps its name.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> Any:
        root, _, rest = name.partition(".")
        if root != REAL or rest.partition(".")[0] in ("", "src", "api"):
            return None
        if "keras" not in sys.modules and PRIVATE not in sys.modules:
            return None
        return _spec(name, "keras." + rest, self.folder)


def _is_in(package: str, name: str) -> bool:
    return name == package or name.startswith(package + ".")


def _serves(root: str) -> bool:
    """Whether this root is an alias: as the program has imported it, or will get `tf.keras`."""
    loaded = sys.modules.get(root)
    if loaded is None:
        return _is_chosen()
    return loaded is sys.modules.get(REAL if root == "keras" else REAL + ".preprocessing")


def _is_chosen() -> bool:
    """Whether TensorFlow will use tf_keras: a program may have said otherwise. The values are TensorFlow's."""
    return os.environ.get(VARIABLE) in ("1", "true", "True")


@guarded
def _spec(name: str, old: str, folder: str) -> ModuleSpec | None:
    """The spec by which `name` leads to what Keras 2 called `old`; none where there is no such thing."""
    # The table costs half a millisecond, which a program without Keras shall not pay.
    from .keras_2_names import real_module

    real = real_module(old, folder)
    if real is None:
        return None
    module, file = real
    spec = ModuleSpec(name, _Loader(module), origin=file)  # type: ignore[arg-type]
    if os.path.basename(file) == "__init__.py":
        spec.submodule_search_locations = [os.path.dirname(file)]
    return spec


class _Loader:
    """Puts a module that has a name already into the place of another; it stays as its own import made it."""

    def __init__(self, real: str) -> None:
        self.real = real

    def create_module(self, spec: ModuleSpec) -> None:
        """Import the real module. It isn't returned: importlib would write its spec into it."""
        __import__(self.real)

    def exec_module(self, module: ModuleType) -> None:
        """Put the real module in the place of `module`, which gets its content for those who hold it already."""
        real = sys.modules[self.real]
        name = module.__name__
        vars(module).update(vars(real))
        sys.modules[name] = real
        if name in ("keras", PRIVATE):
            guarded(_bind_old_modules)(real)
            guarded(_bind_old_names)()

    def get_code(self, name: str) -> Any:
        """The code that `python -m` runs."""
        import importlib.util

        spec = importlib.util.find_spec(self.real)
        return getattr(spec, "loader").get_code(self.real)  # noqa: B009 - typed as if it might be none


def _bind_old_modules(keras: ModuleType) -> None:
    """Make old modules that are loaded anyway attributes of their public packages, as Keras 2.4 to 2.12 did.

    `keras.utils.np_utils.to_categorical` and `keras.layers.core.Dense` worked after `import keras` alone.
    """
    from .keras_2_names import MOVED, YOUNGER

    for package in ("", "layers", "utils"):
        public = getattr(keras, package) if package else keras
        begin = package + "." if package else ""
        for name in _loaded(REAL + ".src." + begin) + [key for key in MOVED if key.startswith(begin)]:
            child = name[len(begin) :]
            # `from keras.layers import *` must not replace the program's `preprocessing`.
            taken = hasattr(public, child) or hasattr(keras, child) or name in YOUNGER
            if "." in child or taken or (public is keras and child not in BOUND_AT_THE_TOP):
                continue
            module = sys.modules.get(REAL + "." + MOVED.get(name, "src." + name))
            if module is not None:
                setattr(public, child, module)


def _bind_old_names() -> None:
    from .keras_2_names import OFFERED

    for module, home, names in OFFERED:
        here, there = sys.modules.get(REAL + "." + module), sys.modules.get(REAL + "." + home)
        for name in names:
            if here is not None and not hasattr(here, name) and hasattr(there, name):
                setattr(here, name, getattr(there, name))


def _loaded(begin: str) -> list[str]:
    """The loaded modules of `tf_keras.src` whose name begins so, without that root."""
    return [name[len(REAL + ".src.") :] for name in tuple(sys.modules) if name.startswith(begin)]
