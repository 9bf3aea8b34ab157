"""Losses and metrics: functions with long names, strings, and the keys of a training's record."""

from __future__ import annotations

from collections.abc import Iterator

from graders.sentences import sentence
from mockexam.inspections.findings import Fix
from mockexam.inspections.names.keras import canonical
from mockexam.inspections.names.tree import Node
from mockexam.inspections.names.uses import Attribute, Call, Import
from mockexam.inspections.names.values import Items, Made, Text, Value
from mockexam.inspections.pattern import KERAS_3, Example, Pattern, Sighting, both, look
from mockexam.inspections.patterns.recognition import (
    calls_of,
    makers_of,
    paths_in,
    renamed,
    seen,
    texts_at,
    written,
)
from mockexam.inspections.program import Program

FUNCTIONS = {
    "mean_absolute_error": "mae",
    "mean_squared_error": "mse",
    "mean_absolute_percentage_error": "mape",
    "mean_squared_logarithmic_error": "msle",
    "kl_divergence": "kld",
    "log_cosh": "logcosh",
}
"""Functions of tf.keras.losses and tf.keras.metrics by their old name, as Keras 3's tf.keras calls them."""

LOSSES = {"huber_loss": "huber", "logcosh": "log_cosh", "kullback_leibler_divergence": "kl_divergence"}
METRICS = {"cosine_proximity": "cosine_similarity", "kullback_leibler_divergence": "kl_divergence"}
"""Texts that compile() took, and the text for the same in Keras 3."""

SHORT_METRICS = {
    "RMSE": "RootMeanSquaredError",
    "rmse": "RootMeanSquaredError",
    "R2": "R2Score",
    "r2": "R2Score",
    "F1": "F1Score",
    "f1": "F1Score",
    "cosine": "CosineSimilarity",
}
"""Short names of metrics that neither Keras has ever known, and the text by which both know them."""

_REGISTERING = (
    "get_custom_objects",
    "custom_object_scope",
    "CustomObjectScope",
    "register_keras_serializable",
)
"""Functions and classes by which a program teaches Keras names of its own."""
_ACCURACIES = {"acc": "accuracy", "val_acc": "val_accuracy", "accuracy": "acc", "val_accuracy": "val_acc"}
_MONITORS = ("EarlyStopping", "ModelCheckpoint", "ReduceLROnPlateau")


def _is_function(path: str) -> bool:
    # In `import keras` itself the long names are the right ones.
    module, _, name = canonical(path).rpartition(".")
    return name in FUNCTIONS and module in ("keras.losses", "keras.metrics") and path.startswith("tensorflow.")


def _functions(program: Program) -> Iterator[Sighting]:
    for path, leaf, use in paths_in(program, _is_function):
        old = path.rpartition(".")[2]
        new = FUNCTIONS[old]
        yield seen(leaf, renamed(old, new), written("renamed", new, program.replaced(leaf, _name(use, leaf, new))))


def _name(use: Import | Attribute, leaf: Node, new: str) -> str:
    """The new name, under the old one where an import brings it: the code below goes on using that."""
    if isinstance(use, Import) and any(name is leaf and alias is None for name, alias in use.names):
        return f"{new} as {leaf.value}"  # untranslated: Python code
    return new


def _texts(value: Value) -> Iterator[Text]:
    if isinstance(value, Text):
        yield value
    elif isinstance(value, Items):
        for item in value.items:
            yield from _texts(item)


def _strings(program: Program) -> Iterator[Sighting]:
    for call, _ in calls_of(program, "model", ("compile",)):
        for name, place, known in (("loss", 1, LOSSES), ("metrics", 2, METRICS)):
            given = call.argument(name, place)
            for text in _texts(given.value) if given is not None else ():
                if text.whole and text.end in known and text.leaf is not None:
                    new = known[text.end]
                    fix = written("renamed", f'"{new}"', program.literal(text, new))
                    yield seen(text.leaf, renamed(f'"{text.end}"', f'"{new}"'), fix)


