"""What the table says is true of the installed TensorFlow: each example fails where it is said to, and looks so; each
fix works under Keras 3 and gives what the original gave under Keras 2, or what is written out here.

When a release changes that, this fails: the entry has to be changed then.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from mockexam.inspections.pattern import Generation, Pattern
from mockexam.inspections.patterns.libraries import NUMPY_2, NUMPY_2_4, PYTHONS
from mockexam.inspections.patterns.metrics import FUNCTIONS, LOSSES, METRICS, SHORT_METRICS
from mockexam.inspections.patterns.moved import BACKEND, IN_TENSORFLOW, INNER
from mockexam.inspections.patterns.saving import SHORT_LOSSES
from mockexam.inspections.patterns.tensorflow_1 import GONE, KEPT, MOVED
from mockexam.inspections.table import PATTERNS
from tests.inspections.trials import ran

pytestmark = pytest.mark.slow

REFERENCES = {
    "optimizer-lr": ("optimizer = tf.keras.optimizers.legacy.RMSprop(lr=0.02)",),
    "optimizer-decay": ("optimizer = tf.keras.optimizers.legacy.Adam(learning_rate=0.01, decay=0.1)",),
    "accuracy-key": ("model = net()\nmodel.compile('sgd', 'mse', metrics=['accuracy'])\n"
                     "value = [model.evaluate(x, y, verbose=0)[1]]",),
    "metric-short": ("model = net()\nmodel.compile('sgd', 'mse', metrics=[tf.keras.metrics.RootMeanSquaredError()])\n"
                     "value = model.evaluate(x, y, verbose=0)",),
    "predict-classes": ("value = [int(row.argmax()) for row in net(3, 'softmax').predict(x, verbose=0)]",
                        "value = [[int(one > 0.5) for one in row] for row in net(3, 'softmax').predict(x, verbose=0)]"),
    "labels-list": ("model = net()\nmodel.compile('sgd', 'mse')\nvalue = model.fit("
                    "x, np.array([0, 1] * 4), epochs=2, shuffle=False, verbose=0).history['loss']",),
    "shape-number": ("value = (None, 1)",),
    "cudnn-layers": ("value = 4",),
    "multi-gpu-model": ("value = net().predict(x, verbose=0)",),
    "numpy-1-24": ("value = [0.0, 0.0]",),
    "numpy-2-0": ("value = float('inf')",),
    "numpy-2-4": ("value = True",),
    "tfds-text": ("value = ['one', 'two']",),
    "tensorflow-1": ("tf.compat.v1.set_random_seed(7)\nvalue = tf.compat.v1.random_normal((3,)).numpy()",),
    "dataset-shapes": ("value = [x[:4], y[:4]]",),
}  # fmt: skip
"""For what is gone in both generations: what each fix has to give, as a program for Keras 2."""


def lookups() -> dict[str, str]:
    """Programs that tell which of the table's names exist."""
    new = [*MOVED.values(), *(f"compat.v1.{name}" for name in KEPT)]
    modules = [f"tf.keras.{module}." for module in ("losses", "metrics")]
    return {
        "functions": f"value = reached({[module + name for module in modules for name in FUNCTIONS]})",
        "short functions": f"value = reached({[module + name for module in modules for name in FUNCTIONS.values()]})",
        "numpy": f"value = reached({[f'np.{name}' for name in (*PYTHONS, *NUMPY_2, *NUMPY_2_4)]})",
        "new numpy": f"value = reached({[f'np.{name}' for name in (*NUMPY_2.values(), *NUMPY_2_4.values())]})",
        "tensorflow 1": f"value = reached({[f'tf.{name}' for name in (*MOVED, *KEPT, *GONE)]})",
        "tensorflow 2": f"value = reached({[f'tf.{name}' for name in new]})",
        "backend": f"value = reached({[f'tf.keras.backend.{name}' for name in BACKEND]})",
        "inner modules": f"value = imported({sorted(INNER)})",
        "preprocessing": f"value = imported({sorted(IN_TENSORFLOW)})",
        "kept preprocessing": f"value = imported({[f'tensorflow.{path}' for path in sorted(IN_TENSORFLOW)]})",
    }


def variants() -> dict[str, str]:
    """A program for each text that the table knows by itself."""
    net = "model = net(1, 'sigmoid')\n"
    programs: dict[str, str] = {}
    for old, new in LOSSES.items():
        programs[f"loss {old}"] = f"{net}model.compile('sgd', '{old}')\nvalue = model.evaluate(x, y, verbose=0)"
        programs[f"loss {old} mended"] = f"{net}model.compile('sgd', '{new}')\nvalue = model.evaluate(x, y, verbose=0)"
    for old, new in METRICS.items():
        code = net + "model.compile('sgd', 'mse', metrics=['{}'])\nvalue = model.evaluate(x, y[:, None], verbose=0)"
        programs[f"metric {old}"], programs[f"metric {old} mended"] = code.format(old), code.format(new)
    for old, new in SHORT_LOSSES.items():
        code = net + "model.compile('sgd', '{}')\nmodel.save('m.h5')\n"
        code += "value = tf.keras.models.load_model('m.h5').evaluate(x, y, verbose=0)"
        programs[f"load {old}"], programs[f"load {old} mended"] = code.format(old), code.format(new)
    for old, new in FUNCTIONS.items():
        code = "value = tf.keras.losses.{}([[0.2, 0.8], [1.0, 2.0]], [[0.4, 0.6], [1.5, 0.5]]).numpy()"
        programs[f"function {old}"], programs[f"function {old} mended"] = code.format(old), code.format(new)
    return programs


