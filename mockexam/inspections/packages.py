"""Imports of packages that the chosen Python lacks, and the line that installs each."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Mapping

from graders.sentences import Sentence, sentence
from mockexam.inspections.findings import MISSING, Finding
from mockexam.inspections.names.tree import Node
from mockexam.inspections.names.uses import Import
from mockexam.inspections.program import Program

DISTRIBUTIONS = {
    "cv2": "opencv-python", "sklearn": "scikit-learn", "PIL": "Pillow", "yaml": "PyYAML", "skimage": "scikit-image",
    "bs4": "beautifulsoup4", "dotenv": "python-dotenv", "Crypto": "pycryptodome", "OpenSSL": "pyOpenSSL",
    "attr": "attrs", "dateutil": "python-dateutil", "docx": "python-docx", "pptx": "python-pptx", "fitz": "PyMuPDF",
    "git": "GitPython", "github": "PyGithub", "imblearn": "imbalanced-learn", "jwt": "PyJWT",
    "kerastuner": "keras-tuner", "magic": "python-magic", "mpl_toolkits": "matplotlib", "MySQLdb": "mysqlclient",
    "OpenGL": "PyOpenGL", "pkg_resources": "setuptools", "psycopg2": "psycopg2-binary", "pylab": "matplotlib",
    "serial": "pyserial", "slugify": "python-slugify", "telegram": "python-telegram-bot", "tfjs": "tensorflowjs",
    "umap": "umap-learn", "usb": "pyusb", "win32api": "pywin32", "wx": "wxPython", "zmq": "pyzmq",
    "IPython": "ipython", "tf_slim": "tf-slim", "tflite_runtime": "tflite-runtime",
}  # fmt: skip
"""Packages that are installed under another name than they are imported by."""

_NOT_TO_INSTALL = frozenset(("google", "keras_preprocessing"))
"""What no installation brings: `google.colab` is on Colab alone, and `keras_preprocessing` is told by the table."""

_FAILURES = frozenset(("ImportError", "ModuleNotFoundError"))


LONGEST = 255
"""Letters of a module's name: no file of one is called longer, so nothing could be installed."""


def missing(
    program: Program, modules: frozenset[str], elsewhere: Mapping[str, str], python: str, mark: str
) -> Iterator[Finding]:
    """Yield a finding for each import of what that Python can't import."""
    for one in program.uses.imports:
        if one.own or not one.path:
            continue
        root = one.path[0].value
        on_colab = one.module.startswith("google.colab") or (root == "google" and _names(one) == {"colab"})
        if (root in modules and not on_colab) or root in sys.builtin_module_names or root == "__future__":
            continue
        if (
            len(one.module) > LONGEST
            or root == "keras_preprocessing"
            or _is_half_typed(one.node)
            or program.guarded(one.node, _FAILURES)
        ):
            continue
        yield _finding(one.path[0], one.path[-1], root, one.module, elsewhere, python, mark)


def _is_half_typed(node: Node) -> bool:
    """Whether something else stands before an import on its line."""
    before = node.get_first_leaf().get_previous_leaf()
    if before is None or before.type == "newline" or before.value in (";", ":", ""):
        return False
    return bool(before.end_pos[0] == node.start_pos[0])


def _names(one: Import) -> set[str]:
    return {name.value for name, _ in one.names}


def _finding(
    first: Node, last: Node, root: str, module: str, elsewhere: Mapping[str, str], python: str, mark: str
) -> Finding:
    (row, column), (end_row, end_column) = first.start_pos, last.end_pos
    return Finding(
        pattern=MISSING,
        row=row - 1,
        column=column,
        end_row=end_row - 1,
        end_column=end_column,
        message=_message(root, module),
        detail=_detail(root, elsewhere, python),
        digest=mark,
    )


def _message(root: str, module: str) -> Sentence:
    if root == "google":
        return sentence("google.colab is there on Colab alone.")
    return sentence("{package} is not installed for the Python of this project.", package=root)


def _detail(root: str, elsewhere: Mapping[str, str], python: str) -> Sentence:
    line = installation(root, python)
    other = elsewhere.get(root)
    if root in _NOT_TO_INSTALL:
        return sentence("Leave out this import and what uses it: here files are simply in the project's folder.")
    if other is not None:
        return sentence("Install it: {line} – or choose {other}, which has it.", line=line, other=other)
    return sentence("Install it: {line} – or choose another Python that has it.", line=line)


def installation(module: str, python: str) -> str:
    """The line for a shell that installs what a module belongs to, into the Python of this path."""
    distribution = DISTRIBUTIONS.get(module, module.replace("_", "-"))
    # untranslated: a shell reads it
    return f"{shlex.quote(python) if python else 'python'} -m pip install {distribution}"
