"""The process that makes models that must not pass: cheap ones, and ones that break the contract.

Kernels and biases are set by hand: nothing here is trained, so it takes seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from graders.contract import Contract
from graders.formats import BY_NAME, FORMATS, ModelFormat
from graders.sentences import Sentence, Words, sentence
from mockexam.packs.format.model import Expected
from mockexam.packs.workers.child import Report, serve
from mockexam.packs.workers.neighbours import neighbours
from mockexam.packs.workers.order import Hidden, answers_in, read
from mockexam.packs.workers.requests import MadeModel, MadeModels, MakeModels

WEIGHTS = BY_NAME["h5"]  # the format in which Keras saves weights only
DEPENDS_ON_OTHERS = "depends-on-others"  # the grader's word for an answer that hangs on other rows
WORDS = 64  # buckets into which texts are hashed
Array = np.ndarray[Any, Any]
Shape = tuple[int | None, ...]


class BaselineFactory:
    """Makes models for one contract."""

    def __init__(self, expected: Expected, inputs: Array, labels: Array) -> None:
        import keras

        self.keras = keras
        self.layers = keras.layers
        contract = expected.contract
        self.input = contract.input_shape
        self.output = contract.output_shape
        self.dtype = contract.input_dtype
        self.activation = contract.activation
        self.most = (contract.max_parameters, contract.max_layers)
        self.classifies = expected.classifies
        self.inputs = inputs
        self.labels = labels

    # ------------------------------------------------------------------ cheap models, by what they do

    def controls(self) -> Iterator[tuple[Sentence, Callable[[], Any]]]:
        """Name and maker of each model that must score below the threshold."""
        for name, values in self.constants():
            yield name, partial(self.constant, values)
        for seed in range(3):
            if self._allowed(self.random(seed)):
                yield sentence("random weights {number}", number=seed + 1), partial(self.random, seed)
        if not self.classifies and self.dtype == "float32" and self._follows():
            yield sentence("repeats the last value"), self.persistence

    def constants(self) -> Iterator[tuple[Sentence, Array]]:
        """What the constant models predict: one value for each output on the last axis."""
        units = self.output[-1] or 1
        if not self.classifies:
            flat = self.labels.reshape(-1, units).astype(np.float64)
            yield sentence("always zero"), np.zeros(units)
            yield sentence("always the mean"), flat.mean(axis=0)
            yield sentence("always the median"), np.median(flat, axis=0)
        elif units == 1:
            majority = float(self.labels.mean() >= 0.5)
            yield sentence("always undecided"), np.array([0.5])
            yield sentence("always the majority"), np.array([majority])
        else:
            one_hot = self.labels.ndim > 1 and self.labels.shape[-1] == units
            classes = self.labels.argmax(axis=-1) if one_hot else self.labels.astype(np.int64)
            yield sentence("always undecided"), np.full(units, 1 / units)
            yield sentence("always the majority"), np.eye(units)[np.bincount(classes.reshape(-1)).argmax()]

    def constant(self, values: Array, *, output: Shape | None = None, inputs: Shape | None = None) -> Any:
        """A model that predicts `values` (units,) whatever its input."""
        output = self.output if output is None else output
        source = self.keras.Input(shape=self.input if inputs is None else inputs, dtype=self.dtype)
        units = len(values)
        dense = self.layers.Dense(units, kernel_initializer="zeros", bias_initializer="zeros")
        if len(output) > 1 and None in output:
            result = dense(self._numbers(source))
        elif len(output) > 1:
            rows = int(np.prod([length or 1 for length in output[:-1]]))
            repeated = self.layers.RepeatVector(rows)(dense(self._pooled(source)))
            result = self.layers.Reshape(output)(repeated)
        else:
            result = dense(self._pooled(source))
        model = self.keras.Model(source, result)
        dense.set_weights([np.zeros_like(dense.get_weights()[0]), np.asarray(values, np.float32)])
        return model

    def random(self, seed: int) -> Any:
        """A small untrained network."""
        self.keras.utils.set_random_seed(seed)
        source = self.keras.Input(shape=self.input, dtype=self.dtype)
        activation = self.activation if self.activation in ("softmax", "sigmoid") else None
        if len(self.output) > 1 and None in self.output:
            hidden = self.layers.Dense(16, activation="relu")(self._numbers(source))
            return self.keras.Model(source, self.layers.Dense(self.output[-1], activation=activation)(hidden))
        hidden = self.layers.Dense(32, activation="relu")(self._vector(source))
        flat = self.layers.Dense(int(np.prod([n or 1 for n in self.output])))(hidden)
        shaped = self.layers.Reshape(self.output)(flat) if len(self.output) > 1 else flat
        return self.keras.Model(source, self.layers.Activation(activation or "linear")(shaped))

    def persistence(self) -> Any:
        """A model that repeats the last step of the input, or its first features when the output has fewer."""
        features, units = self.input[-1] or 1, self.output[-1] or 1
        source = self.keras.Input(shape=self.input)
        pick = np.eye(features, units, dtype=np.float32)
        # A recurrent layer without memory returns its last input, however long the sequence is.
        steps = self.layers.SimpleRNN(units, activation=None, return_sequences=len(self.output) > 1 and self._aligned())
        result = steps(source)
        if len(self.output) > 1 and not self._aligned():
            result = self.layers.RepeatVector(self.output[0])(result)
        model = self.keras.Model(source, result)
        steps.set_weights([pick, np.zeros((units, units), np.float32), np.zeros(units, np.float32)])
        return model

    def _follows(self) -> bool:
        """Whether inputs are sequences (steps, features) and outputs could be what follows them."""
        return (
            len(self.input) == 2
            and len(self.output) in (1, 2)
            and (self.output[-1] or 1) <= (self.input[-1] or 1)
            and (len(self.output) == 1 or self._aligned() or self.output[0] is not None)
        )

    def _aligned(self) -> bool:
        return len(self.output) == 2 and self.output[0] == self.input[0]

    def _numbers(self, source: Any) -> Any:
        """The input as float32 with features on the last axis."""
        if self.dtype == "string":
            return self.layers.Embedding(WORDS, 4)(self.layers.Hashing(WORDS)(source))
        if self.dtype == "int32":
            return self.layers.Embedding(int(self.inputs.max()) + 1, 4)(source)
        return source

    def _vector(self, source: Any) -> Any:
        """The input as one vector for each example, whatever its shape."""
        numbers = self._numbers(source)
        if None in tuple(numbers.shape)[1:]:
            return self._pooled(source)
        return self.layers.Flatten()(numbers) if len(numbers.shape) > 2 else numbers

    def _pooled(self, source: Any) -> Any:
        """The input as a vector as short as its last axis, which keeps models small."""
        numbers = self._numbers(source)
        pools = {3: self.layers.GlobalAveragePooling1D, 4: self.layers.GlobalAveragePooling2D}
        return pools[len(numbers.shape)]()(numbers) if len(numbers.shape) in pools else numbers

    def _allowed(self, model: Any) -> bool:
        """Whether the model is within the contract's limits of parameters and layers."""
        return all(
            limit is None or count <= limit
            for limit, count in zip(self.most, (model.count_params(), len(model.layers)), strict=True)
        )


