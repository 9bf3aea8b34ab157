"""What holds of every metric in the table, and of what reads it."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graders.contract import Scoring, Threshold
from graders.metrics.measurement import measure
from graders.metrics.record import Metric
from graders.metrics.table import METRICS, label
from mockexam.tui.exam.widgets.statement import threshold_words
from mockexam.tui.run.curves import thresholds_of
from tests.graders.metrics.examples import activated, labels, noisy, perfect

DOCS = Path(__file__).parents[3] / "docs"
every_metric = pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)


@every_metric
@settings(max_examples=30, deadline=None)
@given(rows=st.integers(12, 80), seed=st.integers(0, 999), noise=st.floats(0, 10))
def test_values_lie_in_the_range_and_the_truth_at_its_better_end(
    metric: Metric, rows: int, seed: int, noise: float
) -> None:
    truth = labels(metric, rows, seed)
    best = metric.range[1] if metric.better == "higher" else metric.range[0]
    assert measure(metric.name, activated(metric, perfect(metric, truth)), truth) == pytest.approx(best, abs=1e-6)
    value = measure(metric.name, activated(metric, noisy(metric, truth, noise, seed)), truth)
    assert metric.range[0] <= value <= metric.range[1]


@every_metric
@settings(max_examples=30, deadline=None)
@given(rows=st.integers(12, 80), seed=st.integers(0, 999))
def test_the_order_of_the_examples_is_of_no_account(metric: Metric, rows: int, seed: int) -> None:
    truth = labels(metric, rows, seed)
    guess = activated(metric, noisy(metric, truth, 1.0, seed))
    order = np.random.default_rng(seed).permutation(rows)
    shuffled = measure(metric.name, guess[order], truth[order])
    assert shuffled == pytest.approx(measure(metric.name, guess, truth), rel=1e-9)


@every_metric
def test_more_noise_is_worse(metric: Metric) -> None:
    truth = labels(metric, 600)
    values = [measure(metric.name, activated(metric, noisy(metric, truth, noise)), truth) for noise in (0.5, 2, 8)]
    assert values == sorted(values, reverse=metric.better == "higher")
    assert len(set(values)) == 3


@every_metric
def test_no_constant_prediction_reaches_a_threshold_that_is_allowed(metric: Metric) -> None:
    if metric.better == "lower":
        assert not metric.allows(at_most=None, at_least=0.5)
        assert not metric.allows(at_most=metric.range[0], at_least=None)
        assert metric.allows(at_most=metric.range[0] + 0.1, at_least=None)
        return
    assert not metric.allows(at_most=0.9, at_least=None)
    assert not metric.allows(at_most=None, at_least=metric.constant)
    assert not metric.allows(at_most=None, at_least=metric.range[1] + 0.01)
    assert metric.allows(at_most=None, at_least=metric.range[1])


@every_metric
def test_the_screen_knows_the_metric(metric: Metric) -> None:
    threshold = (
        Threshold(metric=metric.name, at_most=0.3)
        if metric.better == "lower"
        else Threshold(metric=metric.name, at_least=0.3)
    )
    assert threshold_words(threshold) == f"{metric.label} {'≤' if metric.better == 'lower' else '≥'} 0.3"
    assert thresholds_of(Scoring(thresholds=(threshold,))) == dict.fromkeys(metric.keras, 0.3)


@every_metric
def test_a_task_may_ask_for_the_metric(metric: Metric) -> None:
    assert msgspec.convert({"metric": metric.name, "at_most": 1}, Threshold).metric == metric.name


def test_a_task_may_not_ask_for_another() -> None:
    with pytest.raises(msgspec.ValidationError, match="'median'"):
        msgspec.convert({"metric": "median", "at_most": 1}, Threshold)
    assert label("median") == "median"  # of a verdict of a later version


def test_a_record_says_how_it_is_computed_and_once() -> None:
    fields = {name: getattr(METRICS["mae"], name) for name in METRICS["mae"].__struct_fields__}
    for wrong in ({"columns": None}, {"of_rows": lambda predictions, labels: 0.0}):
        with pytest.raises(ValueError, match="exactly one"):
            Metric(**fields | wrong)


def test_the_table_is_read_without_numpy() -> None:
    code = "import sys; from graders.metrics.table import METRICS; print('numpy' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False\n"


@pytest.mark.parametrize("name", ["grading.md", "packs.md"])
def test_the_tables_in_the_documentation_are_current(name: str) -> None:
    generator = runpy.run_path(str(DOCS / "generate_metrics.py"))
    assert (DOCS / name).read_text("utf-8") == generator["page"](name), "run `python docs/generate_metrics.py`"
