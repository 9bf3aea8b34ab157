"""Models of every sort that people hand in, made by the examiner process; each function saves one to `path`."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import tensorflow as tf
import tf_keras
from tensorflow.core.protobuf import saved_model_pb2

L = keras.layers
BUILDERS: dict[str, Callable[[Path], None]] = {}


def builder(function: Callable[[Path], None]) -> Callable[[Path], None]:
    BUILDERS[function.__name__] = function
    return function


def dense(units: int = 3, activation: Any = "softmax", library: Any = keras) -> Any:
    layers = library.layers
    return library.Sequential(
        [library.Input((4,)), layers.Dense(5, activation="relu"), layers.Dense(units, activation)]
    )


def save(name: str, make: Callable[[], Any], *formats: str) -> None:
    """Register a builder of this model, NAME_FORMAT, for each format."""
    for form in formats:

        def build(path: Path, form: str = form) -> None:
            keras.utils.set_random_seed(1)
            model = make()
            if form == "savedmodel":
                # Keras 2's export doesn't take `verbose`.
                model.export(str(path), **({} if isinstance(model, tf_keras.Model) else {"verbose": False}))
            else:
                model.save(str(path))

        BUILDERS[f"{name}_{form}"] = build


class Scaled(keras.layers.Layer):
    def call(self, inputs: Any) -> Any:
        return inputs * 2


@keras.saving.register_keras_serializable(package="students")
class Registered(Scaled):
    pass


class ScaledOld(tf_keras.layers.Layer):
    def call(self, inputs: Any) -> Any:
        return inputs * 2


def my_activation(inputs: Any) -> Any:
    return inputs * 3


def own_activation(inputs: Any) -> Any:
    return inputs * 3


def my_loss(truth: Any, guess: Any) -> Any:
    return keras.ops.mean(keras.ops.abs(truth - guess))


def functional(shape: tuple[int | None, ...], *outputs: Callable[[Any], Any], **more: Any) -> Any:
    inputs = keras.Input(shape, **more)
    made = [output(inputs) for output in outputs]
    return keras.Model(inputs, made[0] if len(made) == 1 else made)


def own_loss() -> Any:
    model = dense(1, None)
    model.compile(optimizer="adam", loss=my_loss, metrics=[my_loss])
    model.fit(np.ones((4, 4)), np.ones((4, 1)), verbose=0)
    return model


def two_inputs() -> Any:
    first, second = keras.Input((4,)), keras.Input((4,))
    return keras.Model([first, second], L.Dense(3)(L.Concatenate()([first, second])))


def with_weight(model: Any, value: float) -> Any:
    model.set_weights([np.full(weight.shape, value, weight.dtype) for weight in model.get_weights()])
    return model


def sequential(*layers: Any, library: Any = keras) -> Any:
    return library.Sequential(list(layers))


def nested_lambda(library: Any = keras) -> Any:
    inner = library.Sequential([library.Input((4,)), library.layers.Lambda(lambda x: x + 1, name="hidden")])
    return library.Sequential([library.Input((4,)), inner, library.layers.Dense(3)])


def half() -> Any:
    return sequential(keras.Input((4,)), L.Dense(3, "softmax", dtype="mixed_float16"))


def text_model() -> Any:
    layer = L.TextVectorization(max_tokens=20, output_sequence_length=5)
    layer.adapt(["the cat sat", "a dog ran"])
    return sequential(
        keras.Input((1,), dtype="string"), layer, L.Embedding(20, 3), L.GlobalAveragePooling1D(), L.Dense(1, "sigmoid")
    )


save("dense", dense, "h5", "keras", "savedmodel")
save("dense_keras2", lambda: dense(library=tf_keras), "h5", "keras")
save("own_loss", own_loss, "h5", "keras")
save("logits", lambda: with_weight(dense(3, None), 2.0), "h5")
save("sigmoid3", lambda: with_weight(dense(3, "sigmoid"), 0.1), "h5")
save("nan", lambda: with_weight(dense(3, None), float("nan")), "h5")
save("infinite", lambda: with_weight(dense(3, None), 3e38), "h5")
save("half", half, "h5")
save("double", lambda: sequential(keras.Input((4,), dtype="float64"), L.Dense(3, dtype="float64")), "h5")
save("bfloat", lambda: sequential(keras.Input((4,)), L.Dense(3, dtype="mixed_bfloat16")), "h5")
save("trailing", lambda: functional((4,), lambda x: L.Reshape((3, 1, 1))(L.Dense(3)(x))), "h5")
save("flat1", lambda: functional((4,), lambda x: L.Reshape(())(L.Dense(1)(x))), "h5")
save("heads", lambda: functional((4,), lambda x: L.Dense(3)(x), lambda x: L.Dense(1)(x)), "h5")
save("twins", lambda: functional((4,), lambda x: L.Dense(3)(x), lambda x: L.Dense(3)(x)), "h5")
save("dictionary", lambda: _dictionary(), "keras", "savedmodel")
save("two_inputs", two_inputs, "h5", "savedmodel")
save("channel", lambda: functional((28, 28, 1), lambda x: L.Dense(3)(L.Flatten()(x))), "h5")
save("images", lambda: functional((28, 28), lambda x: L.Dense(3)(L.Flatten()(x))), "h5")
save("flattened", lambda: functional((784,), lambda x: L.Dense(3)(x)), "h5")
save("window20", lambda: functional((20, 1), lambda x: L.Dense(1)(L.Flatten()(x))), "h5")
save("steps", lambda: functional((None, 1), lambda x: L.Dense(1)(L.LSTM(3, return_sequences=True)(x))), "h5")
save("one_step", lambda: functional((24, 7), lambda x: L.Dense(7)(L.LSTM(3)(x))), "h5")
save("ten", lambda: dense(10), "h5")
save("summed", lambda: functional((4,), lambda x: keras.ops.sum(L.Dense(3)(x), axis=0)), "keras")
save("fixed", lambda: functional((4,), lambda x: L.Dense(3)(x), batch_size=32), "h5")
save("stateful", lambda: functional((6, 1), lambda x: L.Dense(1)(L.LSTM(3, stateful=True)(x)), batch_size=4), "h5")
save("embedding", lambda: functional((12,), lambda x: L.Dense(1, "sigmoid")(L.Flatten()(L.Embedding(9, 2)(x)))), "h5")
save("text", text_model, "keras", "savedmodel")
save(
    "lambda",
    lambda: sequential(keras.Input((4,)), L.Dense(3), L.Lambda(lambda x: x * 400, name="scale")),
    "h5",
    "keras",
)
save(
    "lambda_tf",
    lambda: sequential(keras.Input((4,)), L.Lambda(lambda x: tf.expand_dims(x, -1)), L.Flatten(), L.Dense(3)),
    "h5",
)
save(
    "lambda_unknown", lambda: sequential(keras.Input((4,)), L.Lambda(lambda x: x * FACTOR, output_shape=(4,))), "keras"
)
save("lambda_nested", nested_lambda, "h5", "keras")
save("lambda_old", lambda: nested_lambda(tf_keras), "h5", "keras")
save("lambda_wrapped", lambda: functional((5, 4), L.TimeDistributed(L.Lambda(lambda x: x * 2, name="inside"))), "h5")
save("lambda_activation", lambda: dense(3, lambda x: x * 2), "keras")
save("custom", lambda: sequential(keras.Input((4,)), Scaled(name="mine"), L.Dense(3)), "h5", "keras")
save("custom_registered", lambda: sequential(keras.Input((4,)), Registered(), L.Dense(3)), "keras")
save("custom_old", lambda: sequential(tf_keras.Input((4,)), ScaledOld(), library=tf_keras), "h5", "keras")
save("custom_function", lambda: dense(3, my_activation), "h5", "keras")
save("exported_keras2", lambda: dense(library=tf_keras), "savedmodel")

save(
    "normalised_over_axes",
    lambda: sequential(
        tf_keras.Input((6, 3)),
        tf_keras.layers.LayerNormalization([1, 2]),
        tf_keras.layers.Flatten(),
        tf_keras.layers.Dense(3),
        library=tf_keras,
    ),
    "h5",
    "keras",
    "savedmodel",
)

FACTOR = 400


def _dictionary() -> Any:
    inputs = keras.Input((4,), name="measures")
    return keras.Model(inputs, {"kind": L.Dense(3, "softmax")(inputs), "size": L.Dense(1)(inputs)})


@builder
def plain_no_signature(path: Path) -> None:
    module = tf.Module()
    module.scale = tf.Variable(2.0)
    tf.saved_model.save(module, str(path))


@builder
def unbuilt(path: Path) -> None:
    sequential(L.Dense(3), library=keras).save(str(path))


@builder
def weights_of_keras3(path: Path) -> None:
    dense().save_weights(str(path.with_name("model.weights.h5")))
    path.with_name("model.weights.h5").rename(path)


@builder
def weights_of_keras2(path: Path) -> None:
    dense(library=tf_keras).save_weights(str(path), save_format="h5")


def newer(name: str, form: str, setting: Any) -> None:
    """Save a file as a later Keras may write it: with a setting that ours doesn't know."""

    def build(path: Path) -> None:
        model = sequential(keras.Input((4,)), L.Dense(5, "relu", kernel_regularizer="l2"), L.Dense(3, "softmax"))
        model.save(str(path))
        if form == "h5":
            with h5py.File(path, "r+") as file:
                config = json.loads(file.attrs["model_config"])
                file.attrs["model_config"] = json.dumps(with_setting(config, setting))
                file.attrs["keras_version"] = "3.99.0"
            return
        with zipfile.ZipFile(path) as archive:
            members = {member: archive.read(member) for member in archive.namelist()}
        config = json.loads(members["config.json"])
        members["config.json"] = json.dumps(with_setting(config, setting)).encode()
        members["metadata.json"] = b'{"keras_version": "3.99.0"}'
        with zipfile.ZipFile(path, "w") as archive:
            for member, content in members.items():
                archive.writestr(member, content)

    BUILDERS[f"{name}_{form}"] = build


