"""Optimizers: their arguments, their attributes and where they live."""

from __future__ import annotations

from collections.abc import Iterator

from graders.sentences import sentence
from mockexam.inspections.findings import Edit, Fix
from mockexam.inspections.names.keras import canonical, kind_made
from mockexam.inspections.names.uses import Argument, Call, Import
from mockexam.inspections.names.values import UNKNOWN, Made, Method, Number
from mockexam.inspections.pattern import KERAS_3, Example, Pattern, Release, Sighting, look
from mockexam.inspections.patterns.recognition import (
    attributes_of,
    from_import,
    has_stars,
    is_made,
    is_part,
    makers_of,
    paths_in,
    renamed,
    seen,
    titled,
    written,
)
from mockexam.inspections.program import Program

_LEARNING_RATES = {"SGD": "0.01"}
"""What Keras takes where no learning rate is given; 0.001 for all others."""


def _is_optimizer(path: str) -> bool:
    return kind_made(canonical(path)) == "optimizer" and not path.endswith(".get")


def _lr(program: Program) -> Iterator[Sighting]:
    for call, _ in makers_of(program, _is_optimizer):
        argument = call.keyword("lr")
        if argument is None or argument.keyword is None:
            continue
        again = call.keyword("learning_rate") is not None or call.positional(0) is not None
        fix = (
            ()
            if again
            else written("learning-rate", "learning_rate=", program.replaced(argument.keyword, "learning_rate"))
        )
        yield seen(argument.keyword, renamed("lr", "learning_rate"), fix)


def _lr_attribute(program: Program) -> Iterator[Sighting]:
    for one in attributes_of(program, "optimizer", ("lr",)):
        if isinstance(one.owner, Made) and not one.owner.of and program.defines("lr"):
            continue  # the model may be compiled with an optimizer of the program's own
        fix = written("learning-rate", ".learning_rate", program.replaced(one.name, "learning_rate"))
        yield seen(one.name, renamed("lr", "learning_rate"), fix)


def _set_value(program: Program) -> Iterator[Sighting]:
    """`backend.set_value(optimizer.lr, value)`: a variable of Keras 3 is none that this takes."""
    for call, _ in makers_of(program, lambda path: canonical(path) == "keras.backend.set_value"):
        variable, value = call.argument("x", 0), call.argument("value", 1)
        known = variable.value if variable is not None else UNKNOWN
        if variable is None or value is None or not isinstance(known, Method) or not is_made(known.owner, "optimizer"):
            continue
        if known.name in ("lr", "learning_rate"):
            owner = program.text(variable.expression.start_pos, program.before_dot(variable.expression.get_last_leaf()))
            text = f"{owner}.learning_rate.assign({program.code(value.expression)})"
            edit = program.edit(call.start.start_pos, call.brackets.end_pos, text)
            message = sentence("set_value does not take what an optimizer of Keras 3 has.")
            yield seen(call.name, message, written("assign", ".learning_rate.assign(…)", edit))


def _decay(program: Program) -> Iterator[Sighting]:
    for call, path in makers_of(program, _is_optimizer):
        argument = call.keyword("decay")
        if argument is None or argument.keyword is None or ".legacy." in path:
            continue
        message = sentence("decay is no argument of an optimizer any more: the learning rate would not fall.")
        yield seen(argument.keyword, message, _without_decay(program, call, path, argument))


def _without_decay(program: Program, call: Call, path: str, decay: Argument) -> tuple[Fix, ...]:
    if isinstance(decay.value, Number) and not decay.value.text.strip("0."):
        return titled("without", sentence("Leave out decay, which is 0"), program.without(call, decay))
    changes = any(attributes_of(program, "optimizer", ("lr", "learning_rate")))
    set_by_callback = any(makers_of(program, lambda one: one.endswith(("LearningRateScheduler", "ReduceLROnPlateau"))))
    rate = call.argument("learning_rate", 0) or call.keyword("lr")
    schedules = _schedules(program, call, path)
    known = rate is None or isinstance(rate.value, Number)
    if changes or set_by_callback or has_stars(call) or not known or schedules is None:
        return ()
    start = program.code(rate.expression) if rate is not None else _LEARNING_RATES.get(path.rpartition(".")[2], "0.001")
    schedule = f"{schedules}.InverseTimeDecay({start}, decay_steps=1, decay_rate={program.code(decay.expression)})"
    edits: list[Edit] = []
    if rate is None:
        edits = [program.replaced(decay.node, f"learning_rate={schedule}")]
    else:
        name = "learning_rate=" if rate.keyword is not None else ""
        edits = [program.replaced(rate.node, name + schedule), program.without(call, decay)]
    return titled("schedule", sentence("Let the learning rate fall by a schedule"), *edits)


def _schedules(program: Program, call: Call, path: str) -> str | None:
    """How the schedules can be reached at a call of an optimizer."""
    before = program.text(call.start.start_pos, call.brackets.start_pos)
    if before.endswith(".optimizers." + path.rpartition(".")[2]) and "(" not in before:
        return before.rpartition(".")[0] + ".schedules"
    if (name := program.reached("tensorflow", call.start)) is not None:
        return f"{name}.keras.optimizers.schedules"
    for module in ("tensorflow.keras.optimizers", "keras.optimizers", "tensorflow.keras", "keras"):
        if (name := program.reached(module, call.start)) is not None:
            return f"{name}.schedules" if module.endswith("optimizers") else f"{name}.optimizers.schedules"
    return None


