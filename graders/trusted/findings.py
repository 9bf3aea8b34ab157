"""What is found out about a submission, and the words for what went wrong with it.

What a child says is bounded and cleaned here; an answer that isn't made as agreed is a `ForgedFrame`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from graders.contract import Limits
from graders.sandbox.report import Isolation, described
from graders.sentences import Sentence, Words, sentence
from graders.texts import clean, cleaned, shown_name
from graders.trusted.staging import Staged
from graders.trusted.watchdog import Answer
from graders.verdict import Link, Reason, Receipt, Told

MOST_NOTES = 16
OUT_OF_MEMORY = ("MemoryError", "ResourceExhaustedError", "InternalError", "_ArrayMemoryError")
CHILD_LINKS: tuple[Link, ...] = ("file", "size", "format", "load", "rules", "input", "output", "finite")


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """A report from the child. Unknown fields are left out; wrong types are not believed."""

    stage: str
    keras_version: str | None = None
    loader: str | None = None
    layers: int | None = None
    parameters: int | None = None
    input_shape: tuple[int | None, ...] | None = None
    output_shape: tuple[int | None, ...] | None = None
    notes: tuple[str | Told, ...] = ()


class _Refusal(msgspec.Struct, frozen=True, kw_only=True):
    link: str
    code: str
    expected: str | Told
    found: str | Told
    advice: str | Told


class _Error(msgspec.Struct, frozen=True, kw_only=True):
    type: str
    message: str


MOST_NAMED = 4
"""Models beside the tested one that a note names."""


class Findings:
    """Collects the receipt and the notes of one submission."""

    def __init__(self, model: bytes) -> None:
        self._fields: dict[str, Any] = {"file": shown_name(model), "bytes": 0, "sha256": ""}
        self._timings: dict[str, float] = {}
        self.notes: tuple[Words, ...] = ()

    def staged(self, staged: Staged, seconds: float) -> None:
        """The file was copied."""
        self._fields.update(bytes=staged.bytes, sha256=staged.sha256, format=staged.kind)
        if staged.others:
            listed = clean(", ".join(staged.others[:MOST_NAMED]), 200)
            self.notes += (sentence("Other models lay beside it and were not tested: {names}.", names=listed),)
        self.timed("copying", seconds)

    def stage(self, body: bytes) -> str:
        """The child reported a stage; returns its name ("" when it makes no sense)."""
        try:
            stage = msgspec.json.decode(body, type=Stage)
            notes = (*self.notes, *(_words(note, 300) for note in stage.notes))
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return ""
        told = msgspec.structs.asdict(stage)
        for name in ("keras_version", "loader"):
            if told[name] is not None:
                self._fields[name] = clean(told[name], 60)
        for name in ("layers", "parameters"):
            if told[name] is not None and 0 <= told[name] < 1 << 63:
                self._fields[name] = told[name]
        for name in ("input_shape", "output_shape"):
            if told[name] is not None and len(told[name]) <= 8:
                self._fields[name] = told[name]
        self.notes = notes[:MOST_NOTES]
        return stage.stage

    def answered(self, answer: Answer) -> None:
        """The child has ended."""
        self._fields["peak_bytes"] = answer.peak or None
        moments = answer.moments
        if "ready" in moments:
            self.timed("starting", moments["ready"])
        previous = moments.get("ready", 0.0)
        for moment, name in (("loaded", "loading"), ("answered", "testing")):
            if moment in moments:
                self.timed(name, moments[moment] - previous)
                previous = moments[moment]

    def timed(self, phase: str, seconds: float) -> None:
        """A phase took so many seconds."""
        self._timings[phase] = round(seconds, 6)

    def error(self, body: bytes, limits: Limits) -> Reason:
        """The reason for an error that the model raised."""
        try:
            error = msgspec.json.decode(body, type=_Error)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return failure("forged", sentence("an unreadable error"), limits)
        found = f"{clean(error.type, 60)}: {clean(error.message)}"
        return failure("memory" if error.type in OUT_OF_MEMORY else "error", found, limits)

    def receipt(self) -> Receipt:
        """The receipt: all that is known."""
        return Receipt(**self._fields, timings=dict(self._timings))


def refusal(body: bytes) -> Reason:
    """The reason for a refusal by the child."""
    try:
        told = msgspec.json.decode(body, type=_Refusal)
        expected, found, advice = (_words(part) for part in (told.expected, told.found, told.advice))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return Reason.of("load", "unreadable", sentence("a model"), sentence("an unreadable refusal"), "")
    link: Link = next((known for known in CHILD_LINKS if known == told.link), "load")
    return Reason.of(link, clean(told.code, 60), expected, found, advice)


def _words(told: str | Told, most: int = 600) -> Words:
    """What a child said, made fit to be shown, its template too. Raises ValueError for a sentence of too many parts."""
    if isinstance(told, str):
        return clean(told, most)
    words = told.sentence()
    if any(clean(text) != text for text in _templates(words)):
        raise ValueError("a template that could steer a terminal")
    return cleaned(words, most)


def _templates(words: Sentence) -> Iterator[str]:
    yield words.template
    yield words.many or ""
    for value in words.values.values():
        if isinstance(value, Sentence):
            yield from _templates(value)


def damaged(error: OSError) -> Reason:
    """The reason for a file whose own positions and lengths don't fit each other."""
    return Reason.of(
        "format",
        "damaged",
        sentence("a whole model file"),
        sentence("a damaged one ({error})", error=error.strerror),
        sentence("Save the model again and submit the new file."),
    )


