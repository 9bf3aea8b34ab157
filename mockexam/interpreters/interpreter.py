"""A Python that programs can be run in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import msgspec

from graders.sentences import Sentence, sentence
from mockexam.exam.interpreter_record import PACKAGES, InterpreterRecord
from mockexam.interpreters import modules
from mockexam.interpreters.installation import Installation, Kind, own, short_version
from mockexam.interpreters.packages import search_path, tensorflow_version, versions
from mockexam.interpreters.reading import Reader

LAST_WITH_KERAS_2 = (2, 15)
"""The last TensorFlow whose `tf.keras` is Keras 2."""
TF_KERAS = frozenset({"tf-keras", "tf-keras-nightly"})
"""The distributions that bring Keras 2 to a TensorFlow that comes with Keras 3."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What an activation script did to a variable: set it to `value`, or unset it, or put text around what it was."""

    value: str | None = None
    before: str = ""
    after: str = ""

    @classmethod
    def between(cls, old: str | None, new: str | None) -> Change:
        """The change from one value to another; None is unset."""
        if old and new and (place := new.find(old)) >= 0:
            return cls(before=new[:place], after=new[place + len(old) :])
        return cls(value=new)

    def applied(self, old: str | None) -> str | None:
        """The new value of a variable that may have changed since."""
        if not self.before and not self.after:
            return self.value
        return f"{self.before}{old}{self.after}" if old else f"{self.before}{self.after}".strip(os.pathsep)


class Interpreter(msgspec.Struct, frozen=True, kw_only=True):
    """One Python, and the Keras that programs get in it.

    `keras` is None where TensorFlow isn't there or says nothing. `legacy`: programs get Keras 2 although their
    TensorFlow comes with Keras 3. `versions` has distributions by normalised name. `python` is as in "3.11.2".
    """

    keras: Literal[2, 3] | None
    executable: Path
    ours: bool
    legacy: bool = False
    python: str
    versions: dict[str, str]
    kind: Kind
    prefix: Path
    base: Path
    system_packages: bool = True
    variables: dict[str, Change] = {}
    """What its activation scripts did when it was chosen."""

    def name(self) -> Sentence:
        """What a status bar or a header calls it: Python 3.11 · Keras 2."""
        if self.keras is None:
            return sentence("Python {version}", version=self._short)
        return sentence("Python {version} · Keras {keras}", version=self._short, keras=self.keras)

    @property
    def _short(self) -> str:
        major, minor = short_version(self.python)
        return f"{major}.{minor}"

    @property
    def tensorflow(self) -> str | None:
        """The version of TensorFlow, or None where it isn't installed."""
        return tensorflow_version(self.versions)

    @property
    def installation(self) -> Installation:
        """Where its parts are."""
        return Installation(
            executable=self.executable,
            prefix=self.prefix,
            base=self.base,
            python=self.python,
            kind=self.kind,
            system_packages=self.system_packages,
        )

    def search_path(self) -> list[Path]:
        """Its sys.path, read from files: for those who look into its packages without running it.

        Absent are the program's own folder, PYTHONPATH, and what the code in .pth files would add.
        """
        return search_path(self.installation)

    def fingerprint(self) -> tuple[tuple[str, int], ...]:
        """Changes when something is installed into it or removed: each folder of its path with its time, in ns."""
        return tuple((str(folder), _changed_at(folder)) for folder in self.search_path())

    def record(self) -> InterpreterRecord:
        """What an attempt notes of it; no path."""
        installed = dict(self.versions)
        if self.tensorflow is not None:
            installed["tensorflow"] = self.tensorflow
        return InterpreterRecord(
            kind="this" if self.ours else "other",
            python=self.python,
            keras=self.keras,
            versions={name: installed[name] for name in PACKAGES if name in installed},
        )

    def modules(self) -> frozenset[str]:
        """The top-level names that it could import, read from files; takes some 10 ms."""
        return modules.importable(self.installation, ours=self.ours)


def _changed_at(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0


def interpreter_of(
    installation: Installation,
    *,
    keras: Literal[2, 3] | None = None,
    ours: bool = False,
    reader: Reader | None = None,
) -> Interpreter:
    """The interpreter of an installation, with the Keras of its TensorFlow, or `keras` where it has both."""
    installed = versions(installation, reader)
    generation = keras_of(installed)
    legacy = keras == 2 and generation == 3 and (ours or not installed.keys().isdisjoint(TF_KERAS))
    return Interpreter(
        keras=keras if legacy or ours else generation,
        executable=installation.executable,
        ours=ours,
        legacy=legacy,
        python=installation.python,
        versions=installed,
        kind=installation.kind,
        prefix=installation.prefix,
        base=installation.base,
        system_packages=installation.system_packages,
    )


def this_python(keras: Literal[2, 3] = 3) -> Interpreter:
    """The Python that mockexam itself runs in, with today's Keras or the exam's."""
    return interpreter_of(own(), keras=keras, ours=True)


def keras_of(installed: dict[str, str]) -> Literal[2, 3] | None:
    """The generation of `tf.keras` by the version of TensorFlow; None without TensorFlow."""
    version = short_version(tensorflow_version(installed) or "")
    if version == (0, 0):
        return None
    return 2 if version <= LAST_WITH_KERAS_2 else 3
