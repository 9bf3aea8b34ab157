"""No text is too strange, too deep or too long."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockexam.inspections.edits import applied
from mockexam.inspections.findings import decode, encode
from mockexam.inspections.inspection import inspect
from mockexam.inspections.names.expressions import Expressions
from mockexam.inspections.names.tree import Node
from mockexam.inspections.names.values import Value
from mockexam.inspections.reading import MOST_CHARACTERS, lines_of

PROGRAM = '''"""모델 😀"""
import tensorflow as tf, numpy as np
from tensorflow.keras.optimizers import RMSprop
class Stop(tf.keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs={}):
        if logs.get('acc') > 0.9: self.model.stop_training = True
def build(units=4, *more, last: int = 1, **rest):
    model = tf.keras.models.Sequential([tf.keras.layers.Dense(units, input_shape=(8)), tf.keras.layers.Dense(last)])
    model.compile(optimizer=RMSprop(lr=0.01, decay=1e-6), loss='huber_loss', metrics=['accuracy'])
    return model
model = build()
try:
    history = model.fit_generator(x, 10, 2, workers=3)
except* KeyError as error:
    del history
for i, layer in enumerate(model.layers): print(f"{layer.output_shape!r:>{10}} {i}")
while (n := model.predict([10.0])) and not (lambda *a, b=1: b)(): pass
print(history.history['lr'], [v for k, v in {1: 2}.items() if k], model.predict_classes(x) @ np.float)
async def run():
    async with a as b, c: await b.d; yield 1
model.save('mymodel', save_format="tf")
'''
PIECES = PROGRAM.replace("(", " ( ").replace(")", " ) ").replace(".", " . ").split(" ")
STRANGE = ["\n", "\r\n", "\t", "\f", "    ", "\\\n", '"""', "'", "#", "[", "]", "{", "}", ",", "한글", "\ud800", "\0",
           "\u2028", "\x1c", "\ufeff"]  # fmt: skip
WORDS = [*dict.fromkeys(piece for piece in PIECES if piece), *STRANGE]


def check(source: str) -> None:
    """Inspect, and hold what is found to the text: places exist, edits fit, and it passes between processes."""
    found = inspect(source, keras=3, modules=frozenset(("numpy",)), project=None)
    lines = lines_of(source)
    for one in found:
        assert (one.row, one.column) <= (one.end_row, one.end_column)
        assert one.end_row < len(lines)
        assert one.column <= len(lines[one.row])
        assert one.end_column <= len(lines[one.end_row])
        for fix in one.fixes:
            applied(source, fix.edits, one.digest)
    if "\ud800" not in source:
        assert decode(encode(found)) == found


def test_every_beginning_of_a_program_can_be_inspected() -> None:
    for end in range(0, len(PROGRAM), 5):
        check(PROGRAM[:end])
    check(PROGRAM)
    check(PROGRAM.replace("\n", "\r\n"))
    check(PROGRAM.replace("\n", "\r"))


@pytest.mark.parametrize(
    "source", ["await x = 1", "*x, await y = 1", "await a.b[c] = d", "x = await", "f() = 1", "a b = c"]
)
def test_targets_that_are_none_can_be_inspected(source: str) -> None:
    check(f"x = 1\n{source}\nx\n")


@given(st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join))
@settings(deadline=None, max_examples=60)
def test_words_in_any_order_can_be_inspected(source: str) -> None:
    check(source)
    check("import tensorflow as tf\nmodel = tf.keras.Sequential()\n" + source)


@given(st.text(max_size=80))
@settings(deadline=None, max_examples=50)
def test_any_text_can_be_inspected(source: str) -> None:
    check(source)


@given(st.integers(0, len(PROGRAM)), st.integers(0, 12), st.sampled_from(WORDS))
@settings(deadline=None, max_examples=50)
def test_a_program_in_which_something_is_replaced_can_be_inspected(start: int, length: int, word: str) -> None:
    check(PROGRAM[:start] + word + PROGRAM[start + length :])


DEEP = {
    "brackets": "(" * 3000 + ")" * 3000,
    "open brackets": "[" * 3000,
    "not": "not " * 3000 + "x",
    "minus": "-" * 3000 + "1",
    "choices": "a if b else " * 2000 + "c",
    "attributes": "a" + ".b" * 20_000,
    "calls": "a" + "(1)" * 5000,
    "calls in calls": "f(" * 500 + ")" * 500,
    "sums": "1" + "+1" * 20_000,
    "lambdas": "lambda: " * 800 + "1",
    "blocks": "".join(" " * depth + "if x:\n" for depth in range(99)) + " " * 99 + "pass\n",
    "loops": "".join(" " * depth + f"for a{depth} in b:\n" for depth in range(90)) + " " * 90 + "pass\n",
    "functions": "".join(" " * depth + f"def f{depth}():\n" for depth in range(90)) + " " * 90 + "pass\n",
    "comprehensions": "[" * 60 + "x" + " for x in y]" * 60,
    "functions that call each other": "".join(
        f"def f{n}(a):\n    return f{n + 1}(f{n + 1}(a))\n" for n in range(300)
    ) + "f0(1)\n",
    "f-strings": "f'{" * 60,
}  # fmt: skip


@pytest.mark.parametrize("source", DEEP.values(), ids=DEEP.keys())
def test_depth_is_bounded(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read = 0
    value = Expressions.value

    def counted(self: Expressions, node: Node) -> Value:
        nonlocal read
        read += 1
        # Each expression is read a few times, however deep it stands: doubling at each of 90 loops never ends.
        assert read < 20 * len(source)
        return value(self, node)

    monkeypatch.setattr(Expressions, "value", counted)
    check("import tensorflow as tf\n" + source)


def test_what_is_very_long_is_not_read() -> None:
    assert (
        inspect("import tensorflow as tf\ntf.Session()\n" + "#" * MOST_CHARACTERS, keras=3, modules=None, project=None)
        == []
    )
    assert inspect("import tensorflow as tf\ntf.Session()\n" + "\n" * 20_000, keras=3, modules=None, project=None) == []


def test_calls_in_calls_of_a_function_that_returns_more_of_them_are_no_error() -> None:
    deep = "f(" * 900 + ")" * 900
    check(f"import keras\ndef f(): return {deep}\nx = f()\ny = {'f(' * 400}{')' * 400}\n")