ADVICE = {
    "time": sentence("Make the model smaller, or check that no layer loops without end."),
    "cpu": sentence("Make the model smaller, or check that no layer loops without end."),
    "memory": sentence("Make the model smaller: fewer units, smaller images, fewer filters before flattening."),
    "threads": sentence("A model has no need to start threads of its own; remove the code that does."),
    "output": sentence("Remove what the model prints while it predicts."),
    "crash": sentence("Load the file with Keras yourself; if it works there, save it again and submit the new file."),
    "silent": sentence("Remove the code in the model that ends the process."),
    "forged": sentence("Submit a model that only predicts."),
    "error": sentence(
        "Load the file in a fresh Python and call model.predict on a few examples, then fix what it reports."
    ),
}


def failure(code: str, found: Words, limits: Limits) -> Reason:
    """The reason for a model that did not get to its predictions."""
    expected = {
        "time": sentence("predictions within {seconds} seconds", seconds=f"{limits.wall_seconds:g}"),
        "cpu": sentence("predictions within {seconds} seconds of processor time", seconds=limits.cpu_seconds),
        "memory": sentence("predictions within {size} MiB of memory", size=limits.resident_bytes >> 20),
    }.get(code, sentence("one array of predictions"))
    return Reason.of("process", code, expected, cleaned(found), ADVICE[code])


def not_finite(strange: int, total: int) -> Reason:
    """The reason for predictions that aren't finite numbers."""
    return Reason.of(
        "finite",
        "not-finite",
        sentence("finite predictions"),
        sentence("{count} of {total} predicted values are NaN or infinite", count=strange, total=total),
        sentence("Lower the learning rate or scale the inputs, train again, and check the loss while training."),
    )


A_VERDICT = sentence("a verdict")
UNABLE_ADVICE = {
    "cancelled": sentence("Press Submit and Test again when you want a verdict."),
    "hidden": sentence("Prepare the exam again, or ask the author of the pack."),
    "lock": sentence("Run `mockexam doctor`: it says which part of the lock does not hold here."),
    "machine": sentence("Free space in the temporary folder (TMPDIR names another one) and memory, then submit again."),
    "process": sentence(
        "Close what needs much memory and press Submit and Test again. If it stays so, run `mockexam doctor`."
    ),
}


def unable(code: str, found: Words) -> Reason:
    """The reason for a fault of ours."""
    return Reason.of("grader", code, A_VERDICT, cleaned(found), UNABLE_ADVICE[code])


def internal(error: Exception) -> Reason:
    """The reason for a fault of ours that nobody foresaw."""
    found = clean(f"{type(error).__name__}: {error}")
    return Reason.of("grader", "internal", A_VERDICT, found, sentence("Please report this."))


def isolation_missing(isolation: Isolation) -> Reason:
    """The reason for a model that may not be opened behind the lock that this system has."""
    why = described(isolation.faults or isolation.layers)
    return Reason.of(
        "grader",
        "isolation",
        sentence("the full lock around the process that opens the model"),
        sentence("isolation level {level}: {why}", level=isolation.level, why=why),
        isolation.advice or sentence("Run `mockexam doctor`."),
    )
