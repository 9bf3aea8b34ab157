"""Unpack a candidate's zip archive on the trusted side, within limits, or say why not."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import NamedTuple

from graders.archives import ArchiveError, Limits, Names, Rule, guarded
from graders.contract import MEBIBYTE
from graders.formats import FOLDER_MARKS, MODEL_SUFFIXES
from graders.trusted.refused import Refused, refuse

MOST_MEMBERS = 2000
MOST_DIRECTORY_BYTES = 4 * MEBIBYTE
MOST_UNPACKED_BYTES = 1024 * MEBIBYTE
MOST_DEPTH = 10

_UNSAFE: dict[Rule, str] = {
    "name": "has a path that leaves the archive",
    "long": "has a path too long",
    "special": "is a link or a device",
    "encrypted": "is encrypted",
    "compression": "is compressed in an unusual way",
}
_ONLY_SUFFIXES = MODEL_SUFFIXES | {""}
_NOISE = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini", ".ipynb_checkpoints", "__pycache__", ".gitkeep")


class Content(NamedTuple):
    """What an archive held: the folder it was unpacked to, and its only file if that may be a model by itself."""

    root: Path
    single: str | None


def unpack(source: Path, into: Path, name: str) -> Content:
    """Unpack the archive `source` into the new folder `into`.

    Raises Refused when it is damaged, too large, or holds names that could leave the folder.
    """
    limits = Limits(MOST_MEMBERS, MOST_UNPACKED_BYTES, MOST_DIRECTORY_BYTES, MOST_DEPTH)
    try:
        with guarded(source, limits, _NAMES) as archive:
            into.mkdir(mode=0o755)
            archive.unpack(into, mode=0o444)
            files = [PurePosixPath(path) for path in archive.members]
    except ArchiveError as error:
        raise _refused(error, name) from None
    return Content(into, _single(files))


def _single(files: list[PurePosixPath]) -> str | None:
    """The only file that is called as models are, or the only file at all if it has no suffix; none of a folder's."""
    if any(file.name in FOLDER_MARKS for file in files):
        return None
    models = [file for file in files if file.suffix.lower() in (MODEL_SUFFIXES if len(files) > 1 else _ONLY_SUFFIXES)]
    return str(models[0]) if len(models) == 1 else None


def is_noise(name: str) -> bool:
    """Whether a file or folder is what desktops and notebooks add to archives and folders."""
    return name in _NOISE or name.startswith("._")


# What the zip programs of all systems write, and what a candidate may call a file beside the model.
_NAMES = Names(refused=":", backslash_separates=True, legacy=True, unprintable=True, folders=True, is_noise=is_noise)


def _refused(error: ArchiveError, name: str) -> Refused:
    member = f"{error.member[:80]!r}"
    if error.rule in _UNSAFE:
        return refuse("format", "archive-unsafe", "an archive with plain files only",
            f"{name}: member {member} {_UNSAFE[error.rule]}",
            "Save the model again with model.save, or zip its folder with the system's zip program.")  # fmt: skip
    if error.rule in ("twice", "clash"):
        return refuse("format", "archive-unsafe", "an archive with each file once", f"{name}: {member} twice",
            "Save the model again with model.save.")  # fmt: skip
    if error.rule == "members":
        return _too_many(name, f"{error.amount:,}")
    if error.rule == "bytes":
        return _bomb(name, f"{error.amount / MEBIBYTE:,.0f} MiB")
    if error.rule == "truncated":
        return refuse("format", "truncated", "a complete archive", f"{name} has no archive directory at its end",
            "The file was cut short while saving, copying or downloading. Save or copy it again.")  # fmt: skip
    return _damaged(name, error.found)


def _too_many(name: str, found: str) -> Refused:
    return refuse("size", "too-many-files", f"at most {MOST_MEMBERS} files in an archive", f"{name} holds {found}",
        "Put only the model into the archive, not the project or its data.")  # fmt: skip


def _bomb(name: str, found: str) -> Refused:
    return refuse("size", "unpacks-too-big", f"at most {MOST_UNPACKED_BYTES // MEBIBYTE} MiB when unpacked",
        f"{name} unpacks to {found}", "Save a smaller model, with fewer or smaller layers.")  # fmt: skip


def _damaged(name: str, detail: str) -> Refused:
    return refuse("format", "damaged", "an archive that can be unpacked", f"{name} is damaged ({detail[:120]})",
        "The file was cut short or changed on its way. Save or copy it again.")  # fmt: skip
