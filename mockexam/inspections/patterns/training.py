"""Training, evaluating and predicting: methods that are gone, and arguments that are no longer taken."""

from __future__ import annotations

from collections.abc import Iterator

from graders.sentences import sentence
from mockexam.inspections.findings import Edit, Fix
from mockexam.inspections.names.uses import Argument, Call
from mockexam.inspections.names.values import Made, Number, Value
from mockexam.inspections.pattern import KERAS_3, Example, Pattern, Sighting, both, look
from mockexam.inspections.patterns.recognition import attributes_of, calls_of, has_stars, renamed, seen, titled, written
from mockexam.inspections.program import Program

_QUEUE = ("max_queue_size", "workers", "use_multiprocessing")
_GENERATORS: dict[str, tuple[str, tuple[str, ...]]] = {
    "fit_generator": (
        "fit",
        ("x", "steps_per_epoch", "epochs", "verbose", "callbacks", "validation_data", "validation_steps",
         "validation_freq", "class_weight", *_QUEUE, "shuffle", "initial_epoch"),
    ),
    "evaluate_generator": ("evaluate", ("x", "steps", "callbacks", *_QUEUE, "verbose")),
    "predict_generator": ("predict", ("x", "steps", "callbacks", *_QUEUE, "verbose")),
}  # fmt: skip
"""Methods that took a generator: what takes one now, and the names of their arguments in their order there."""

_TRAINING = ("fit", "evaluate", "predict")
_STEPS = ("steps_per_epoch", "validation_steps", "steps")


def _generators(program: Program) -> Iterator[Sighting]:
    called = {id(call.name): call for call, _ in calls_of(program, "model", _GENERATORS)}
    for one in attributes_of(program, "model", _GENERATORS):
        new, _ = _GENERATORS[one.name.value]
        call = called.get(id(one.name))
        fixes = _without_generator(program, call) if call is not None else ()
        yield seen(one.name, sentence("{old} is gone: {new} takes generators.", old=one.name.value, new=new), fixes)


def _without_generator(program: Program, call: Call) -> tuple[Fix, ...]:
    """The call of today's method: arguments by name where their order differs, without those of the queue."""
    assert call.name is not None
    new, order = _GENERATORS[call.name.value]
    if has_stars(call):
        return ()
    edits = [program.replaced(call.name, new)]
    left_out: list[Argument] = []
    for place, argument in enumerate(call.arguments):
        name = argument.name or (order[place] if place < len(order) else "")
        if not name:
            return ()
        if name in _QUEUE:
            left_out.append(argument)
        elif argument.keyword is None and place > 0:
            edits.append(program.inserted(argument.node.start_pos, f"{name}="))
        elif argument.name == "generator":
            edits.append(program.replaced(argument.keyword, "x"))
    return written("method", f"{new}(…)", *edits, *_left_out(program, call, left_out))


def _left_out(program: Program, call: Call, arguments: list[Argument]) -> list[Edit]:
    """Several arguments left out: one beside the other must not take its comma twice."""
    edits: list[Edit] = []
    kept = [one for one in call.arguments if one not in arguments]
    last = kept[-1].node.end_pos if kept else (0, 0)
    tail = [one for one in arguments if one.node.start_pos > last]
    if kept and len(tail) > 1 and "#" not in program.text(last, tail[-1].node.end_pos):
        edits.append(program.edit(last, tail[-1].node.end_pos, ""))
        arguments = [one for one in arguments if one not in tail]
    for argument in arguments:
        edit = program.without(call, argument)
        if edits and edits[-1].row <= edit.row and (edits[-1].end_row, edits[-1].end_column) > (edit.row, edit.column):
            start, end = argument.node.start_pos, argument.node.end_pos
            edit = program.edit(start, end, "")
        edits.append(edit)
    return edits


def _queue(program: Program) -> Iterator[Sighting]:
    for call, method in calls_of(program, "model", _TRAINING):
        arguments = [one for one in call.arguments if one.name in _QUEUE]
        if not arguments:
            continue
        edits = _left_out(program, call, arguments)
        names = ", ".join(one.name for one in arguments)
        title = sentence("Leave out {names}", names=names)
        for argument in arguments:
            message = sentence("{method}() does not take {name} any more.", method=method, name=argument.name)
            yield seen(argument.keyword, message, titled("without", title, *edits))


