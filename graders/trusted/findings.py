"""What is found out about a submission, and the words for what went wrong with it.

What a child says is bounded and cleaned here; an answer that isn't made as agreed is a `ForgedFrame`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from graders.contract import Limits, Memory
from graders.sandbox.report import Isolation, described
from graders.sentences import Sentence, Words, sentence, sentences
from graders.texts import clean, cleaned, shown_name
from graders.trusted import codes
from graders.trusted.staging import Staged
from graders.trusted.watchdog import Answer
from graders.verdict import Link, Reason, Receipt, Told
from graders.version import __version__

MOST_NOTES = 16
OUT_OF_MEMORY = ("MemoryError", "ResourceExhaustedError", "InternalError", "_ArrayMemoryError")
CHILD_LINKS: tuple[Link, ...] = ("file", "size", "format", "load", "rules", "input", "output", "finite")


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """A report from the child before it sees a row. Unknown fields are left out; wrong types are not believed."""

    stage: str
    code: bool = False
    keras_version: str | None = None
    loader: str | None = None
    layers: int | None = None
    parameters: int | None = None
    input_shape: tuple[int | None, ...] | None = None
    output_shape: tuple[int | None, ...] | None = None


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """The last that is believed of a child's words: it is ready to be shown rows."""

    memory: Memory
    notes: tuple[str | Told, ...] = ()
    trouble: str | Told = ""


class _Refusal(msgspec.Struct, frozen=True, kw_only=True):
    link: str
    code: str
    raised: str = ""
    expected: str | Told
    found: str | Told
    advice: str | Told


class _Error(msgspec.Struct, frozen=True, kw_only=True):
    type: str
    message: str


PEAK_STEP = 64 << 20
"""Bytes: peaks are told in whole steps, because a model could tell of the rows by the memory that it takes."""

MOST_NAMED = 4
"""Models beside the tested one that a note names."""


class Findings:
    """Collects the receipt and the notes of one submission."""

    def __init__(self, model: bytes) -> None:
        self._fields: dict[str, Any] = {"file": shown_name(model), "bytes": 0, "sha256": ""}
        self._exact: dict[str, float] = {}
        self._timings: dict[str, float] = {}
        self.notes: tuple[Words, ...] = ()
        self.code = False  # whether the model may run code of its own
        self.trouble: Words = ""  # what went wrong when it was tried out on zeros

    def staged(self, staged: Staged, seconds: float) -> None:
        """The file was copied."""
        self._fields.update(bytes=staged.bytes, sha256=staged.sha256, format=staged.kind)
        if staged.others:
            listed = clean(", ".join(staged.others[:MOST_NAMED]), 200)
            self.notes += (sentence("Other models lay beside it and were not tested: {names}.", names=listed),)
        self.timed("copying", seconds)

    def stage(self, body: bytes | bytearray) -> None:
        """The child reported what it read or loaded."""
        try:
            stage = msgspec.json.decode(body, type=Stage)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return
        if stage.stage == "read":
            self.code = stage.code
            return
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

    def waiting(self, body: bytes | bytearray) -> Memory:
        """The child waits for rows; returns what its model could remember, the most where it makes no sense."""
        try:
            waiting = msgspec.json.decode(body, type=Waiting)
            notes = (*self.notes, *(_words(note, 300) for note in waiting.notes))
            self.trouble = _words(waiting.trouble, 600)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return "anything"
        self.notes = tuple(dict.fromkeys(notes))[:MOST_NOTES]  # the same again after a retry
        # What may have run code could have made it say anything.
        return "anything" if self.code else waiting.memory

    def answered(self, answer: Answer) -> None:
        """The child has ended."""
        peak = -(-answer.peak // PEAK_STEP) * PEAK_STEP
        self._fields["peak_bytes"] = max(peak, self._fields.get("peak_bytes") or 0) or None
        moments = answer.moments
        if "ready" in moments:
            self.timed("starting", moments["ready"])
        begun = moments.get("ready", 0.0)
        loaded = moments.get("loaded", moments.get("answered"))
        if loaded is not None:
            self.timed("loading", loaded - begun)
        if "loaded" in moments and "answered" in moments:
            self.timed("testing", moments["answered"] - moments["loaded"])

    def timed(self, phase: str, seconds: float) -> None:
        """A phase took so many seconds; they are added to those that it took before."""
        # Coarse: a model that has seen the rows could otherwise tell of them by how long it takes.
        self._exact[phase] = self._exact.get(phase, 0.0) + seconds
        self._timings[phase] = round(self._exact[phase], 1)

    def error(self, body: bytes | bytearray, limits: Limits, *, in_codes: bool) -> Reason:
        """The reason for an error that the model raised; `in_codes` keeps its own words back."""
        try:
            error = msgspec.json.decode(body, type=_Error)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
            return failure("forged", sentence("an unreadable error"), limits)
        found = codes.error(error.type) if in_codes else f"{clean(error.type, 60)}: {clean(error.message)}"
        return failure("memory" if error.type in OUT_OF_MEMORY else "error", found, limits)

    def refusal(self, body: bytes | bytearray, *, in_codes: bool) -> Reason:
        """The reason for a refusal by the child; `in_codes` keeps its own words back."""
        if not in_codes:
            return refusal(body)
        try:
            told = msgspec.json.decode(body, type=_Refusal)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return codes.refusal("", "", "")
        return codes.refusal(told.code, told.raised, self.trouble)

    def receipt(self) -> Receipt:
        """The receipt: all that is known."""
        return Receipt(**self._fields, grader=__version__, timings=dict(self._timings))


def refusal(body: bytes | bytearray) -> Reason:
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


SINGLY = sentence(
    "The model answers at random or from memory: the same examples were answered differently when they were shown "
    "again. Each example was predicted by itself, from the state in which the model was saved."
)


def depends_on_others(count: int, total: int) -> Reason:
    """The reason for a model that answers for a row by what the other rows are: `count` of `total` showed it."""
    return Reason.of(
        "output",
        "depends-on-others",
        sentence("the same answer for an example whatever other examples are predicted with it"),
        sentences(
            "{count} of {total} examples was answered differently alone and among others",
            "{count} of {total} examples were answered differently alone and among others",
            count=count,
            total=total,
        ),
        sentence(
            "Take out of the model what reads other examples: operations along the first axis, BatchNormalization that "
            "is called with training=True, and variables that keep something from one batch to the next."
        ),
    )


def unrepeatable(count: int, total: int) -> Reason:
    """The reason for a model that answers at random or from memory, where such a model isn't scored."""
    return Reason.of(
        "output",
        "unrepeatable",
        sentence("the same answer each time an example is shown"),
        sentences(
            "{count} of {total} examples was answered differently when it was shown again",
            "{count} of {total} examples were answered differently when they were shown again",
            count=count,
            total=total,
        ),
        sentence(
            "Call no layer with training=True, leave out what keeps something between calls, and save the model again."
        ),
    )


def not_comparable(error: ValueError) -> Reason:
    """The reason for predictions of a length that the contract leaves open, and that the labels don't fit."""
    return Reason.of(
        "output",
        "output-shape",
        sentence("predictions that the problem's labels can be compared with"),
        sentence("others: {error}", error=error),
        sentence("Give the last layer one unit for each class, or one for each value that is asked for."),
    )


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