def with_setting(config: Any, setting: Any) -> Any:
    for layer in config["config"]["layers"]:
        layer["config"]["setting_of_tomorrow"] = setting
    return config


for form in ("h5", "keras"):
    newer("newer", form, None)
    newer("newer_in_use", form, {"level": 3})


@builder
def registered_function_keras(path: Path) -> None:
    """Saved by a program that has registered the function, and read by one that hasn't."""
    tf_keras.saving.register_keras_serializable("students")(own_activation)
    dense(3, own_activation, tf_keras).save(str(path))
    tf_keras.saving.get_custom_objects().clear()


@builder
def optimizer_of_its_own(path: Path) -> None:
    """A SavedModel whose optimizer keeps one number where every other keeps one for each weight."""

    class Own(tf_keras.optimizers.legacy.Optimizer):
        def _create_slots(self, var_list: Any) -> None:
            for variable in var_list:
                self.add_slot(variable, "v", np.zeros((), np.float32))

        def _resource_apply_dense(self, grad: Any, var: Any, apply_state: Any = None) -> Any:
            return var.assign_sub(0.1 * grad)

        def get_config(self) -> dict[str, Any]:
            config: dict[str, Any] = super().get_config()
            return config

    model = dense(library=tf_keras)
    model.compile(Own("own"), "mse")
    model.fit(np.ones((4, 4)), np.ones((4, 3)), verbose=0)
    model.save(str(path), save_format="tf")