def _registers(path: str) -> bool:
    return path.rpartition(".")[2] in _REGISTERING and canonical(path).startswith("keras.")


def _short(program: Program) -> Iterator[Sighting]:
    """Short names that no Keras knows, in a program that teaches it none."""
    if any(paths_in(program, _registers)):
        return
    for call, _ in calls_of(program, "model", ("compile",)):
        given = call.keyword("metrics")
        for text in _texts(given.value) if given is not None else ():
            if text.whole and text.end in SHORT_METRICS and text.leaf is not None:
                new = SHORT_METRICS[text.end]
                message = sentence("Keras knows no metric called {name}.", name=f'"{text.end}"')
                yield seen(text.leaf, message, written("named", f'"{new}"', program.literal(text, new)))


def _no_list(program: Program) -> Iterator[Sighting]:
    for call, _ in calls_of(program, "model", ("compile",)):
        given = call.argument("metrics", 2)
        if given is not None and isinstance(given.value, Text):
            node = given.expression
            fix = written("list", f"[{program.code(node)}]", program.replaced(node, f"[{program.code(node)}]"))
            yield seen(node, sentence("metrics has to be a list."), fix)


_AFTER_LOSS = ("metrics", "loss_weights", "weighted_metrics", "run_eagerly", "steps_per_execution")
"""What compile() of Keras 2 took by its place after the loss."""


def _by_place(program: Program) -> Iterator[Sighting]:
    """Metrics as the third argument: Keras 3 takes the weights of losses there."""
    for call, _ in calls_of(program, "model", ("compile",)):
        given = call.positional(2)
        if given is None or not any(_texts(given.value)):
            continue
        places = [call.positional(place) for place in range(2, 2 + len(_AFTER_LOSS))]
        named = [
            program.inserted(one.node.start_pos, f"{name}=")
            for name, one in zip(_AFTER_LOSS, places, strict=True)
            if one is not None
        ]
        message = sentence("The third argument of compile() is loss_weights now.")
        yield seen(given.expression, message, written("named", "metrics=", *named))


def _accuracy(program: Program) -> Iterator[Sighting]:
    """The key that the record of a training has not: its name is that of the metric as compile() was given it."""
    kept = _compiled(program)
    if kept is None:
        return
    wrong = [key for key in _ACCURACIES if key.removeprefix("val_") != kept]
    message = sentence("The metric is compiled as {kept}, and the record calls it that too.", kept=f'"{kept}"')
    for kind in ("record", "logs"):
        for node, text, owner in texts_at(program, kind, wrong):
            if isinstance(owner, Made) and owner.of == "keras.models.load_model":
                continue  # it was compiled elsewhere
            yield seen(node, message, _right_key(program, text))
    for call, _ in makers_of(program, _is_monitor):
        for node, fixes in _in_path(program, call, wrong):
            yield seen(node, message, fixes)
        monitor = call.argument("monitor", 1 if call.name is not None and call.name.value == "ModelCheckpoint" else 0)
        if monitor is not None and isinstance(monitor.value, Text) and monitor.value.end in wrong:
            yield seen(monitor.expression, message, _right_key(program, monitor.value))


def _in_path(program: Program, call: Call, wrong: list[str]) -> Iterator[tuple[Node, tuple[Fix, ...]]]:
    """`ModelCheckpoint("{epoch}-{val_acc:.2f}.h5")`: the name of a metric in the name of a file."""
    path = call.argument("filepath", 0)
    if path is None or not isinstance(path.value, Text) or not path.value.whole or path.value.leaf is None:
        return
    leaf = path.value.leaf
    for key in wrong:
        place = leaf.value.find(f"{{{key}")
        if place < 0 or leaf.value[place + 1 + len(key)] not in ":}" or leaf.start_pos[0] != leaf.end_pos[0]:
            continue
        row, column = leaf.start_pos
        start = column + place + 1
        new = _ACCURACIES[key]
        yield path.expression, written("key", f"{{{new}}}", program.edit((row, start), (row, start + len(key)), new))


