"""What is known about a metric."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec

from graders.sentences import Words

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    # predictions (n, ...) in float64, labels (n, ...), whether the predictions are logits -> (n,) or (n, k)
    Columns = Callable[[Floats, NDArray[Any], bool], Floats]
    Finish = Callable[[Floats], Floats]
    OfRows = Callable[[Floats, NDArray[Any]], float]

UNBOUNDED = float("inf")


def _only_mean(means: Floats) -> Floats:
    return means[:, 0]


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """One metric: what it is called, which values and outputs it is for, and how it is computed.

    A metric that follows from means over examples has `columns`, one row of values per example, and `finish`, which
    turns the means of those columns over several draws (draws, k) into values (draws,): one pass over the predictions
    then serves any number of draws. Any other metric has `of_rows`, which computes it from the examples of one draw.
    Labels and predictions that don't fit each other raise ValueError.
    """

    name: str  # in problem.toml, verdicts and proofs
    label: Words  # for people
    better: Literal["higher", "lower"]
    range: tuple[float, float]
    kind: Literal["classification", "regression"]
    outputs: tuple[int, int | None] = (1, None)  # fewest and most values on the last axis of the model's output
    constant: float = 0.0  # where higher is better: what some constant prediction reaches whatever the labels are
    keras: tuple[str, ...]  # the names under which Keras prints it during training
    definition: str  # in Markdown; p: prediction, y: label
    source: str
    columns: Columns | None = None
    finish: Finish = _only_mean
    of_rows: OfRows | None = None
    labels_vary: bool = False  # whether it is undefined for examples whose labels are all alike

    def __post_init__(self) -> None:
        if (self.columns is None) == (self.of_rows is None):
            raise ValueError(f"{self.name} needs exactly one of columns and of_rows")

    def allows(self, at_most: float | None, at_least: float | None) -> bool:
        """Whether a threshold points the right way and asks for something that can be reached and missed."""
        if self.better == "higher":
            return at_least is not None and self.constant < at_least <= self.range[1]
        return at_most is not None and self.range[0] < at_most
