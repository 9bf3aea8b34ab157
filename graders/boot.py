"""How our own processes are started: by the same Python, with an environment and a module path made for them.

`-I` keeps the current folder, PYTHON* variables and the user's site folder out, where a candidate's numpy.py may lie.
What that shuts out of our own installation (a checkout, a --user install) is added back by name, at the end.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import json
import os
import site
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

# untranslated: Python
START = (
    "import sys, json, importlib; module, more = json.loads(sys.argv[1]); "
    "sys.path += [path for path in more if path not in sys.path]; "
    "importlib.import_module('graders.boot').hide_packages_of_candidates(); "
    "importlib.import_module(module).main()"
)

PACKAGES_OF_CANDIDATES = frozenset({"matplotlib", "pandas", "tensorflow_datasets"})
"""Top-level modules that are installed for candidates' programs only."""


class _Absent(importlib.abc.MetaPathFinder):
    """Finds nothing itself; raises ModuleNotFoundError for packages of candidates and what is in them."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """See importlib.abc.MetaPathFinder."""
        if fullname.partition(".")[0] in PACKAGES_OF_CANDIDATES:
            # untranslated: as Python says it
            raise ModuleNotFoundError(f"No module named {fullname!r}: it is for candidates' programs", name=fullname)
        return None


def hide_packages_of_candidates() -> None:
    """Make the packages of candidates look absent in this process, as libraries that can do without them expect.

    Keras imports pandas wherever it finds it, which costs time and memory in each process that grades.
    """
    sys.meta_path.insert(0, _Absent())


def command(module: str, arguments: Sequence[str]) -> list[str]:
    """The command line that runs `module.main()`, ending in `arguments`."""
    return [sys.executable, "-I", "-c", START, json.dumps([module, _own_path()]), *arguments]


def _own_path() -> list[str]:
    own = [str(Path(__file__).resolve().parents[1])]
    if site.ENABLE_USER_SITE and site.getusersitepackages() in sys.path:
        own.append(site.getusersitepackages())
    return own


def environment(scratch: Path) -> dict[str, str]:
    """All the environment our processes get: nothing of the user's, only what TensorFlow must be told."""
    made = {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": "/nonexistent",
        "TMPDIR": str(scratch),
        "KERAS_HOME": str(scratch / "keras"),
        "KERAS_BACKEND": "tensorflow",
        "HDF5_USE_FILE_LOCKING": "FALSE",  # a lock on a file is a sign that other processes can see
        "CUDA_VISIBLE_DEVICES": "",  # a GPU's driver can't be reached from behind the lock
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "OPENBLAS_NUM_THREADS": "1",  # or importing NumPy starts threads, and then nothing may be forked
        "MALLOC_ARENA_MAX": "4",
        "PYTHONHASHSEED": "0",
    }
    # Where the loader finds the libraries of a Python that was built without a run path.
    made.update({name: os.environ[name] for name in ("LD_LIBRARY_PATH", "SYSTEMROOT") if name in os.environ})
    return made


def tensorflow_environment(scratch: Path) -> dict[str, str]:
    """The same for the processes that run models: the C library keeps freed memory for the next batch.

    Given back and faulted in again, it costs a picture model a third of its time. The values are bytes; 32 MiB is the
    most that glibc takes for the second.
    """
    keep = {"MALLOC_TRIM_THRESHOLD_": 1 << 30, "MALLOC_MMAP_THRESHOLD_": 32 << 20, "MALLOC_TOP_PAD_": 64 << 20}
    return {**environment(scratch), **{name: str(value) for name, value in keep.items()}}
