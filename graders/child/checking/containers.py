"""Refuse HDF5 files that hold less than they show: links, and data that lie in other files."""

from __future__ import annotations

from typing import Any

import h5py

from graders.child.loading.blueprint import COPY_ADVICE, first_line
from graders.child.refusal import Refusal
from graders.sentences import Words, sentence

FILTERS = frozenset({
    h5py.h5z.FILTER_DEFLATE,
    h5py.h5z.FILTER_SHUFFLE,
    h5py.h5z.FILTER_FLETCHER32,
    h5py.h5z.FILTER_SZIP,
    h5py.h5z.FILTER_NBIT,
    h5py.h5z.FILTER_SCALEOFFSET,
    h5py.h5z.FILTER_LZF,
})  # fmt: skip
"""What HDF5 and h5py can unpack by themselves; for all others HDF5 would look for a library to load."""


def check_container(file: h5py.File) -> None:
    """Refuse a file that leads elsewhere, or whose groups can't be read. Raises Refusal."""
    names: list[bytes] = []

    def look(name: bytes, link: Any) -> bytes | None:
        names.append(name)
        return None if link.type == h5py.h5l.TYPE_HARD else name  # an exception wouldn't come through HDF5

    try:
        led = file.id.links.visit(look, info=True)
    except Exception as error:
        raise unreadable(error) from None
    if led is not None:
        raise _leads_elsewhere(sentence("{name} is a link", name=_shown(led)))
    for name in names:
        made = _creation(file, name)
        if made is not None:
            _check_data(_shown(name), made)


def unreadable(error: Exception) -> Refusal:
    """Return the refusal of a file that HDF5 can't read."""
    if "truncated" in str(error):
        return Refusal(
            "load",
            "truncated",
            sentence("a complete HDF5 file"),
            sentence("the file was cut short"),
            sentence("Save the model again and wait until the script has ended; check that the disk isn't full."),
        )
    found = sentence("HDF5 can't read it ({error})", error=first_line(error))
    return Refusal("load", "damaged", sentence("a readable HDF5 file"), found, COPY_ADVICE)


def _creation(file: h5py.File, name: bytes) -> Any:
    """How a data set was made; None for what is none, and for what can't be opened, by Keras no more than here."""
    try:
        held = h5py.h5o.open(file.id, name)
        return held.get_create_plist() if isinstance(held, h5py.h5d.DatasetID) else None
    except Exception:
        return None


def _check_data(name: str, made: Any) -> None:
    if made.get_layout() == h5py.h5d.VIRTUAL or made.get_external_count():
        raise _leads_elsewhere(sentence("the data of {name} lie in another file", name=name))
    if any(made.get_filter(number)[0] not in FILTERS for number in range(made.get_nfilters())):
        raise _leads_elsewhere(sentence("the data of {name} are packed in a way that HDF5 doesn't know", name=name))


def _leads_elsewhere(found: Words) -> Refusal:
    return Refusal(
        "rules",
        "foreign-file",
        sentence("a file that holds all of its model"),
        found,
        sentence('Save the model again with model.save("mymodel.h5").'),
    )


def _shown(name: bytes) -> str:
    return name.decode("utf-8", "replace")[:80]