def shorts() -> dict[str, str]:
    """A program for each short name of a metric that no Keras knows, and for what is written instead."""
    code = "model = net(2, 'sigmoid')\nmodel.compile('sgd', 'mse', metrics=['{}'])\n"
    code += "value = model.evaluate(x, np.eye(2)[[0, 1] * 4], verbose=0)"
    return {
        name: code.format(text)
        for old, new in SHORT_METRICS.items()
        for name, text in ((f"short {old}", old), (f"short {old} mended", new))
    }


def programs(keras: Generation) -> dict[str, str]:
    """Every program that is run under a generation, by a name of its own; the variants are one."""
    found = {**lookups(), "variants": f"value = each({variants() | shorts()!r})"}
    for pattern in PATTERNS:
        found[f"{pattern.id} before"] = pattern.example.before
        if keras in pattern.since:
            found |= {f"{pattern.id} after {place}": code for place, code in enumerate(pattern.example.after)}
        if keras == 2:
            references = REFERENCES.get(pattern.id, ())
            found |= {f"{pattern.id} reference {place}": code for place, code in enumerate(references)}
    return found


def outcomes(keras: Generation) -> dict[str, Any]:
    """What became of each program under a generation."""
    found = ran(programs(keras), keras)
    return {**found, **found["variants"]["value"]}


@pytest.fixture(scope="module")
def tried() -> dict[Generation, dict[str, Any]]:
    with ThreadPoolExecutor(2) as pool:
        two, three = pool.map(outcomes, (2, 3))
    return {2: two, 3: three}


Tried = dict[Generation, dict[str, Any]]


def value_of(outcome: dict[str, Any]) -> Any:
    assert "error" not in outcome, outcome["error"]
    return outcome["value"]


@pytest.mark.parametrize("keras", [2, 3])
@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.id)
def test_an_example_fails_where_it_is_said_to_and_looks_so(pattern: Pattern, keras: Generation, tried: Tried) -> None:
    outcome = tried[keras][f"{pattern.id} before"]
    if keras not in pattern.since or keras in pattern.quiet:
        assert "error" not in outcome, outcome["error"]
        return
    assert "error" in outcome, "it works again: the table is to be changed"
    exception, _, message = outcome["error"].partition(": ")
    assert any(look.fits(exception, message) for look in pattern.looks), outcome["error"]


@pytest.mark.parametrize("pattern", [one for one in PATTERNS if one.example.after], ids=lambda pattern: pattern.id)
def test_a_fix_does_under_keras_3_what_the_original_did_under_keras_2(pattern: Pattern, tried: Tried) -> None:
    for place, _ in enumerate(pattern.example.after):
        mended = value_of(tried[3][f"{pattern.id} after {place}"])
        if 2 in pattern.since:
            assert_same(value_of(tried[2][f"{pattern.id} reference {place}"]), mended)
            assert "error" not in tried[2][f"{pattern.id} after {place}"]
        else:
            original = value_of(tried[2][f"{pattern.id} before"])
            assert original is not None
            assert_same(original, mended)


def assert_same(one: Any, other: Any) -> None:
    """The same shape, and numbers that differ by rounding at most."""
    assert type(one) is type(other)
    if isinstance(one, list):
        assert len(one) == len(other)
        for first, second in zip(one, other, strict=True):
            assert_same(first, second)
    elif isinstance(one, float):
        assert one == pytest.approx(other, rel=2e-5, abs=1e-6, nan_ok=True)
    else:
        assert one == other


def test_the_learning_rate_falls_as_it_is_written(tried: Tried) -> None:
    rates = [rate for rate, _ in value_of(tried[3]["optimizer-decay after 0"])[:5]]
    assert rates == pytest.approx([0.01 / (1 + 0.1 * step) for step in range(5)], rel=1e-5)
    assert tried[3]["optimizer-decay before"]["value"][4][0] == pytest.approx(0.01)
    assert any("decay" in text for text in tried[3]["optimizer-decay before"]["warned"])


def test_keras_2_of_today_ignores_lr(tried: Tried) -> None:
    assert value_of(tried[2]["optimizer-lr before"])[0][0] == pytest.approx(0.001)
    assert value_of(tried[2]["optimizer-lr after 0"])[0][0] == pytest.approx(0.02)


def test_names_exist_where_the_table_says(tried: Tried) -> None:
    asked = lookups()
    three, two = tried[3], tried[2]
    assert three["functions"]["value"] == three["numpy"]["value"] == three["tensorflow 1"]["value"] == []
    assert three["inner modules"]["value"] == three["preprocessing"]["value"] == three["backend"]["value"] == []
    # get_session and set_session left with TensorFlow 1.
    for name in ("functions", "backend", "preprocessing"):
        assert len(two[name]["value"]) == asked[name].count("'") // 2 - 2 * (name == "backend"), name
    for name in ("short functions", "new numpy", "tensorflow 2", "kept preprocessing"):
        assert len(three[name]["value"]) == asked[name].count("'") // 2, (name, three[name])


@pytest.mark.parametrize("name", [name for name in variants() if not name.endswith("mended")])
def test_each_text_of_the_table_fails_and_its_replacement_gives_the_same(name: str, tried: Tried) -> None:
    assert "error" in tried[3][name]
    assert_same(value_of(tried[2][name]), value_of(tried[3][f"{name} mended"]))


@pytest.mark.parametrize("name", SHORT_METRICS)
@pytest.mark.parametrize("keras", [2, 3])
def test_no_keras_knows_these_short_names(name: str, keras: Generation, tried: Tried) -> None:
    assert "error" in tried[keras][f"short {name}"]
    assert "error" not in tried[keras][f"short {name} mended"]
