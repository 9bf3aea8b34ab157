"""What a grader answers: one verdict for each submission, with its reason and a receipt."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

import msgspec

from graders.sentences import PLACEHOLDER, Sentence, Words

Outcome = Literal["scored", "refused", "failed", "unable"]
Link = Literal["file", "size", "format", "load", "rules", "input", "output", "finite", "tests", "process", "grader"]
Phase = Literal["queued", "copying", "loading", "testing", "scoring"]
Part = Literal["expected", "found", "advice"]

MOST_DEPTH = 3  # levels of sentences within sentences
MOST_PLACEHOLDERS = 16  # values in one sentence
LARGEST = 1 << 53  # largest number in a sentence


class Told(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A sentence as it is kept in a file: `template` and `many` are what translators know it by."""

    template: str
    many: str | None = None
    values: dict[str, Annotated[int, msgspec.Meta(ge=-LARGEST, le=LARGEST)] | str | Told] = {}

    @classmethod
    def of(cls, sentence: Sentence) -> Told:
        """The sentence with its values."""
        values = {
            name: cls.of(value) if isinstance(value, Sentence) else value for name, value in sentence.values.items()
        }
        return cls(template=sentence.template, many=sentence.many, values=values)

    def sentence(self, depth: int = MOST_DEPTH) -> Sentence:
        """The sentence again. Raises ValueError for one nested too deep, with too many parts, or without its count."""
        if depth == 0 or len(PLACEHOLDER.findall(self.template + (self.many or ""))) > MOST_PLACEHOLDERS:
            raise ValueError("a sentence of too many parts")
        if self.many is not None and not isinstance(self.values.get("count"), int):
            raise ValueError("a sentence that counts, without a count")
        values = {
            name: value.sentence(depth - 1) if isinstance(value, Told) else value for name, value in self.values.items()
        }
        return Sentence(self.template, values, self.many)


class Reason(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a verdict is what it is: the first link of the chain that broke, in English for files and other programs.

    `sentences` has those of the three parts that can be translated.
    """

    link: Link
    code: str  # short and stable, as in "input-shape"
    expected: str
    found: str
    advice: str
    sentences: dict[str, Told] = {}

    @classmethod
    def of(cls, link: Link, code: str, expected: Words, found: Words, advice: Words) -> Reason:
        """A reason that can be translated as far as its parts are sentences."""
        parts = {"expected": expected, "found": found, "advice": advice}
        return cls(
            link=link,
            code=code,
            expected=str(expected),
            found=str(found),
            advice=str(advice),
            sentences={part: Told.of(words) for part, words in parts.items() if isinstance(words, Sentence)},
        )

    def words(self, part: Part) -> Words:
        """A part as a sentence; as its English text where only that was kept, or the sentence says something else."""
        return _believed(self.sentences.get(part), getattr(self, part))


def _believed(told: Told | None, text: str) -> Words:
    """The sentence, if there is one and it says what the text says; else the text."""
    if told is None:
        return text
    try:
        sentence = told.sentence()
    except ValueError:
        return text
    return sentence if sentence.english == text else text


class TestScore(msgspec.Struct, frozen=True, kw_only=True):
    """One of the five tests: metric name → value, and whether every threshold was met."""

    __test__ = False  # not a test class, whatever its name says to pytest

    passed: bool
    values: dict[str, float]


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What was received and examined. Shapes are without the batch axis; timings are seconds per phase.

    `grader` is the version of the grader; receipts of 0.1.0 and earlier don't have it.
    """

    file: str
    bytes: int
    sha256: str
    format: str | None = None
    keras_version: str | None = None
    loader: str | None = None  # "keras", "tf_keras" or "savedmodel"
    layers: int | None = None
    parameters: int | None = None
    input_shape: tuple[int | None, ...] | None = None
    output_shape: tuple[int | None, ...] | None = None
    timings: dict[str, float] = {}
    peak_bytes: int | None = None
    grader: str | msgspec.UnsetType = msgspec.UNSET


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of a submission.

    scored: n of the tests passed. refused: the model breaks the contract. failed: it crashed, or ran out of time or
    memory. unable: our fault; the candidate loses nothing and may submit again.
    """

    outcome: Outcome
    tests: tuple[TestScore, ...] = ()
    reason: Reason | None = None
    notes: tuple[str, ...] = ()
    receipt: Receipt | None = None
    isolation: str = "none"
    # [k]: the probability that a fresh set of draws passes exactly k tests
    pass_probabilities: tuple[float, ...] = msgspec.field(name="odds", default=())
    # in how many fresh sets that was counted, where there were fewer than usual
    pass_probability_sets: int | msgspec.UnsetType = msgspec.field(name="odds_sets", default=msgspec.UNSET)
    # note → its sentence, where it can be translated
    sentences: dict[str, Told] | msgspec.UnsetType = msgspec.UNSET

    @property
    def passed(self) -> int:
        """How many tests passed; 0 unless scored."""
        return sum(test.passed for test in self.tests)

    def with_notes(self, notes: Iterable[Words]) -> Verdict:
        """This verdict with these notes after its own."""
        added = tuple(notes)
        told = self._sentences | {str(note): Told.of(note) for note in added if isinstance(note, Sentence)}
        texts = (*self.notes, *(str(note) for note in added))
        return msgspec.structs.replace(self, notes=texts, sentences=told or msgspec.UNSET)

    @property
    def notes_in_words(self) -> tuple[Words, ...]:
        """The notes, as sentences where they were kept so."""
        return tuple(_believed(self._sentences.get(note), note) for note in self.notes)

    @property
    def _sentences(self) -> dict[str, Told]:
        return {} if self.sentences is msgspec.UNSET else self.sentences

    @property
    def counts(self) -> bool:
        """Whether this verdict replaces the category's earlier one: a refusal or our own fault does not."""
        return self.outcome in ("scored", "failed")