def _is_monitor(path: str) -> bool:
    module, _, name = canonical(path).rpartition(".")
    return module == "keras.callbacks" and name in _MONITORS


def _right_key(program: Program, text: Text) -> tuple[Fix, ...]:
    new = _ACCURACIES[text.end]
    return written("key", f'"{new}"', program.literal(text, new)) if text.whole else ()


def _compiled(program: Program) -> str | None:
    """How all models of the program call their accuracy: "accuracy" or "acc"; None where that isn't sure."""
    names: set[str] = set()
    for call, _ in calls_of(program, "model", ("compile",)):
        given = call.argument("metrics", 2)
        if given is None:
            continue
        if not isinstance(given.value, Items | Text):
            return None
        for item in given.value.items if isinstance(given.value, Items) else (given.value,):
            if isinstance(item, Text) and item.whole:
                names.add(item.end)
            else:
                return None  # a metric that may be called anything
    found = names & {"acc", "accuracy"}
    return found.pop() if len(found) == 1 else None


def _rate(program: Program) -> Iterator[Sighting]:
    message = sentence('In the record of a training "lr" is now called "learning_rate".')
    for kind in ("record", "logs"):
        for node, text, _ in texts_at(program, kind, ("lr",)):
            yield seen(node, message, written("key", '"learning_rate"', program.literal(text, "learning_rate")))