def with_operation(name: str) -> None:
    """Save a SavedModel whose graph runs an operation that TensorFlow doesn't have."""

    def build(path: Path) -> None:
        dense().export(str(path), verbose=False)
        file = path / "saved_model.pb"
        saved = saved_model_pb2.SavedModel.FromString(file.read_bytes())
        for function in saved.meta_graphs[0].graph_def.library.function:
            for node in function.node_def:
                node.op = name if node.op == "Relu" else node.op
        file.write_bytes(saved.SerializeToString())

    BUILDERS[f"operation_{name}"] = build


for operation in ("RegexSplitWithOffsets", "Addons>Resampler", "Unheard"):
    with_operation(operation)


@builder
def lambda_in_saved_model(path: Path) -> None:
    nested_lambda(tf_keras).save(str(path), save_format="tf")


@builder
def saved_by_another_layer(path: Path) -> None:
    """A .keras file with a TFSMLayer, which would load a SavedModel from anywhere."""
    folder = path.with_suffix(".saved")
    dense().export(str(folder), verbose=False)
    inputs = keras.Input((4,))
    keras.Model(
        inputs, keras.layers.TFSMLayer(str(folder), call_endpoint="serving_default", name="wrapped")(inputs)
    ).save(str(path))


class Plain(tf.Module):
    """A SavedModel that Keras didn't make; `names` are its signatures."""

    def __init__(self, function: Callable[[Any, Any], Any], spec: Any) -> None:
        super().__init__()
        self.scale = tf.Variable(2.0)
        self.run = tf.function(lambda x: function(x, self.scale), input_signature=[spec], autograph=False)


