"""What locks a child on this system, asked of the kernel and said honestly."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from typing import Literal

import msgspec

from graders.sandbox import kernel, landlock, seccomp
from graders.sandbox.lock import Layer

Level = Literal["full", "partial", "none"]


class Isolation(msgspec.Struct, frozen=True, kw_only=True):
    """What is in force. `layers`: name → what it is made of here, or why it isn't there."""

    level: Level
    layers: dict[str, str]
    advice: str = ""

    @property
    def engaged(self) -> tuple[Layer, ...]:
        """The layers that the child engages itself."""
        if "privileges" not in self.layers:
            return ("limits",)
        files: tuple[Layer, ...] = () if self.layers["files"].startswith("none") else ("files",)
        calls: tuple[Layer, ...] = () if self.layers["calls"].startswith("none") else ("calls",)
        return ("privileges", "limits", *files, *calls)

    @property
    def holds_code(self) -> bool:
        """Whether a model that brings code of its own (SavedModel, Lambda) may be opened at all."""
        return self.level == "full"


def probe() -> Isolation:
    """Ask this system, without changing anything; a few milliseconds."""
    if kernel.LINUX:
        return _linux(landlock.version(), seccomp.available())
    return portable()


def portable() -> Isolation:
    """What every system has."""
    layers = {"files": "none", "calls": "none", "limits": "processor time, watchdog"}
    return Isolation(level="none", layers=layers, advice=NONE_ADVICE)


def _linux(version: int, filtered: bool) -> Isolation:
    machine = platform.machine()
    layers = {
        "files": f"Landlock {version}" if version else "none: this kernel has no Landlock, or it is switched off",
        "calls": f"seccomp ({machine})" if filtered else f"none: no seccomp filter for this kernel on {machine}",
        "privileges": "no new privileges, capabilities dropped",
        "limits": "memory, processor time, threads, output, no files",
    }
    if version and filtered:
        return Isolation(level="full", layers=layers)
    level: Level = "partial" if version or filtered else "none"
    return Isolation(level=level, layers=layers, advice=" ".join(_missing(version, filtered)))


def _missing(version: int, filtered: bool) -> Iterator[str]:
    if not version:
        yield "Landlock needs Linux 5.13 or later, with landlock among the kernel's lsm= list."
    if not filtered:
        yield "The filter of system calls needs x86-64 or aarch64 and a kernel with seccomp."
    yield "Until then SavedModels and Lambda layers are refused: save an .h5 or .keras file, or use another machine."


NONE_ADVICE = (
    "Models are opened with Keras' safe mode and a time limit only; SavedModels and Lambda layers are refused. "
    "On Windows run mockexam inside WSL2; elsewhere use Linux 5.13 or later."
)
