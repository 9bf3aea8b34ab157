"""What the answers of an exam can tell of the labels, counted."""

import math
import re
from pathlib import Path

import pytest

from graders.contract import Scoring, Threshold
from mockexam.exam.oracle import attack, labels_of, ladder_bits, ladder_start, ladder_step, told_bits
from mockexam.exam.rules import MetricShown

ACCURACY = Scoring(thresholds=(Threshold(metric="accuracy", at_least=0.9),))
LOSS = Scoring(thresholds=(Threshold(metric="binary_crossentropy", at_most=0.2),))
BALANCED = labels_of((250, 250), 500)


def test_labels_hold_as_many_bits_as_they_have_orders() -> None:
    assert BALANCED.bits == pytest.approx(math.log2(math.comb(500, 250)))
    assert BALANCED.classes == 2
    assert labels_of((500,), 500).bits == 0
    assert labels_of((1,) * 8, 8, regression=True).bits == pytest.approx(math.log2(math.factorial(8)))
    assert labels_of((1,) * 8, 8, regression=True).classes == 0
    with pytest.raises(ValueError, match="0 labels"):
        labels_of((), 0)


def test_a_count_of_rows_tells_how_many_values_it_has() -> None:
    # five draws of 100 rows each, each of 101 values
    assert told_bits(ACCURACY, BALANCED, 1) == pytest.approx(5 * math.log2(101))
    assert told_bits(ACCURACY, BALANCED, 3) == pytest.approx(15 * math.log2(101))
    assert attack(ACCURACY, BALANCED).all_labels == math.ceil(BALANCED.bits / (5 * math.log2(101)))


def test_no_attack_that_is_known_beats_the_bound() -> None:
    for scoring in (ACCURACY, LOSS):
        for precision in (None, 1, 2, 3, 6, 15):
            found = attack(scoring, BALANCED, precision=precision)
            assert found.known is None or found.known >= found.all_labels
            assert found.to_pass is not None
            assert found.to_pass <= found.all_labels


def test_fewer_digits_never_tell_more() -> None:
    told = [attack(LOSS, BALANCED, precision=digits).bits_each for digits in (1, 2, 3, 6, 15, None)]
    assert told == sorted(told)
    assert attack(LOSS, BALANCED).all_labels <= 2  # a loss in full precision may tell nearly everything at once
    assert attack(LOSS, BALANCED, precision=2).all_labels > attack(LOSS, BALANCED).all_labels


def test_the_ladder_tells_less_than_values_and_never_nothing() -> None:
    shown = attack(ACCURACY, BALANCED, precision=2)
    ladder = attack(ACCURACY, BALANCED, precision=2, metric_shown="improvement")
    assert ladder.all_labels > 4 * shown.all_labels
    assert ladder.bits_each >= math.log2(6)  # n/5 is always told
    assert ladder.known is None


def test_the_ladders_sequences_are_all_counted_and_fewer_than_its_authors_bound() -> None:
    threshold = ACCURACY.thresholds[0]
    assert ladder_step(threshold, 2) == 0.01
    assert ladder_step(threshold, None) == 0.01
    assert ladder_step(Threshold(metric="mae", at_most=0.038), 3) == 0.0001
    assert ladder_step(Threshold(metric="mae", at_most=12.0), 1) == 10.0
    assert ladder_start(Threshold(metric="mae", at_most=0.5)) == 5.0
    assert ladder_start(Threshold(metric="auc", at_least=0.9)) == 0.5
    assert ladder_bits(threshold, 2, 1) == pytest.approx(math.log2(101))
    assert ladder_bits(threshold, 2, 20) == pytest.approx(math.log2(math.comb(120, 20)))
    for submissions in (1, 10, 1000):
        assert ladder_bits(threshold, 2, submissions) <= 102 * math.log2(400 * submissions) + 1


def test_an_accuracy_that_a_constant_reaches_takes_no_submission() -> None:
    easy = Scoring(thresholds=(Threshold(metric="accuracy", at_least=0.5),))
    assert attack(easy, BALANCED).to_pass == 0
    assert attack(easy, BALANCED).all_labels > 0


def test_a_regression_needs_the_more_the_smaller_the_error_asked_for() -> None:
    labels = labels_of((1,) * 400, 400, regression=True, spread=2.0)
    for metric in ("mae", "mse", "rmse"):
        needs = []
        for limit in (8.0, 0.5, 0.05):
            found = attack(Scoring(thresholds=(Threshold(metric=metric, at_most=limit),)), labels, precision=2).to_pass
            assert found is not None
            needs.append(found)
        assert needs == sorted(needs)
        assert needs[0] == 0
        assert needs[2] > 0


def test_the_table_in_the_documentation_is_right() -> None:
    page = (Path(__file__).parents[2] / "docs" / "security.md").read_text("utf-8")
    rows = re.findall(r"^\| (crossentropy|accuracy) \| (.+?) \| ([\d.]+) \| (\d+) \| (.+?) \|$", page, re.MULTILINE)
    assert len(rows) == 5
    for metric, told, bits, least, known in rows:
        scoring = LOSS if metric == "crossentropy" else ACCURACY
        shown: MetricShown = "improvement" if "improvement" in told else "value"
        for precision in {None if "full" in told or shown == "improvement" else 2, 2 if "precision" in told else None}:
            found = attack(scoring, BALANCED, precision=precision, metric_shown=shown)
            assert float(bits) == pytest.approx(found.bits_each, abs=0.5 if found.bits_each > 10 else 0.05)
            assert int(least) == found.all_labels
            assert known == ("none known" if found.known is None else str(found.known))


def test_every_metric_has_numbers() -> None:
    from graders.metrics.table import METRICS

    for metric in METRICS.values():
        higher = metric.better == "higher"
        limit = (metric.constant + metric.range[1]) / 2 if higher else 0.3
        threshold = Threshold(metric=metric.name, **({"at_least": limit} if higher else {"at_most": limit}))
        regression = metric.kind == "regression"
        labels = labels_of((10,) * 30, 300, regression=regression, spread=1.0 if regression else 0.0)
        for mode in ("draws", "ladder"):
            scoring = Scoring(thresholds=(threshold,), mode=mode, graded_thresholds=(limit,) * 5)
            for shown in ("value", "improvement"):
                found = attack(scoring, labels, precision=3, metric_shown=shown)
                assert 0 < found.bits_each < math.inf
                assert found.all_labels >= 1
