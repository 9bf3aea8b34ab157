"""A problem for every metric: read from a pack, graded by the real grader, its values those of the definition."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from graders import Service, Task
from graders.metrics.record import Metric
from graders.metrics.table import METRICS
from graders.scoring.pass_probability import MOST_SETS
from graders.scoring.scores import score
from mockexam.packs.authoring.check import check
from mockexam.packs.data.preparation import prepare
from mockexam.packs.format.reading import read_pack
from tests.graders.metrics.examples import activated, activation, labels, noisy, width

ROWS = 300

MODELS = """
import sys
import keras

for shape in sys.argv[2:]:
    width, activation = shape.split("-")
    source = keras.Input(shape=(int(width),))
    keras.Model(source, keras.layers.Activation(activation)(source)).save(f"{sys.argv[1]}/{shape}.keras")
"""


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models that answer with what they are asked, activated: one for each form of output."""
    folder = tmp_path_factory.mktemp("models")
    shapes = {f"{width(metric)}-{activation(metric)}" for metric in METRICS.values()}
    subprocess.run([sys.executable, "-c", MODELS, str(folder), *sorted(shapes)], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    service = Service()
    service.start()
    yield service
    service.stop()


def written(metric: Metric, write_pack: Callable[..., Path]) -> Path:
    """The small pack, its problem asking for the metric."""
    threshold = "at_most = 2.5" if metric.better == "lower" else "at_least = 0.6"
    changes = {
        'metric = "mae"\nat_most = 0.6': f'metric = "{metric.name}"\n{threshold}',
        "input_shape = [1]": f"input_shape = [{width(metric)}]",
        "output_shape = [1]": f'output_shape = [{width(metric)}]\nactivation = "{activation(metric)}"',
        "draw_size = 20": "draw_size = 60",
    }
    return write_pack(replace=changes)


@pytest.mark.slow
@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_a_problem_with_the_metric_is_graded(
    metric: Metric, models: Path, service: Service, write_pack: Callable[..., Path], tmp_path: Path
) -> None:
    root = written(metric, write_pack)
    truth = labels(metric, ROWS)
    raw = noisy(metric, truth, 0.5).astype(np.float32)
    np.savez(root / "line" / "hidden" / "hidden.npz", inputs=raw, labels=truth)
    assert [fault for fault in check(root).faults if fault.severity == "error" and fault.code != "no-save"] == []
    (problem,) = read_pack(root).problems
    prepared = prepare(problem, seed=1, public=tmp_path / "public", cache=tmp_path / "cache", progress=lambda *_: None)
    task = Task(contract=problem.contract, scoring=problem.scoring, hidden=str(prepared.hidden))

    model = models / f"{width(metric)}-{activation(metric)}.keras"
    verdict = service.submit(model, task, key="key").result(120)

    expected = score(activated(metric, raw), truth, problem.scoring, "key")
    assert verdict.outcome == "scored", verdict.reason
    assert verdict.passed == 5
    for test, ours in zip(verdict.tests, expected.tests, strict=True):
        assert test.values == pytest.approx(ours.values, abs=1e-5)
    assert verdict.pass_probabilities == pytest.approx(expected.pass_probabilities, abs=0.01)
    assert (verdict.pass_probability_sets or None) == (None if metric.columns is not None else MOST_SETS)


NEEDY = [metric for metric in METRICS.values() if metric.labels_vary]


@pytest.mark.slow
@pytest.mark.parametrize("metric", NEEDY, ids=[metric.name for metric in NEEDY])
def test_labels_that_a_test_may_find_all_alike_cost_the_candidate_nothing(
    metric: Metric, models: Path, service: Service, write_pack: Callable[..., Path]
) -> None:
    root = written(metric, write_pack)
    hidden = root / "line" / "hidden" / "hidden.npz"
    np.savez(hidden, inputs=np.zeros((ROWS, width(metric)), np.float32), labels=np.arange(ROWS) // (ROWS - 1))
    refused = [fault for fault in check(root).faults if fault.code == "data"]
    assert [str(fault.expected) for fault in refused] == [
        f"labels that differ within every test, or these metrics are undefined: {metric.name}"
    ]
    (problem,) = read_pack(root).problems
    task = Task(contract=problem.contract, scoring=problem.scoring, hidden=str(hidden))
    model = models / f"{width(metric)}-{activation(metric)}.keras"
    verdict = service.submit(model, task, key="key").result(120)
    assert (verdict.outcome, verdict.counts) == ("unable", False)
    assert verdict.reason is not None
    assert (verdict.reason.code, metric.name in verdict.reason.found) == ("hidden", True)