def _moved(part: str) -> Pattern:
    def wanted(path: str) -> bool:
        return canonical(path) == f"keras.optimizers.{part}"

    def find(program: Program) -> Iterator[Sighting]:
        message = sentence("keras.optimizers.{part} is gone: its optimizers are in keras.optimizers.", part=part)
        for _, leaf, use in paths_in(program, wanted):
            if isinstance(use, Import) and not is_part(leaf, use):
                yield seen(leaf, message, _imported_part(program, use))
            else:
                yield seen(leaf, message, written("moved", "optimizers", program.without_part(leaf)))

    return Pattern(
        id=f"optimizers-{part}",
        title=f"keras.optimizers.{part}",
        fails=sentence("Keras 3 has no optimizers.{part}.", part=part),
        replacement=sentence("Take the optimizer of the same name from keras.optimizers."),
        since=KERAS_3,
        example=Example(
            f"optimizer = tf.keras.optimizers.{part}.Adam(0.01)",
            ("optimizer = tf.keras.optimizers.Adam(0.01)",),
        ),
        find=find,
        looks=(
            look(
                "ImportError|AttributeError|ModuleNotFoundError",
                rf"optimizers\W+(?:has no attribute ')?{part}|name '{part}' from '[\w.]*optimizers",
            ),
        ),
    )


def _imported_part(program: Program, use: Import) -> tuple[Fix, ...]:
    """`from keras.optimizers import legacy` → `from keras import optimizers as legacy`."""
    if len(use.names) != 1 or len(use.path) < 2:
        return ()
    name, alias = use.names[0]
    module = ".".join(one.value for one in use.path[:-1])
    text = from_import(module, "optimizers", (alias or name).value)
    return written("moved", text, program.replaced(use.node, text))


OPTIMIZERS = (
    Pattern(
        id="optimizer-lr",
        title="Adam(lr=…)",
        fails=sentence("Keras 3 refuses lr, and Keras 2 has ignored it since TensorFlow 2.11."),
        replacement=sentence("Write learning_rate= instead of lr=."),
        since={2: Release("tensorflow", "2.11"), 3: Release("keras", "3.0")},
        quiet=frozenset((2,)),
        example=Example(
            "optimizer = tf.keras.optimizers.RMSprop(lr=0.02)",
            ("optimizer = tf.keras.optimizers.RMSprop(learning_rate=0.02)",),
        ),
        find=_lr,
        looks=(look("ValueError", r"Argument\(s\) not recognized: \{'lr'"),),
    ),
    Pattern(
        id="optimizer-decay",
        title="Adam(decay=…)",
        fails=sentence("Keras 3 ignores decay with a warning, and Keras 2 has refused it since TensorFlow 2.11."),
        replacement=sentence("Give learning_rate a schedule: InverseTimeDecay(rate, decay_steps=1, decay_rate=decay)."),
        since={2: Release("tensorflow", "2.11"), 3: Release("keras", "3.0")},
        example=Example(
            "optimizer = tf.keras.optimizers.Adam(learning_rate=0.01, decay=0.1)",
            ("optimizer = tf.keras.optimizers.Adam(learning_rate=tf.keras.optimizers.schedules.InverseTimeDecay("
             "0.01, decay_steps=1, decay_rate=0.1))",),
        ),
        find=_decay,
        looks=(
            look("ValueError", r"^decay is deprecated in the new"),
            look("UserWarning", r"Argument `decay` is no longer supported"),
        ),
        quiet=frozenset((3,)),
    ),
    Pattern(
        id="optimizer-lr-attribute",
        title="optimizer.lr",
        fails=sentence("An optimizer of Keras 3 has no attribute lr, and assigning it changes nothing."),
        replacement=sentence("Write optimizer.learning_rate."),
        since=KERAS_3,
        example=Example(
            "model = net()\nmodel.compile('sgd', 'mse')\nvalue = float(model.optimizer.lr.numpy())",
            ("model = net()\nmodel.compile('sgd', 'mse')\nvalue = float(model.optimizer.learning_rate.numpy())",),
        ),
        find=_lr_attribute,
        looks=(look("AttributeError", r"^'(Ada\w+|SGD|RMSprop|Nadam|Ftrl)' object has no attribute 'lr'"),),
    ),
    Pattern(
        id="backend-set-value",
        title="K.set_value(model.optimizer.lr, …)",
        fails=sentence("The backend's set_value doesn't take a variable of Keras 3."),
        replacement=sentence("Write model.optimizer.learning_rate.assign(…)."),
        since=KERAS_3,
        example=Example(
            "from tensorflow.keras import backend as K\nmodel = net()\nmodel.compile('sgd', 'mse')\n"
            "K.set_value(model.optimizer.learning_rate, 0.5)\nvalue = float(model.optimizer.learning_rate.numpy())",
            ("from tensorflow.keras import backend as K\nmodel = net()\nmodel.compile('sgd', 'mse')\n"
             "model.optimizer.learning_rate.assign(0.5)\nvalue = float(model.optimizer.learning_rate.numpy())",),
        ),
        find=_set_value,
        looks=(look("AttributeError", r"^'str' object has no attribute 'name'"),),
    ),
    _moved("legacy"),
    _moved("experimental"),
)  # fmt: skip