METRICS_AND_LOSSES = (
    Pattern(
        id="metric-function",
        title="tf.keras.metrics.mean_absolute_error(…)",
        fails=sentence("Keras 3 has these functions under their short names only; what Python suggests is a class."),
        replacement=sentence("Write mae, mse, mape, msle, kld or logcosh."),
        since=KERAS_3,
        example=Example(
            "value = tf.keras.metrics.mean_absolute_error([1.0, 2.0], [1.0, 4.0]).numpy()",
            ("value = tf.keras.metrics.mae([1.0, 2.0], [1.0, 4.0]).numpy()",),
        ),
        find=_functions,
        looks=(
            look("AttributeError", rf"keras\.(losses|metrics)' has no attribute '({'|'.join(FUNCTIONS)})'"),
            look("ImportError", rf"cannot import name '({'|'.join(FUNCTIONS)})' from '[\w.]*(losses|metrics)'"),
        ),
    ),
    Pattern(
        id="history-lr",
        title='history.history["lr"]',
        fails=sentence('The history of a training has no "lr" in Keras 3.'),
        replacement=sentence('Write "learning_rate".'),
        since=KERAS_3,
        example=Example(
            "model = net()\nmodel.compile('sgd', 'mse')\n"
            "slower = tf.keras.callbacks.LearningRateScheduler(lambda epoch: 0.25 / (1 + epoch))\n"
            "history = model.fit(x, y, epochs=3, verbose=0, callbacks=[slower])\nvalue = history.history['lr']",
            ("model = net()\nmodel.compile('sgd', 'mse')\n"
             "slower = tf.keras.callbacks.LearningRateScheduler(lambda epoch: 0.25 / (1 + epoch))\n"
             "history = model.fit(x, y, epochs=3, verbose=0, callbacks=[slower])\n"
             "value = history.history['learning_rate']",),
        ),
        find=_rate,
        looks=(look("KeyError", r"^'lr'"),),
    ),
    Pattern(
        id="accuracy-key",
        title='"acc" and "accuracy"',
        fails=sentence("History and logs have a metric under the name that compile() was given, and no other."),
        replacement=sentence("Use one name in compile(), in history, in logs and in monitor=."),
        since=both("tensorflow", "2.0"),
        example=Example(
            "model = net()\nmodel.compile('sgd', 'mse', metrics=['accuracy'])\n"
            "history = model.fit(x, y, verbose=0)\nvalue = history.history['acc']",
            ("model = net()\nmodel.compile('sgd', 'mse', metrics=['accuracy'])\n"
             "history = model.fit(x, y, verbose=0)\nvalue = history.history['accuracy']",),
        ),
        find=_accuracy,
        looks=(
            look("KeyError", r"^'(val_)?acc(uracy)?'"),
            look("TypeError", r"^'[<>]=?' not supported between instances of 'NoneType' and '(float|int)'"),
            look("ValueError", r"received monitor=(val_)?acc"),
            look("KeyError", r"Failed to format this callback filepath.*Reason: \W*(val_)?acc"),
        ),
    ),
    Pattern(
        id="metrics-text",
        title='compile(metrics="accuracy")',
        fails=sentence("Keras 3 takes metrics as a list only."),
        replacement=sentence('Write metrics=["accuracy"].'),
        since=KERAS_3,
        example=Example(
            "model = net()\nmodel.compile('sgd', 'mse', metrics='accuracy')\nvalue = model.evaluate(x, y, verbose=0)",
            ("model = net()\nmodel.compile('sgd', 'mse', metrics=['accuracy'])\n"
             "value = model.evaluate(x, y, verbose=0)",),
        ),
        find=_no_list,
        looks=(look("ValueError", r"^Expected `metrics` argument to be a list, tuple, or dict"),),
    ),
    Pattern(
        id="metrics-place",
        title='compile("adam", "mse", ["accuracy"])',
        fails=sentence("The third argument of compile() is loss_weights in Keras 3, and no longer metrics."),
        replacement=sentence('Write metrics=["accuracy"].'),
        since=KERAS_3,
        example=Example(
            "model = net()\nmodel.compile('sgd', 'mse', ['accuracy'])\nvalue = model.evaluate(x, y, verbose=0)",
            ("model = net()\nmodel.compile('sgd', 'mse', metrics=['accuracy'])\n"
             "value = model.evaluate(x, y, verbose=0)",),
        ),
        find=_by_place,
        looks=(
            look("ValueError", r"^dtype='string' is not a valid dtype for Keras type promotion"),
            look("ValueError", r"`loss_weights` (argument|must)"),
            look("ValueError", r"^When providing the `loss_weights` argument"),
        ),
    ),
    Pattern(
        id="metric-short",
        title='metrics=["RMSE"]',
        fails=sentence("Keras knows a few metrics by short names (mae, mse, mape, msle, acc), and no others."),
        replacement=sentence('Write "RootMeanSquaredError", "R2Score", "F1Score" or "CosineSimilarity".'),
        since=both("tensorflow", "2.0"),
        example=Example(
            "model = net()\nmodel.compile('sgd', 'mse', metrics=['RMSE'])\nvalue = model.evaluate(x, y, verbose=0)",
            ("model = net()\nmodel.compile('sgd', 'mse', metrics=['RootMeanSquaredError'])\n"
             "value = model.evaluate(x, y, verbose=0)",),
        ),
        find=_short,
        looks=(
            look("ValueError", rf"^Could not interpret metric identifier: ({'|'.join(SHORT_METRICS)})\b"),
            look("ValueError", rf"Unknown metric function: '?({'|'.join(SHORT_METRICS)})\b"),
            look("TypeError", r"(?s)in update_state.*'str' object is not callable"),
        ),
    ),
    Pattern(
        id="loss-text",
        title='loss="huber_loss"',
        fails=sentence("Keras 3 doesn't know a loss or metric of this name."),
        replacement=sentence('Write "huber", "log_cosh", "kl_divergence", or "cosine_similarity" for a metric.'),
        since=KERAS_3,
        example=Example(
            "model = net()\nmodel.compile('sgd', 'huber_loss')\nvalue = model.evaluate(x, y * 4, verbose=0)",
            ("model = net()\nmodel.compile('sgd', 'huber')\nvalue = model.evaluate(x, y * 4, verbose=0)",),
        ),
        find=_strings,
        looks=(
            look("ValueError", rf"^Could not interpret \w+ identifier: ({'|'.join({**LOSSES, **METRICS})})\b"),
        ),
    ),
)  # fmt: skip
