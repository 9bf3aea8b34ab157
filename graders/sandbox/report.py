"""What locks a child on this system: asked of the kernel, then tried (trial.py), and reported honestly."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from graders.sandbox import kernel, landlock, seatbelt, seccomp
from graders.sandbox.lock import Layer
from graders.sandbox.trial import HIDES, Holes, act_in_words
from graders.sentences import Sentence, Words, joined, sentence

Level = Literal["full", "partial", "seatbelt", "none"]


ABSENT, BROKEN = "none", "broken"  # how the English of a layer begins when it is missing or doesn't hold
NAMES: dict[str, Sentence] = {
    "files": sentence("files"),
    "calls": sentence("calls"),
    "privileges": sentence("privileges"),
    "limits": sentence("limits"),
}


class Isolation(msgspec.Struct, frozen=True, kw_only=True):
    """What is in force. `layers`: name → what it is made of here, or why it isn't there or doesn't hold.

    `tried`: whether a locked process has shown that it can do nothing it must not; else only the kernel was asked.
    """

    level: Level
    layers: dict[str, Words]
    advice: Words = ""
    tried: bool = False

    @property
    def faults(self) -> dict[str, Words]:
        """The layers that are missing or don't hold."""
        return {name: words for name, words in self.layers.items() if str(words).startswith((ABSENT, BROKEN))}

    @property
    def engaged(self) -> tuple[Layer, ...]:
        """The layers that the child itself engages."""
        if "privileges" not in self.layers:
            return ("limits",)
        files: tuple[Layer, ...] = () if _is_absent(self.layers["files"]) else ("files",)
        calls: tuple[Layer, ...] = () if _is_absent(self.layers["calls"]) else ("calls",)
        return ("privileges", "limits", *files, *calls)

    @property
    def holds_code(self) -> bool:
        """Whether a model that brings code of its own (SavedModel, Lambda) may be opened at all."""
        return self.level == "full"

    def to_builtins(self) -> dict[str, Any]:
        """The fields in English, for other programs."""
        layers = {name: str(words) for name, words in self.layers.items()}
        return {"level": self.level, "layers": layers, "advice": str(self.advice), "tried": self.tried}


def described(layers: Mapping[str, Words]) -> Words:
    """Layers by name, with what each is made of or why it isn't there."""
    # No sentence of its own for each layer: a verdict nests sentences only to a small depth.
    parts: dict[str, Words] = {}
    for number, (name, words) in enumerate(layers.items()):
        parts |= {f"name{number}": NAMES.get(name, name), f"what{number}": words}
    return Sentence("; ".join(f"{{name{number}}} {{what{number}}}" for number in range(len(layers))), parts)


def _is_absent(words: Words) -> bool:
    return str(words).startswith(ABSENT)


def probe() -> Isolation:
    """What this system says it has; changes nothing and takes a few milliseconds."""
    if kernel.LINUX:
        return _linux(landlock.version(), seccomp.available())
    return portable()


def portable() -> Isolation:
    """What systems other than Linux have."""
    if seatbelt.available():
        layers: dict[str, Words] = {"files": SEATBELT, "calls": SEATBELT, "limits": OUTSIDE_LIMITS}
        return Isolation(level="seatbelt", layers=layers, advice=SEATBELT_ADVICE)
    return unlocked()


def unlocked() -> Isolation:
    """What is in force where nothing locks the child: what every system has."""
    layers: dict[str, Words] = {"files": NONE, "calls": NONE, "limits": OUTSIDE_LIMITS}
    return Isolation(level="none", layers=layers, advice=NONE_ADVICE)


def after_trial(isolation: Isolation, holes: Holes) -> Isolation:
    """What is in force once a locked process has tried to get through: a layer with a hole counts as none."""
    if not holes:
        return msgspec.structs.replace(isolation, tried=True)
    broken = {name: _broken(acts) for name, acts in holes.items()}
    absent = {name for name, words in isolation.layers.items() if _is_absent(words)}
    holding = {"files", "calls"} - set(broken) - absent
    level: Level = "partial" if holding else "none"
    hidden_only = {(name, *acts) for name, acts in holes.items()} == {("limits", HIDES.english)}
    advice = HIDDEN_ADVICE if hidden_only else BROKEN_ADVICE
    return Isolation(level=level, layers={**isolation.layers, **broken}, advice=advice, tried=True)


def _broken(acts: tuple[str, ...]) -> Words:
    listed = joined([act_in_words(act) for act in acts], ", ")
    return sentence("broken: a locked process could {acts}", acts=listed)


def untried(isolation: Isolation, why: str) -> Isolation:
    """What is in force where the lock could not be tried: nothing that can be relied on."""
    broken = dict.fromkeys(("files", "calls"), sentence("broken: it could not be tried ({why})", why=why))
    return Isolation(level="none", layers={**isolation.layers, **broken}, advice=BROKEN_ADVICE)


def _linux(version: int, filtered: bool) -> Isolation:
    machine = platform.machine()
    layers: dict[str, Words] = {
        "files": sentence("Landlock {version}", version=version)
        if version
        else sentence("none: this kernel has no Landlock, or it is switched off"),
        "calls": f"seccomp ({machine})"
        if filtered
        else sentence("none: no seccomp filter for this kernel on {machine}", machine=machine),
        "privileges": sentence("no new privileges, capabilities dropped"),
        "limits": sentence("memory, processor time, threads, output, no files"),
    }
    if version and filtered:
        return Isolation(level="full", layers=layers)
    level: Level = "partial" if version or filtered else "none"
    return Isolation(level=level, layers=layers, advice=joined(list(_missing(version, filtered)), " "))


def _missing(version: int, filtered: bool) -> Iterator[Sentence]:
    if not version:
        yield sentence("Landlock needs Linux 5.13 or later, with landlock in the kernel's lsm= list.")
    if not filtered:
        yield sentence("The filter of system calls needs x86-64 or aarch64 and a kernel with seccomp.")
    yield sentence(
        "Until then SavedModels and Lambda layers are refused: save an .h5 or .keras file, or use another machine."
    )


BROKEN_ADVICE = sentence(
    "The kernel has the lock but doesn't enforce it, as some emulators and containers don't. SavedModels and Lambda "
    "layers are refused: use another machine, or give the container Landlock and seccomp."
)
HIDDEN_ADVICE = sentence(
    "Processes are hidden from the grader here: /proc is mounted with hidepid. SavedModels and Lambda layers are "
    "refused, because nothing would keep them from more memory and threads than they may have. Mount /proc without "
    "hidepid, or with gid= of a group that the grader's user is in."
)
NONE = sentence("none")
OUTSIDE_LIMITS = sentence("processor time, watchdog")
SEATBELT = "Seatbelt (sandbox-exec)"
SEATBELT_ADVICE = sentence(
    "SavedModels and Lambda layers are refused, because memory can't be limited here and the authors have no Mac to "
    "test on. For those, and to grade files of others, use Linux 5.13 or later."
)
NONE_ADVICE = sentence(
    "Models are opened with Keras' safe mode and a time limit only; SavedModels and Lambda layers are refused. "
    "On Windows run mockexam inside WSL2; elsewhere use Linux 5.13 or later."
)
