"""Saving and loading: what the name of a file has to end with."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graders.sentences import sentence
from mockexam.inspections.findings import Edit, Fix
from mockexam.inspections.names.keras import canonical
from mockexam.inspections.names.uses import Argument, Call
from mockexam.inspections.names.values import Number, Text
from mockexam.inspections.pattern import KERAS_3, Example, Pattern, Sighting, look
from mockexam.inspections.patterns.recognition import calls_of, makers_of, seen, titled, written
from mockexam.inspections.program import Program

_MODELS = (".keras", ".h5", ".hdf5")
_LOADING = ("keras.models.load_model", "keras.saving.load_model")
_LONG = {
    "mse": "mean_squared_error", "mae": "mean_absolute_error", "mape": "mean_absolute_percentage_error",
    "msle": "mean_squared_logarithmic_error", "kld": "kl_divergence",
}  # fmt: skip
SHORT_LOSSES = {**_LONG, **{short.upper(): long for short, long in _LONG.items()}}
"""Losses that Keras 3 writes into an HDF5 file and does not read back, and their other name, which it does."""

_SAVING = ("keras.models.save_model", "keras.saving.save_model")
_WEIGHTS = ".weights.h5"
_SHORT_END = re.compile(r"\.(tf|ckpt|h5|hdf5|weights|keras|pb)$")


def _saves(program: Program) -> Iterator[tuple[Call, Argument]]:
    """Calls that save a whole model, with the path."""
    for call, _ in calls_of(program, "model", ("save",)):
        if (path := call.argument("filepath", 0)) is not None:
            yield call, path
    for call, _ in makers_of(
        program, lambda path: canonical(path) in ("keras.models.save_model", "keras.saving.save_model")
    ):
        if (path := call.argument("filepath", 1)) is not None:
            yield call, path


def _ends(text: Text, endings: tuple[str, ...]) -> bool:
    return text.end.endswith(endings) or (not text.whole and not text.end)


def _save(program: Program) -> Iterator[Sighting]:
    for call, path in _saves(program):
        form = call.keyword("save_format")
        value = path.value
        folder = form is not None and isinstance(form.value, Text) and form.value.end == "tf"
        if not isinstance(value, Text) or (_ends(value, _MODELS) and not folder) or not value.end:
            continue
        h5 = form is not None and isinstance(form.value, Text) and form.value.end in ("h5", "hdf5")
        yield seen(
            path.expression,
            sentence("The name of a saved model has to end with .keras or .h5."),
            _with_ending(program, call, value, form, ".h5" if h5 else ".keras"),
        )


def _load(program: Program) -> Iterator[Sighting]:
    """A folder that is loaded as a model."""
    saved = {path.value.end: (call, path) for call, path in _saves(program) if isinstance(path.value, Text)}
    for call, _ in makers_of(program, lambda path: canonical(path) in _LOADING):
        path = call.argument("filepath", 0)
        if path is None or not isinstance(path.value, Text) or not path.value.end or _ends(path.value, _MODELS):
            continue
        value = path.value
        fixes: tuple[Fix, ...] = ()
        if value.end in saved:
            own, kept = saved[value.end]
            if isinstance(kept.value, Text):
                fixes = _with_ending(program, own, kept.value, own.keyword("save_format"), ".keras")
        yield seen(path.expression, sentence("Keras 3 loads models whose names end with .keras or .h5."), fixes)


def _names(program: Program) -> Iterator[Sighting]:
    yield from _save(program)
    yield from _load(program)


def _with_ending(program: Program, call: Call, value: Text, form: Argument | None, ending: str) -> tuple[Fix, ...]:
    """The name with an ending, here and where the same name is loaded; without the format."""
    fixes: tuple[Fix, ...] = ()
    for suffix in dict.fromkeys((ending, ".keras", ".h5")):
        edits: list[Edit | None] = [program.literal(value, _ended(value.end, suffix))]
        edits += [
            program.literal(other, _ended(other.end, suffix))
            for other in _loaded(program, ("load_model",))
            if other.end == value.end and other.leaf is not value.leaf
        ]
        if form is not None:
            edits.append(program.without(call, form))
        fixes += written(suffix, f'"{_ended(value.end, suffix)}"', *edits)
    return fixes


def _ended(name: str, ending: str) -> str:
    return _SHORT_END.sub("", name.rstrip("/")) + ending


def _loaded(program: Program, functions: tuple[str, ...]) -> Iterator[Text]:
    """Paths that are loaded."""
    for call, _ in makers_of(program, lambda path: path.rpartition(".")[2] in functions and "keras" in path):
        if (path := call.argument("filepath", 0)) is not None and isinstance(path.value, Text):
            yield path.value
    for call, _ in calls_of(program, "model", functions):
        if (path := call.argument("filepath", 0)) is not None and isinstance(path.value, Text):
            yield path.value


def _load_loss(program: Program) -> Iterator[Sighting]:
    """A model that is loaded from HDF5 with a short name as its loss, where the same program compiled and saved it."""
    saved = {path.value.end for _, path in _saves(program) if isinstance(path.value, Text)}
    losses = list(_losses(program))
    compiled = sum(1 for _ in calls_of(program, "model", ("compile",)))
    if not losses or len(losses) < compiled or any(loss.end not in SHORT_LOSSES for loss in losses):
        return  # another model may be the one that is loaded
    for call, _ in makers_of(program, lambda path: canonical(path) in _LOADING):
        path = call.argument("filepath", 0)
        if path is None or not isinstance(path.value, Text) or call.argument("compile", 2) is not None:
            continue
        if path.value.end in saved and path.value.end.endswith((".h5", ".hdf5")):
            edits = [program.literal(loss, SHORT_LOSSES[loss.end]) for loss in losses]
            fixes = written("loss", f'"{SHORT_LOSSES[losses[0].end]}"', *edits)
            fixes += written("uncompiled", "compile=False", program.with_argument(call, "compile=False"))
            message = sentence('Keras 3 does not read the loss "{loss}" back out of an HDF5 file.', loss=losses[0].end)
            yield seen(call.name, message, fixes)


def _losses(program: Program) -> Iterator[Text]:
    for call, _ in calls_of(program, "model", ("compile",)):
        loss = call.argument("loss", 1)
        if loss is not None and isinstance(loss.value, Text) and loss.value.whole:
            yield loss.value


def _save_weights(program: Program) -> Iterator[Sighting]:
    for call, _ in calls_of(program, "model", ("save_weights",)):
        path = call.argument("filepath", 0)
        if path is None or not isinstance(path.value, Text) or _ends(path.value, (_WEIGHTS,)):
            continue
        value = path.value
        edits: list[Edit | None] = [program.literal(value, _ended(value.end, _WEIGHTS))]
        edits += [
            program.literal(other, _ended(other.end, _WEIGHTS))
            for other in _loaded(program, ("load_weights",))
            if other.end == value.end and other.leaf is not value.leaf
        ]
        form = call.keyword("save_format")
        if form is not None:
            edits.append(program.without(call, form))
        fix = written("weights", f'"{_ended(value.end, _WEIGHTS)}"', *edits)
        yield seen(path.expression, sentence("The name of saved weights has to end with .weights.h5."), fix)


def _checkpoints(program: Program) -> Iterator[tuple[Call, Argument | None]]:
    for call, _ in makers_of(program, lambda path: canonical(path) == "keras.callbacks.ModelCheckpoint"):
        yield call, call.argument("filepath", 0)


def _checkpoint(program: Program) -> Iterator[Sighting]:
    for call, path in _checkpoints(program):
        if path is None or not isinstance(path.value, Text):
            continue
        only = call.argument("save_weights_only", 4)
        code = program.code(only.expression) if only is not None else "False"
        if code not in ("True", "False") or not path.value.end:
            continue
        endings = (_WEIGHTS,) if code == "True" else (".keras", ".h5")
        if _ends(path.value, endings):
            continue
        ending = _WEIGHTS if code == "True" else (".h5" if path.value.end.endswith(".hdf5") else ".keras")
        fix = written("ending", f'"{_ended(path.value.end, ending)}"', *_everywhere(program, path.value, ending))
        message = sentence("The name of this checkpoint has to end with {ending}.", ending=" / ".join(endings))
        yield seen(path.expression, message, fix)


def _everywhere(program: Program, value: Text, ending: str) -> list[Edit | None]:
    """The name with its ending, here and where the same is loaded."""
    loaded = _loaded(program, ("load_weights", "load_model"))
    others = [other for other in loaded if other.end == value.end and other.leaf is not value.leaf]
    return [program.literal(one, _ended(one.end, ending)) for one in (value, *others)]


def _period(program: Program) -> Iterator[Sighting]:
    for call, _ in _checkpoints(program):
        period = call.keyword("period")
        if period is None:
            continue
        each = isinstance(period.value, Number) and period.value.text == "1"
        title = sentence("Leave out period, which is 1")
        fix = titled("without", title, program.without(call, period)) if each else ()
        yield seen(period.keyword, sentence("ModelCheckpoint does not take period any more."), fix)


_NET = "model = net()\nmodel.compile('sgd', 'mean_squared_error')\n"
_LOADED = (
    "model = net()\nmodel.compile('sgd', '{}')\nmodel.save('kept.h5')\n"
    "value = tf.keras.models.load_model('kept.h5'{}).predict(x, verbose=0)"
)
_AGAIN = "value = tf.keras.models.load_model('kept{}').predict(x, verbose=0)"

SAVING = (
    Pattern(
        id="save-name",
        title='model.save("mymodel"), save_format="tf"',
        fails=sentence("Keras 3 saves models only under names that end with .keras or .h5."),
        replacement=sentence("Give the file the ending that the problem asks for."),
        since=KERAS_3,
        example=Example(
            f"{_NET}model.save('kept', save_format='tf')\n{_AGAIN.format('')}",
            (f"{_NET}model.save('kept.keras')\n{_AGAIN.format('.keras')}",
             f"{_NET}model.save('kept.h5')\n{_AGAIN.format('.h5')}"),
        ),
        find=_names,
        looks=(
            look("ValueError", r"^Invalid filepath extension for saving"),
            look("ValueError", r"^The `save_format` argument is deprecated in Keras 3"),
            look("ValueError", r"^File format not supported: filepath="),
        ),
    ),
    Pattern(
        id="load-loss",
        title=sentence('load_model("mymodel.h5") after compile(loss="mse")'),
        fails=sentence("Keras 3 writes short names of losses into .h5 files and can't read them back."),
        replacement=sentence('Write "mean_squared_error" in compile(), or load_model(…, compile=False).'),
        since=KERAS_3,
        example=Example(
            _LOADED.format("mse", ""),
            (_LOADED.format("mean_squared_error", ""), _LOADED.format("mse", ", compile=False")),
        ),
        find=_load_loss,
        looks=(look("ValueError", r"^Could not deserialize 'keras\.metrics\.\w+'"),),
    ),
    Pattern(
        id="weights-name",
        title='save_weights("weights")',
        fails=sentence("Keras 3 saves weights only under names that end with .weights.h5."),
        replacement=sentence("Let the name end with .weights.h5, also where the weights are loaded."),
        since=KERAS_3,
        example=Example(
            f"{_NET}model.save_weights('kept')\nmodel.load_weights('kept')\nvalue = model.predict(x, verbose=0)",
            (f"{_NET}model.save_weights('kept.weights.h5')\nmodel.load_weights('kept.weights.h5')\n"
             "value = model.predict(x, verbose=0)",),
        ),
        find=_save_weights,
        looks=(look("ValueError", r"^The filename must end in `\.weights\.h5`"),),
    ),
    Pattern(
        id="checkpoint-name",
        title='ModelCheckpoint("best")',
        fails=sentence("A ModelCheckpoint's file must end with .keras or .h5, for weights alone with .weights.h5."),
        replacement=sentence("Give the name that ending, also where the file is loaded."),
        since=KERAS_3,
        example=Example(
            f"{_NET}kept = tf.keras.callbacks.ModelCheckpoint('kept', save_weights_only=True)\n"
            "value = model.fit(x, y, verbose=0, callbacks=[kept]).history['loss']",
            (f"{_NET}kept = tf.keras.callbacks.ModelCheckpoint('kept.weights.h5', save_weights_only=True)\n"
             "value = model.fit(x, y, verbose=0, callbacks=[kept]).history['loss']",),
        ),
        find=_checkpoint,
        looks=(
            look("ValueError", r"^The filepath provided must end in `\.keras`"),
            look("ValueError", r"^When using `save_weights_only=True` in `ModelCheckpoint`"),
        ),
    ),
    Pattern(
        id="checkpoint-period",
        title="ModelCheckpoint(period=…)",
        fails=sentence("A ModelCheckpoint of Keras 3 doesn't take period."),
        replacement=sentence('Leave it out where it is 1; save_freq counts batches, or is "epoch".'),
        since=KERAS_3,
        example=Example(
            f"{_NET}kept = tf.keras.callbacks.ModelCheckpoint('kept.h5', period=1)\n"
            "value = model.fit(x, y, verbose=0, callbacks=[kept]).history['loss']",
            (f"{_NET}kept = tf.keras.callbacks.ModelCheckpoint('kept.h5')\n"
             "value = model.fit(x, y, verbose=0, callbacks=[kept]).history['loss']",),
        ),
        find=_period,
        looks=(look("TypeError", r"unexpected keyword argument 'period'"),),
    ),
)  # fmt: skip