class ViolationFactory:
    """Makes models, written to files, that each break one line of the contract."""

    def __init__(self, workshop: BaselineFactory, contract: Contract, into: Path) -> None:
        self.shop = workshop
        self.contract = contract
        self.into = into
        self.ordinary = next(values for _, values in workshop.constants())
        files = [each for each in FORMATS if each.method == "save"]
        self.format = next((each for each in files if each.name in contract.formats), files[-1])
        self.suffix = self.format.suffixes[0]

    def violations(self) -> Iterator[tuple[Words, tuple[str, ...], Callable[[Path], None]]]:
        """Each one's name, its right refusal codes, and a maker that writes the file at a path given without suffix."""
        shop, contract = self.shop, self.contract
        yield sentence("another input shape"), ("input-shape",), self._saved(lambda: self._reshaped())
        units = len(self.ordinary)
        wrong = (*shop.output[:-1], units + 1)
        yield (
            sentence("another output shape"),
            ("output-shape",),
            self._saved(lambda: shop.constant(np.full(units + 1, 1 / (units + 1)), output=wrong)),
        )
        yield sentence("another type of input"), ("input-dtype",), self._saved(self._retyped)
        yield sentence("two inputs"), ("several-inputs",), self._saved(self._doubled)
        nan = np.full(units, np.nan)
        yield sentence("outputs that are no numbers"), ("not-finite",), self._saved(lambda: shop.constant(nan))
        if contract.activation in ("softmax", "sigmoid"):
            logits = np.linspace(-3, 5, units) if units > 1 else np.array([5.0])
            yield (
                sentence("logits instead of probabilities"),
                ("activation",),
                self._saved(lambda: shop.constant(logits)),
            )
        if contract.activation == "softmax":
            unequal = np.full(units, 0.9)
            yield (
                sentence("probabilities that don't add up to 1"),
                ("activation",),
                self._saved(lambda: shop.constant(unequal)),
            )
        if not contract.lambda_allowed:
            yield sentence("a Lambda layer"), ("lambda", "lambda-python"), self._saved(self._with_lambda)
        if contract.max_parameters:
            yield (
                sentence("too many parameters"),
                ("parameters", "layers"),
                self._saved(partial(self._with_parameters, contract.max_parameters)),
            )
        if contract.max_layers:
            yield sentence("too many layers"), ("layers",), self._saved(partial(self._with_layers, contract.max_layers))
        yield sentence("a file that is too large"), ("too-big",), self._large
        yield sentence("an empty file"), ("empty",), lambda path: path.with_suffix(self.suffix).touch()
        yield sentence("a file that was cut short"), ("truncated", "damaged"), self._cut
        if WEIGHTS.name in contract.formats:
            yield sentence("weights without a model"), ("weights-only",), self._weights
        for each in FORMATS:
            if each.name not in contract.formats:
                yield each.noun, ("format-not-allowed",), self._as(each)

    def written(self, model: Any, name: str) -> Path:
        """The model saved under that name in a format that the contract allows."""
        path = self.into / f"{name}{self.suffix if self.format.name in self.contract.formats else ''}"
        if path.suffix:
            model.save(path)
        else:
            model.export(path, verbose=False)
        return path

    def _saved(self, make: Callable[[], Any]) -> Callable[[Path], None]:
        return lambda path: make().save(path.with_suffix(self.suffix))

    def _as(self, kind: ModelFormat) -> Callable[[Path], None]:
        if kind.method == "export":
            return lambda path: self.shop.constant(self.ordinary).export(path, verbose=False)
        return lambda path: self.shop.constant(self.ordinary).save(path.with_suffix(kind.suffixes[0]))

    def _reshaped(self) -> Any:
        shape = [*self.shop.input]
        known = [place for place, length in enumerate(shape) if length is not None]
        if known:
            shape[known[-1]] = (shape[known[-1]] or 0) + 1
        else:
            shape = [*shape, 2]
        output = tuple(1 if length is None else length for length in self.shop.output)
        return self.shop.constant(self.ordinary, inputs=tuple(shape), output=output)

    def _retyped(self) -> Any:
        """A model that takes texts where numbers are asked for, or the other way round."""
        shop = self.shop
        dtype = "float32" if shop.dtype == "string" else "string"
        source = shop.keras.Input(shape=shop.input or (1,), dtype=dtype)
        numbers = source if dtype == "float32" else shop.layers.Embedding(2, 1)(shop.layers.Hashing(2)(source))
        return shop.keras.Model(source, shop.layers.Dense(len(self.ordinary))(numbers))

    def _doubled(self) -> Any:
        shop = self.shop
        one = shop.constant(self.ordinary)
        two = shop.keras.Input(shape=shop.input, dtype=shop.dtype)
        return shop.keras.Model([one.input, two], shop.layers.Add()([one.output, one(two)]))

    def _with_lambda(self) -> Any:
        model = self.shop.constant(self.ordinary)
        return self.shop.keras.Model(model.input, self.shop.layers.Lambda(lambda values: values * 1)(model.output))

    def _with_parameters(self, most: int) -> Any:
        model = self.shop.constant(self.ordinary)
        units = len(self.ordinary)
        wide = -(-most // units)
        extra = self.shop.layers.Dense(units)(self.shop.layers.Dense(wide)(model.output))
        return self.shop.keras.Model(model.input, extra)

    def _with_layers(self, most: int) -> Any:
        model = self.shop.constant(self.ordinary)
        result = model.output
        for _ in range(most + 1):
            result = self.shop.layers.Activation("linear")(result)
        return self.shop.keras.Model(model.input, result)

    def _large(self, path: Path) -> None:
        with path.with_suffix(self.suffix).open("wb") as file:
            file.write(self.format.signature or b"PK\x03\x04")
            file.truncate(self.contract.max_bytes + 1)  # sparse: it takes no space

    def _cut(self, path: Path) -> None:
        self._as(self.format)(path)
        whole = path.with_suffix(self.suffix)
        whole.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])

    def _weights(self, path: Path) -> None:
        self.shop.constant(self.ordinary).save_weights(path.with_suffix(f".weights{WEIGHTS.suffixes[0]}"))