def _steps(program: Program) -> Iterator[Sighting]:
    for call, method in calls_of(program, "model", (*_TRAINING, *_GENERATORS)):
        for argument in call.arguments:
            if argument.name in _STEPS and _is_float(argument.value):
                message = sentence("{name} of {method}() has to be a whole number.", name=argument.name, method=method)
                yield seen(argument.expression, message, _whole(program, argument))


def _is_float(value: Value) -> bool:
    if isinstance(value, Number):
        return "." in value.text and not value.text.lower().startswith("0x")
    return isinstance(value, Made) and value.kind == "float"


def _whole(program: Program, argument: Argument) -> tuple[Fix, ...]:
    node = argument.expression
    name = program.reached("math", node) or ("math" if program.imported("math", "math") else None)
    if name is None:
        return ()
    edits: list[Edit | None] = [] if program.reached("math", node) else [program.imported("math", "math")]
    up = program.replaced(node, f"{name}.ceil({program.code(node)})")
    fixes = written("up", f"{name}.ceil(…)", *edits, up)
    if node.type == "term" and len(node.children) == 3:
        fixes += written("down", "//", program.replaced(node.children[1], "//"))
    return fixes


def _next(program: Program) -> Iterator[Sighting]:
    for call, _ in calls_of(program, "batches", ("next",)):
        if call.name is None or call.arguments:
            continue
        fix = written(
            "next",
            "next(…)",
            program.inserted(call.start.start_pos, "next("),
            program.edit(program.before_dot(call.name), call.brackets.children[0].end_pos, ""),
        )
        yield seen(call.name, sentence("Batches have no next() any more."), fix)


def _states(program: Program) -> Iterator[Sighting]:
    for call, _ in calls_of(program, "model", ("reset_states",)):
        owner = program.owner(call)
        # untranslated: Python code
        text = f'[layer.reset_states() for layer in {owner}.layers if getattr(layer, "stateful", False)]'
        fixes: tuple[Fix, ...] = ()
        if owner and not call.arguments and call.brackets.parent.parent.type == "simple_stmt":
            fixes = titled(
                "layers",
                sentence("Reset each layer that has states"),
                program.edit(call.start.start_pos, call.brackets.end_pos, text),
            )
        yield seen(call.name, sentence("A model has no reset_states() any more; its layers have."), fixes)


_CLASSES = ("predict_classes", "predict_proba")


def _classes(program: Program) -> Iterator[Sighting]:
    called = {id(call.name): call for call, _ in calls_of(program, "model", _CLASSES)}
    for one in attributes_of(program, "model", _CLASSES):
        call = called.get(id(one.name))
        if one.name.value == "predict_proba":
            fixes = written("predict", "predict(…)", program.replaced(one.name, "predict"))
            yield seen(one.name, renamed("predict_proba", "predict"), fixes)
            continue
        fixes = _class_numbers(program, call) if call is not None else ()
        yield seen(one.name, sentence("predict_classes is gone: the class is read from what predict() gives."), fixes)


def _class_numbers(program: Program, call: Call) -> tuple[Fix, ...]:
    """Either the place of the largest value, or whether the only one is above a half: the last layer decides."""
    start, end = call.start.start_pos, call.brackets.end_pos
    array = program.reached("numpy", call.start)
    more = [] if array else [program.imported("numpy", "np")]
    array = array or "np"
    method = program.replaced(call.name, "predict")
    largest = titled(
        "argmax",
        sentence("One unit for each class (softmax): {text}", text=f"{array}.argmax(….predict(…), axis=-1)"),
        *more,
        program.inserted(start, f"{array}.argmax("),
        method,
        program.inserted(end, ", axis=-1)"),
    )
    above = titled(
        "threshold",
        sentence("One unit (sigmoid): {text}", text='(….predict(…) > 0.5).astype("int32")'),
        program.inserted(start, "("),
        method,
        program.inserted(end, ' > 0.5).astype("int32")'),
    )
    first = "sigmoid" in program.source and "softmax" not in program.source
    return above + largest if first else largest + above


_FIT = "model = net()\nmodel.compile('sgd', 'mse')\n"
_BATCHES = (  # untranslated: Python code
    "batches = tf.keras.preprocessing.image.ImageDataGenerator().flow(pictures, y, batch_size=4, shuffle=False)\n"
)
_STATEFUL = "model = stateful()\nmodel.predict(steps, verbose=0)\n"  # untranslated: Python code