def plain(
    name: str, function: Callable[[Any, Any], Any], *signatures: str, dtype: Any = tf.float32, rank: Any = (None, 4)
) -> None:
    def build(path: Path) -> None:
        module = Plain(function, tf.TensorSpec(rank, dtype, name="anything"))
        calls = {signature: module.run.get_concrete_function() for signature in signatures}
        tf.saved_model.save(module, str(path), signatures=calls or None)

    BUILDERS[name] = build


plain("plain", lambda x, scale: {"scores_at_the_end": x[:, :3] * scale}, "serving_default")
plain("plain_odd_name", lambda x, scale: {"y": x[:, :3] * scale}, "infer")
plain("plain_two_names", lambda x, scale: {"y": x[:, :3] * scale}, "first", "second")
plain("plain_unknown_rank", lambda x, scale: {"y": tf.reshape(x, (-1, 4))[:, :3] * scale}, "serving_default", rank=None)
plain("plain_complex", lambda x, scale: {"y": tf.cast(x[:, :3] * scale, tf.complex64)}, "serving_default")
plain("plain_text", lambda x, scale: {"y": tf.strings.as_string(x[:, :3] * scale)}, "serving_default")
plain("plain_batch_axis", lambda x, scale: {"y": (x[:, :3] * scale)[None]}, "serving_default")
plain("plain_whole_numbers", lambda x, scale: {"y": x[:, :3] * 2}, "serving_default", dtype=tf.int64)
plain("plain_fails", lambda x, scale: {"y": tf.gather(x, [99])}, "serving_default")


TF_ACTIVATIONS = (
    *("softmax", "log_softmax", "crelu", "swish", "silu", "relu", "relu6", "sigmoid"),
    *("tanh", "elu", "selu", "leaky_relu", "softplus", "softsign", "gelu"),
)
ROWS = np.random.default_rng(5).normal(size=(70, 4)).astype(np.float32)


def with_function(name: str, form: str) -> None:
    """Save a model whose last activation is a function of tf.nn, and beside it what it predicts for ROWS."""

    def build(path: Path) -> None:
        keras.utils.set_random_seed(2)
        function = getattr(tf.nn, name)
        model = sequential(keras.Input((4,)), L.Dense(5, tf.nn.swish), L.Dense(3), L.Activation(function))
        np.save(path.with_name("written.npy"), model(ROWS).numpy())
        model.save(str(path))

    BUILDERS[f"tf_nn_{name}_{form}"] = build


for activation in TF_ACTIVATIONS:
    with_function(activation, "h5")
    with_function(activation, "keras")
