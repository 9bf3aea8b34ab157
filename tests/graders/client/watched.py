"""The product's own processes that run models, which also say what they imported behind the lock.

Started in place of `graders.child.warm_process` and `graders.child.spawned_process`. The names come back as notes
of the verdict.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any

from graders.boot import PACKAGES_OF_CANDIDATES
from graders.child import spawned_process, warm_process
from graders.trusted.findings import MOST_NOTES

LATE = "imported late: "
PRESENT = "imported though hidden: "
WATCHED = "watched"
"""The note which proves that imports were watched, so that no note of a late one means that there was none."""


def _watch() -> None:
    load_modules = warm_process.load_modules

    def load_and_watch(names: Iterable[str]) -> None:
        load_modules(names)
        from graders.child import examination

        early = frozenset(sys.modules)
        prepare: Callable[..., Any] = examination.prepare

        def prepare_and_tell(*arguments: Any) -> Any:
            prepared = prepare(*arguments)
            hidden = [PRESENT + name for name in sorted(sys.modules.keys() & PACKAGES_OF_CANDIDATES)]
            late = [LATE + name for name in sorted(sys.modules.keys() - early)]
            prepared.notes = [WATCHED, *hidden, *late][:MOST_NOTES]
            return prepared

        examination.prepare = prepare_and_tell  # type: ignore[assignment]

    warm_process.load_modules = load_and_watch


def warm() -> None:
    """Be the warm process."""
    _watch()
    warm_process.main()


def started_alone() -> None:
    """Be a cold child."""
    _watch()
    spawned_process.main()
