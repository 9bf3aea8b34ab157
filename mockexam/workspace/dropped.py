"""A path as terminals paste it when a file is dropped on them: plain, quoted, with backslashes, or as a file: URL."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from urllib.parse import unquote, urlsplit

from graders import formats
from graders.recognition.names import name_of

LONGEST = 4096


def path_of(text: str) -> Path:
    """The path that a typed, pasted or dropped text means, made absolute; tried literally before it is unquoted."""
    plain = text.strip()
    readings = [plain, _of_url(plain), _of_shell(plain)]
    paths = [_absolute(reading) for reading in readings if reading] or [_absolute(plain)]
    there = (path for path in paths if os.path.lexists(path))
    return next(there, paths[-1] if plain[:1] in ("'", '"') else paths[0])


def model_dropped(text: str) -> Path | None:
    """The model (a file or a folder) whose absolute path a pasted text is, with nothing else in it."""
    plain = text.strip()
    absolute = plain.lstrip("'\"").startswith(("/", "~", "file:"))
    if not absolute or "\n" in plain or len(plain) > LONGEST:
        return None
    path = path_of(plain)
    return path if is_model(path) else None


def is_model(path: Path) -> bool:
    """Whether there is a model at a path: a file with a model's name, or a folder that holds a model's parts."""
    try:
        return (path.is_file() and name_of(path.name).may_be_model) or formats.is_model_folder(path)
    except (OSError, ValueError):
        return False


def _of_url(text: str) -> str:
    """The path of a file: URL on this machine."""
    quoted = text.strip("'\"")
    if not quoted.lower().startswith("file:"):
        return ""
    try:
        parts = urlsplit(quoted)
    except ValueError:
        return ""
    return unquote(parts.path) if parts.netloc in ("", "localhost", os.uname().nodename) else ""


def _of_shell(text: str) -> str:
    """The one word that a shell would read; "" when there is none or more than one."""
    try:
        words = shlex.split(text)
    except ValueError:
        return text.strip("'\"")
    return words[0] if len(words) == 1 else ""


def _absolute(text: str) -> Path:
    try:
        return Path(os.path.abspath(Path(text.replace("\0", "")).expanduser()))  # noqa: PTH100 - resolve() follows links
    except RuntimeError:  # no such user's home
        return Path(os.path.abspath(text))  # noqa: PTH100
