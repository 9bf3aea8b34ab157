"""What locks a child on this system: asked of the kernel, then tried (trial.py), and said honestly."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from typing import Literal

import msgspec

from graders.sandbox import kernel, landlock, seatbelt, seccomp
from graders.sandbox.lock import Layer
from graders.sandbox.trial import Holes

Level = Literal["full", "partial", "seatbelt", "none"]


ABSENT, BROKEN = "none", "broken"  # how the text of a layer begins that isn't there, or doesn't hold


class Isolation(msgspec.Struct, frozen=True, kw_only=True):
    """What is in force. `layers`: name → what it is made of here, or why it isn't there or doesn't hold.

    `tried`: whether a locked process has shown that it can do nothing that it must not; else the kernel was only asked.
    """

    level: Level
    layers: dict[str, str]
    advice: str = ""
    tried: bool = False

    @property
    def faults(self) -> tuple[str, ...]:
        """What is missing or doesn't hold, for a person."""
        return tuple(f"{name} {text}" for name, text in self.layers.items() if text.startswith((ABSENT, BROKEN)))

    @property
    def engaged(self) -> tuple[Layer, ...]:
        """The layers that the child engages itself."""
        if "privileges" not in self.layers:
            return ("limits",)
        files: tuple[Layer, ...] = () if self.layers["files"].startswith(ABSENT) else ("files",)
        calls: tuple[Layer, ...] = () if self.layers["calls"].startswith(ABSENT) else ("calls",)
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
    """What systems other than Linux have."""
    if seatbelt.available():
        layers = {"files": SEATBELT, "calls": SEATBELT, "limits": "processor time, watchdog"}
        return Isolation(level="seatbelt", layers=layers, advice=SEATBELT_ADVICE)
    return unlocked()


def unlocked() -> Isolation:
    """What every system has."""
    layers = {"files": "none", "calls": "none", "limits": "processor time, watchdog"}
    return Isolation(level="none", layers=layers, advice=NONE_ADVICE)


def after_trial(isolation: Isolation, holes: Holes) -> Isolation:
    """What is in force once a locked process has tried to get through: a layer with a hole counts as none."""
    if not holes:
        return msgspec.structs.replace(isolation, tried=True)
    broken = {name: f"{BROKEN}: a locked process could {', '.join(what)}" for name, what in holes.items()}
    absent = {name for name, text in isolation.layers.items() if text.startswith(ABSENT)}
    holding = {"files", "calls"} - set(broken) - absent
    level: Level = "partial" if holding else "none"
    return Isolation(level=level, layers={**isolation.layers, **broken}, advice=BROKEN_ADVICE, tried=True)


def untried(isolation: Isolation, why: str) -> Isolation:
    """What is in force where the lock could not be tried: nothing that could be relied on."""
    broken = dict.fromkeys(("files", "calls"), f"{BROKEN}: it could not be tried ({why})")
    return Isolation(level="none", layers={**isolation.layers, **broken}, advice=BROKEN_ADVICE)


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


BROKEN_ADVICE = (
    "The kernel has the lock but doesn't enforce it, as some emulators and containers don't. SavedModels and Lambda "
    "layers are refused: use another machine, or give the container Landlock and seccomp."
)
SEATBELT = "Seatbelt (sandbox-exec)"
SEATBELT_ADVICE = (
    "SavedModels and Lambda layers are refused, because memory can't be limited here and the authors have no Mac to "
    "test on. For those, and to grade files of others, use Linux 5.13 or later."
)
NONE_ADVICE = (
    "Models are opened with Keras' safe mode and a time limit only; SavedModels and Lambda layers are refused. "
    "On Windows run mockexam inside WSL2; elsewhere use Linux 5.13 or later."
)
