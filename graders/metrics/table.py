"""The table of all metrics, by name; everything that needs a metric's name or properties reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from graders.metrics import classification, regression
from graders.metrics.record import Metric
from graders.sentences import Words

METRICS: dict[str, Metric] = {metric.name: metric for metric in (*classification.METRICS, *regression.METRICS)}

if TYPE_CHECKING:
    MetricName = str
else:
    MetricName = Literal[tuple(METRICS)]


def label(name: str) -> Words:
    """Return a metric's name for people; one that this version doesn't know keeps its recorded name."""
    return METRICS[name].label if name in METRICS else name
