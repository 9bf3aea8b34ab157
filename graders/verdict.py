"""What a grader answers: one verdict for each submission, with its reason and a receipt."""

from __future__ import annotations

from typing import Literal

import msgspec

Outcome = Literal["scored", "refused", "failed", "unable"]
Link = Literal["file", "size", "format", "load", "rules", "input", "output", "finite", "tests", "process", "grader"]
Phase = Literal["queued", "copying", "loading", "testing", "scoring"]


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why a verdict is what it is: the first link of the chain that broke, in words for a person."""

    link: Link
    code: str  # short and stable, as in "input-shape"
    expected: str
    found: str
    advice: str


class TestScore(msgspec.Struct, frozen=True, kw_only=True):
    """One of the five tests: metric name → value, and whether every bar was met."""

    __test__ = False  # not a test class, whatever its name says to pytest

    passed: bool
    values: dict[str, float]


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What was received and examined. Shapes are without the batch axis; timings are seconds per phase."""

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


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of a submission.

    scored: n of the tests passed. refused: the model breaks the contract. failed: it crashed, or ran out of time or
    memory. unable: our fault; the candidate loses nothing and may press again.
    """

    outcome: Outcome
    tests: tuple[TestScore, ...] = ()
    reason: Reason | None = None
    notes: tuple[str, ...] = ()
    receipt: Receipt | None = None
    isolation: str = "none"
    odds: tuple[float, ...] = ()  # odds[k]: how often a fresh set of draws would pass exactly k tests
    odds_sets: int | msgspec.UnsetType = (
        msgspec.UNSET
    )  # in how many fresh sets that was counted, where fewer than usual

    @property
    def passed(self) -> int:
        """How many tests passed; 0 unless scored."""
        return sum(test.passed for test in self.tests)

    @property
    def counts(self) -> bool:
        """Whether this verdict replaces the category's earlier one: a refusal or our own fault does not."""
        return self.outcome in ("scored", "failed")
