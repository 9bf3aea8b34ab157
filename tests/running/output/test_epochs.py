from __future__ import annotations

from pathlib import Path

import pytest

from mockexam.running.console import Console
from mockexam.running.output.epochs import Epoch, EpochReader

RECORDED = Path(__file__).parents[1] / "recorded"


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def read(name: str, chunk: int) -> list[Epoch]:
    """Epochs of a recorded run, as the screen would read it: in batches, line by line."""
    stream, console, reader = (RECORDED / f"{name}.raw").read_bytes().decode(), Console(), EpochReader()
    for at in range(0, len(stream), chunk):
        console.feed(stream[at : at + chunk])
        reader.feed_all(console.take_finished())
        reader.glance(console.text(console.row))
    return reader.epochs


@pytest.mark.parametrize("name", ["keras3", "keras2"])
@pytest.mark.parametrize("chunk", [7, 1000, 1 << 20])
def test_recorded_runs(name: str, chunk: int) -> None:
    epochs = read(name, chunk)
    # Three with validation and callbacks that print, two with verbose=2, two plain and an evaluate(), two from a
    # generator of unknown length, one fit of a single epoch, one fit that fails.
    assert [(epoch.fit, epoch.number, epoch.of) for epoch in epochs] == [
        (1, 1, 3),
        (1, 2, 3),
        (1, 3, 3),
        (2, 1, 2),
        (2, 2, 2),
        (3, 1, 2),
        (3, 2, 2),
        (4, 1, 2),
        (4, 2, 2),
        (5, 1, 1),
    ]
    rate = {"keras3": "learning_rate", "keras2": "lr"}[name]
    assert set(epochs[0].values) == {"accuracy", "loss", "val_accuracy", "val_loss", rate}
    assert set(epochs[5].values) == {"accuracy", "loss"}
    assert epochs[0].values[rate] == 0.001


def test_values_of_a_recorded_epoch() -> None:
    assert read("keras3", 500)[3].values == {
        "accuracy": 0.8625,
        "loss": 0.4830,
        "val_accuracy": 0.8719,
        "val_loss": 0.4770,
    }


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("1875/1875 ━━━━ 4s 2ms/step - loss: nan - mae: inf", {"loss": float("nan"), "mae": float("inf")}),
        ("10/10 ━━━━ 1:04 6s/step - loss: 1.2345e-04 - learning_rate: 1.0000e-06", None),
        ("60000/60000 [=====] - 4s 67us/sample - loss: 0.21 - acc: 0.93", {"loss": 0.21, "acc": 0.93}),
        (" 5/5 - 0s - 3ms/step - mean absolute error: -1.5", {"mean absolute error": -1.5}),
    ],
)
def test_numbers(line: str, values: dict[str, float] | None) -> None:
    reader = EpochReader()
    reader.feed("Epoch 1/2")
    epoch = reader.feed(line)
    assert epoch is not None
    expected = {"loss": 1.2345e-04, "learning_rate": 1e-06} if values is None else values
    assert epoch.values == pytest.approx(expected, nan_ok=True)


def test_an_evaluation_is_no_epoch() -> None:
    reader = EpochReader()
    assert reader.feed_all(["Epoch 1/1", "9/9 ━━ 1s - loss: 0.5", "9/9 ━━ 1s - loss: 0.4", "5/5 ━━ 0s - loss: 0.3"])
    assert [epoch.values for epoch in reader.epochs] == [{"loss": 0.5}]


def test_an_epoch_that_a_print_split_gets_its_validation() -> None:
    reader = EpochReader()
    reader.feed("Epoch 1/2")
    first = reader.feed("9/9 ━━ 0s 2ms/step - loss: 0.5")
    reader.feed("Epoch 1: val_loss improved from inf to 0.4")
    second = reader.feed("9/9 ━━ 4s 2ms/step - loss: 0.5 - val_loss: 0.4")
    assert first is not None
    assert reader.epochs == [second]


def test_other_output_is_left_alone() -> None:
    reader = EpochReader()
    lines = ["hello", "Epoch 3 of something", "1/2 cup - flour: 0.5", "", "3/4", "a/b - loss: 1", "x" * 100_000]
    assert reader.feed_all(lines) == []
    assert (reader.fit, reader.number, reader.remaining()) == (0, 0, None)


def test_a_number_of_enormous_length_does_no_harm() -> None:
    reader = EpochReader()
    reader.feed("Epoch 1/" + "9" * 5000)
    reader.feed("9" * 5000 + "/1 - loss: 1")
    assert reader.epochs == []


def test_the_step_is_seen_while_the_line_is_written() -> None:
    reader = EpochReader()
    reader.feed("Epoch 2/5")
    reader.glance(" 300/1875 ━━━ 4s 2ms/step - loss: 0.5")
    assert (reader.number, reader.of, reader.step, reader.steps) == (2, 5, 300, 1875)
    reader.glance("  31/Unknown 4s 2ms/step - loss: 0.5")
    assert (reader.step, reader.steps) == (31, None)


def test_the_end_is_estimated_from_steps_then_from_epochs(clock: Clock) -> None:
    reader = EpochReader(clock)
    reader.feed("Epoch 1/4")
    assert reader.remaining() is None
    clock.now += 5
    reader.glance("25/100 ━━ 1s - loss: 1.0")
    assert reader.remaining() == pytest.approx(4 * 20 - 5)
    clock.now += 25
    reader.feed("100/100 ━━ 30s - loss: 1.0")
    assert reader.epochs[0].seconds == pytest.approx(30)
    assert reader.remaining() == pytest.approx(90)
    reader.feed("Epoch 2/4")
    clock.now += 10
    assert reader.remaining() == pytest.approx(80)
    clock.now += 100  # slower than the last: never a negative rest of this one
    assert reader.remaining() == pytest.approx(60)


def test_nothing_remains_after_the_last_epoch_and_a_new_fit_starts_over(clock: Clock) -> None:
    reader = EpochReader(clock)
    for _ in range(2):
        for number in (1, 2):
            reader.feed(f"Epoch {number}/2")
            clock.now += 10
            reader.feed("9/9 ━━ 10s - loss: 1.0")
        assert reader.remaining() is None
        assert not reader.training
    assert [epoch.fit for epoch in reader.epochs] == [1, 1, 2, 2]
    reader.feed("Epoch 1/7")
    assert reader.training
    assert reader.remaining() is None, "nothing is known of this fit yet"
