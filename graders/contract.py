"""What a grader is asked: the contract of a model, how it is scored, and within which limits."""

from __future__ import annotations

from typing import Literal

import msgspec

from graders.defaults import TESTS
from graders.formats import NAMES, Format
from graders.metrics.table import MetricName as MetricName

Activation = Literal["any", "linear", "sigmoid", "softmax"]
ScoreMode = Literal["draws", "redraw", "ladder"]
# What a model could keep from one call to the next: nothing, how many random numbers it drew, variables, anything.
Memory = Literal["nothing", "random", "variables", "anything"]

MEBIBYTE = 1 << 20

# With fewer rows for each test, separate draws would say more about the draw than about the model.
SMALLEST_SEPARATE_DRAW = 50
# The fraction of a small hidden set that one of several overlapping draws takes.
OVERLAPPING_PART = 0.8


class Contract(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a model must accept, return and obey.

    Shapes are those of one example, without the batch axis; None stands for any length.
    """

    input_shape: tuple[int | None, ...]
    output_shape: tuple[int | None, ...]
    input_dtype: Literal["float32", "int32", "string"] = "float32"
    activation: Activation = "any"
    formats: tuple[Format, ...] = NAMES
    max_bytes: int = 200 * MEBIBYTE
    max_parameters: int | None = None
    max_layers: int | None = None
    lambda_allowed: bool = False
    # What becomes of a model that answers at random or from memory: scored from rows predicted singly, or refused.
    # Unset is "singly", and isn't written.
    unrepeatable: Literal["singly", "refused"] | msgspec.UnsetType = msgspec.UNSET


class Threshold(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One condition on one metric; exactly one of `at_most` and `at_least` is given."""

    metric: MetricName
    at_most: float | None = None
    at_least: float | None = None

    def __post_init__(self) -> None:
        if (self.at_most is None) == (self.at_least is None):
            raise ValueError("a threshold needs exactly one of at_most and at_least")


class Scoring(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How predictions become n of `tests`.

    draws: `tests` draws from the hidden set fixed by the key; a test passes when it meets every threshold.
    redraw: the same, keyed by the submission's number too. ladder: the whole hidden set once, and graded thresholds:
    one limit per test for the metric of the single threshold, whose direction (at_most, at_least) holds for all of
    them. Packs and the wire call thresholds `bars` and graded thresholds `ladder`. With a `precision` metrics are
    rounded to so many significant digits before a threshold is asked, and told so.
    """

    thresholds: tuple[Threshold, ...] = msgspec.field(name="bars")
    mode: ScoreMode = "draws"
    tests: int = TESTS
    draw_size: int | None = None
    graded_thresholds: tuple[float, ...] = msgspec.field(name="ladder", default=())
    # Left out of JSON where there is none: proofs and older releases know nothing of it.
    precision: int | msgspec.UnsetType = msgspec.UNSET

    def rows_per_test(self, rows: int) -> int:
        """How many of a hidden set's rows each draw takes, unless it has fewer than the problem asks for."""
        if self.draw_size is not None:
            return self.draw_size
        share = rows // self.tests
        return share if share >= SMALLEST_SEPARATE_DRAW else max(1, round(rows * OVERLAPPING_PART))


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one submission may use. Seconds of wall time count from the moment the child is locked."""

    wall_seconds: float = 60.0
    cpu_seconds: int = 120
    resident_bytes: int = 3 << 30
    address_bytes: int = 6 << 30


class Task(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One problem as the grader sees it.

    `hidden` is the path of an .npz with `inputs` (n, *input_shape) and `labels` (n, ...): class indices (n,) or
    one-hot (n, classes) for classifiers, values shaped like the output for regressions. It is opened on the trusted
    side only; the child gets the inputs, never the labels. `folder` names the part of a handed-in project whose
    model is meant, as in Category3; it isn't kept with the problem.
    """

    contract: Contract
    scoring: Scoring
    hidden: str
    limits: Limits = Limits()
    folder: str | msgspec.UnsetType = msgspec.UNSET

    def within(self, folder: str) -> Task:
        """The same task, asked about the model in the folder of that name where a whole project is handed in."""
        return msgspec.structs.replace(self, folder=folder)
