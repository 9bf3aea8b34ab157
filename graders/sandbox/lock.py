"""The lock: everything a child gives up, in the one order that works."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from graders.sandbox import landlock, libraries, privileges, seccomp

Layer = Literal["files", "calls", "privileges", "limits"]


def engage(
    layers: Iterable[Layer],
    readable: Iterable[bytes],
    kept: Iterable[int],
    use: tuple[int, int] | None,
    orders: int | None = None,
) -> None:
    """Lock the calling process for good; raises OSError when a layer doesn't hold, and then no model may be read.

    `readable` are the paths it may still open, `kept` the descriptors it keeps, `use` its limits of address space
    (bytes) and processor time (seconds), or None where its parent sets them. It may still receive from `orders`.
    """
    wanted = set(layers)
    privileges.close_all_but(kept)
    privileges.first_to_go()
    if "privileges" in wanted:
        privileges.no_new_privileges()
    if "files" in wanted:
        landlock.restrict((*readable, *libraries.OWN))
    if "privileges" in wanted:
        privileges.drop_capabilities()
        privileges.hide_memory()
    if "limits" in wanted:
        privileges.limit_files()
        privileges.limit_processes()
        if use is not None:
            privileges.limit_use(*use)
    if "calls" in wanted:  # last: it forbids what the others need
        seccomp.restrict(orders)