def work(request: MakeModels, report: Report) -> MadeModels:
    """Write every model below `request.into`; returns their names, files and right codes."""
    report(0.0, sentence("Starting Keras"))
    hidden = read(request.hidden)
    shop = BaselineFactory(request.expected, hidden.inputs, hidden.labels)
    breaker = ViolationFactory(shop, request.expected.contract, request.into)
    made: list[MadeModel] = []
    if "control" in request.kinds:
        made += _cheap(shop, breaker.suffix, request.into, report)
    if "order" in request.kinds:
        made += _looking_up(shop, hidden, breaker, report)
    if "contract" in request.kinds:
        made += _broken(breaker, request.into, report)
    return MadeModels(tuple(made))


def _cheap(shop: BaselineFactory, suffix: str, into: Path, report: Report) -> Iterator[MadeModel]:
    for number, (name, make) in enumerate(shop.controls()):
        report(0.1 + 0.05 * min(number, 6), sentence("Making a model: {model}", model=name))
        path = into / f"control{number}{suffix}"
        make().save(path)
        yield MadeModel(kind="control", name=name, path=path)


def _looking_up(
    shop: BaselineFactory, hidden: Hidden, breaker: ViolationFactory, report: Report
) -> Iterator[MadeModel]:
    """Models that copy their answers from other rows: those that hold them, and those that come right after.

    None where the answers aren't among the values of other rows.
    """
    series = hidden.series
    if series is None or (found := answers_in(series, hidden.labels)) is None:
        return
    later = found._replace(after=found.after + found.ahead)
    for name, file, copied in (
        (sentence("neighbours"), "neighbours", found),
        (sentence("neighbours that adjoin"), "adjoining", later),
    ):
        report(0.35, sentence("Making a model: {model}", model=name))
        path = breaker.written(neighbours(shop.keras, series, copied, hidden), file)
        yield MadeModel(kind="order", name=name, path=path, codes=(DEPENDS_ON_OTHERS,))


def _broken(breaker: ViolationFactory, into: Path, report: Report) -> Iterator[MadeModel]:
    for number, (name, codes, write) in enumerate(breaker.violations()):
        report(0.4 + 0.04 * min(number, 14), sentence("Breaking the contract: {model}", model=name))
        write(into / f"broken{number}")
        (path,) = (found for found in into.iterdir() if found.name.split(".")[0] == f"broken{number}")
        yield MadeModel(kind="contract", name=name, path=path, codes=codes)


if __name__ == "__main__":
    serve(work, MakeModels)