TRAINING = (
    Pattern(
        id="generator-methods",
        title="fit_generator, evaluate_generator, predict_generator",
        fails=sentence("Keras 3 has no fit_generator, evaluate_generator and predict_generator."),
        replacement=sentence("Write fit, evaluate or predict: they take generators."),
        since=KERAS_3,
        example=Example(
            f"{_BATCHES}model = picture_net()\nmodel.compile('sgd', 'mse')\n"
            "value = model.fit_generator(batches, 2, 3, 0, workers=1, shuffle=False).history['loss']",
            (f"{_BATCHES}model = picture_net()\nmodel.compile('sgd', 'mse')\n"
             "value = model.fit(batches, steps_per_epoch=2, epochs=3, verbose=0, shuffle=False).history['loss']",),
        ),
        find=_generators,
        looks=(look("AttributeError", r"has no attribute '(fit|evaluate|predict)_generator'"),),
    ),
    Pattern(
        id="queue-arguments",
        title="fit(workers=…, use_multiprocessing=…)",
        fails=sentence("In Keras 3, fit doesn't take workers, use_multiprocessing or max_queue_size."),
        replacement=sentence("Leave them out."),
        since=KERAS_3,
        example=Example(
            f"{_FIT}value = model.fit(x, y, verbose=0, workers=2, max_queue_size=4, epochs=2).history['loss']",
            (f"{_FIT}value = model.fit(x, y, verbose=0, epochs=2).history['loss']",),
        ),
        find=_queue,
        looks=(
            look("TypeError", r"unexpected keyword argument '(workers|use_multiprocessing|max_queue_size)'"),
        ),
    ),
    Pattern(
        id="predict-classes",
        title="predict_classes, predict_proba",
        fails=sentence("TensorFlow 2.6 removed predict_classes and predict_proba."),
        replacement=sentence("Take the class from what predict() gives: argmax for softmax, > 0.5 for sigmoid."),
        since=both("tensorflow", "2.6"),
        example=Example(
            "model = net(3, 'softmax')\nvalue = model.predict_classes(x)",
            ("model = net(3, 'softmax')\nvalue = np.argmax(model.predict(x), axis=-1)",
             'model = net(3, \'softmax\')\nvalue = (model.predict(x) > 0.5).astype("int32")'),
        ),
        find=_classes,
        looks=(look("AttributeError", r"has no attribute 'predict_(classes|proba)'"),),
    ),
    Pattern(
        id="float-steps",
        title="steps_per_epoch=images / batch",
        fails=sentence("Keras 3 doesn't take a fraction as a number of steps."),
        replacement=sentence("Round up with math.ceil, or down with //."),
        since=KERAS_3,
        example=Example(
            f"{_FIT}value = model.fit(tf.data.Dataset.from_tensor_slices((x, y)).repeat().batch(4), verbose=0, "
            "steps_per_epoch=8 / 4).history['loss']",
            (f"import math\n{_FIT}value = model.fit(tf.data.Dataset.from_tensor_slices((x, y)).repeat().batch(4), "
             "verbose=0, steps_per_epoch=math.ceil(8 / 4)).history['loss']",
             f"{_FIT}value = model.fit(tf.data.Dataset.from_tensor_slices((x, y)).repeat().batch(4), verbose=0, "
             "steps_per_epoch=8 // 4).history['loss']"),
        ),
        find=_steps,
        looks=(look("TypeError", r"^'float' object cannot be interpreted as an integer"),),
    ),
    Pattern(
        id="batches-next",
        title="generator.next()",
        fails=sentence("The batches of an ImageDataGenerator have no next() in Keras 3."),
        replacement=sentence("Write next(generator)."),
        since=KERAS_3,
        example=Example(f"{_BATCHES}value = batches.next()[0]", (f"{_BATCHES}value = next(batches)[0]",)),
        find=_next,
        looks=(look("AttributeError", r"^'\w+Iterator' object has no attribute 'next'"),),
    ),
    Pattern(
        id="reset-states",
        title="model.reset_states()",
        fails=sentence("A model of Keras 3 has no reset_states()."),
        replacement=sentence("Call reset_states() of each stateful layer."),
        since=KERAS_3,
        example=Example(
            f"{_STATEFUL}model.reset_states()\nvalue = model.predict(steps, verbose=0)",
            (f"{_STATEFUL}"
             '[layer.reset_states() for layer in model.layers if getattr(layer, "stateful", False)]\n'
             "value = model.predict(steps, verbose=0)",),
        ),
        find=_states,
        looks=(look("AttributeError", r"^'(Sequential|Functional|Model)' object has no attribute 'reset_states'"),),
    ),
)  # fmt: skip
