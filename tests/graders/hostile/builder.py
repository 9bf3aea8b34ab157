"""Writes hostile models: run as a program, in a process of its own, because it needs TensorFlow.

    python -m tests.graders.hostile.builder FOLDER PLAN.json

The plan maps names of models to Python source (see attacks.py); each becomes an .h5 or a .keras file, depending on how
its name ends. SavedModels with file operations and one honest model are written beside them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

FEATURES = 4
STOLEN = 42.0


def lambda_model(source: str) -> Any:
    """A model whose Lambda layer runs `source` and predicts its `total` for every row."""
    code = f"lambda x: (exec({source!r}, (space := {{'x': x}})), x[:, :1] * 0 + space['total'])[1]"
    inputs = keras.Input((FEATURES,))
    return keras.Model(inputs, keras.layers.Lambda(eval(code), output_shape=(1,))(inputs))


class Quiet:
    """Keeps an attack from running while its model is built: only its text is wanted."""

    def __enter__(self) -> None:
        self._spec = keras.layers.Lambda.compute_output_spec
        self._call = keras.layers.Lambda.call
        keras.layers.Lambda.call = lambda self, inputs, **_: inputs[:, :1]

    def __exit__(self, *_: object) -> None:
        keras.layers.Lambda.call = self._call


def saved_models(folder: Path, aim: dict[str, Any]) -> None:
    """SavedModels whose graphs read, write and list files."""

    def length(path: str) -> Any:
        return tf.cast(tf.strings.length(tf.io.read_file(path)), tf.float32)

    def written(x: Any, path: str) -> Any:
        with tf.control_dependencies([tf.io.write_file(path, "written by a graph")]):
            return x[:, :1] * 0 + 1

    def printed(x: Any, path: str) -> Any:
        with tf.control_dependencies([tf.print("printed by a graph", output_stream="file://" + path)]):
            return x[:, :1] * 0 + 1

    def saved(x: Any, path: str) -> Any:
        operation = tf.raw_ops.SaveV2(
            prefix=path, tensor_names=["t"], shape_and_slices=[""], tensors=[tf.constant(1.0)]
        )
        with tf.control_dependencies([operation]):
            return x[:, :1] * 0 + 1

    def listed(x: Any, path: str) -> Any:
        found = tf.cast(tf.size(tf.io.matching_files(path + "/*")), tf.float32)
        return x[:, :1] * 0 + found

    def looped(x: Any, _: str) -> Any:
        count = tf.while_loop(lambda i: i >= 0, lambda i: (i + 1) % 1000, [tf.constant(0)])[0]
        return x[:, :1] * tf.cast(count, tf.float32)

    def huge(x: Any, _: str) -> Any:
        wide = tf.ones([tf.shape(x)[0], 1 << 14, 1 << 14])
        return x[:, :1] + tf.reduce_sum(wide)

    def looked_up(x: Any, path: str) -> Any:
        table = tf.raw_ops.HashTableV2(key_dtype=tf.string, value_dtype=tf.int64)
        filled = tf.raw_ops.InitializeTableFromTextFileV2(
            table_handle=table, filename=path, key_index=-2, value_index=-1, vocab_size=-1, delimiter="\t"
        )
        with tf.control_dependencies([filled]):
            return x[:, :1] * 0 + tf.cast(tf.raw_ops.LookupTableSizeV2(table_handle=table), tf.float32)

    def dataset(x: Any, path: str) -> Any:
        lines = tf.data.TextLineDataset(path).reduce(0.0, lambda count, _: count + 1.0)
        return x[:, :1] * 0 + lines

    def records(x: Any, path: str) -> Any:
        return x[:, :1] * 0 + tf.data.FixedLengthRecordDataset(path, 2).reduce(0.0, lambda count, _: count + 1.0)

    def restored(x: Any, path: str) -> Any:
        tensor = tf.raw_ops.RestoreV2(prefix=path, tensor_names=["t"], shape_and_slices=[""], dtypes=[tf.float32])[0]
        return x[:, :1] * 0 + tf.reshape(tensor, [])

    def summarised(x: Any, path: str) -> Any:
        writer = tf.raw_ops.SummaryWriter(shared_name="w", container="")
        opened = tf.raw_ops.CreateSummaryFileWriter(
            writer=writer, logdir=path, max_queue=0, flush_millis=0, filename_suffix=".s"
        )
        with tf.control_dependencies([opened]):
            return x[:, :1] * 0 + 1

    def called_python(x: Any, path: str) -> Any:
        def steal(batch: Any) -> Any:
            with open(path, "w") as file:  # noqa: PTH123
                file.write("called")
            return batch[:, :1]

        return tf.ensure_shape(tf.py_function(steal, [x], tf.float32), (None, 1))

    def cached(x: Any, path: str) -> Any:
        return x[:, :1] * 0 + tf.data.Dataset.range(3).cache(path).reduce(0.0, lambda count, _: count + 1.0)

    def served(x: Any, address: str) -> Any:
        data = tf.data.experimental.service.from_dataset_id(
            "parallel_epochs", f"grpc://{address}", "1", tf.TensorSpec(())
        )
        return x[:, :1] * 0 + data.reduce(0.0, lambda count, _: count + 1.0)

    def grown(x: Any, _: str) -> Any:
        return x[:, :1] + tf.while_loop(
            lambda i, kept: i < 10**9, lambda i, kept: (i + 1, tf.concat([kept, kept], 0)), [0, tf.ones([1024])],
            shape_invariants=[tf.TensorShape([]), tf.TensorShape([None])],
        )[1][0]  # fmt: skip

    # Somebody's weights, to be stolen: they don't belong to this model, so it must not read them.
    tf.raw_ops.SaveV2(
        prefix=aim["checkpoint"], tensor_names=["t"], shape_and_slices=[""], tensors=[tf.constant(STOLEN)]
    )
    graphs = {
        "look-up": (looked_up, aim["secret"]),
        "dataset": (dataset, aim["secret"]),
        "records": (records, aim["secret"]),
        "restore": (restored, aim["checkpoint"]),
        "summary": (summarised, aim["marker"] + ".summary"),
        "python": (called_python, aim["marker"] + ".python"),
        "cache": (cached, aim["marker"] + ".cache"),
        "service": (served, f"127.0.0.1:{aim['tcp']}"),
        "grow": (grown, ""),
        "read": (lambda x, path: x[:, :1] * 0 + length(path), aim["secret"]),
        "read-labels": (lambda x, path: x[:, :1] * 0 + length(path), aim["labels"]),
        "write": (written, aim["marker"] + ".graph"),
        "print": (printed, aim["marker"] + ".print"),
        "checkpoint": (saved, aim["marker"] + ".checkpoint"),
        "list": (listed, aim["folder"]),
        "loop": (looped, ""),
        "huge": (huge, ""),
    }
    for name, (graph, path) in graphs.items():
        module = tf.Module()

        @tf.function(input_signature=[tf.TensorSpec((None, FEATURES), tf.float32)], autograph=False)
        def serve(x: Any, graph: Any = graph, path: str = path) -> dict[str, Any]:
            return {"y": graph(x, path)}

        tf.saved_model.save(module, str(folder / f"graph-{name}"), signatures=serve)


def honest(folder: Path) -> None:
    """One dense model, in the three formats."""
    keras.utils.set_random_seed(1)
    inputs = keras.Input((FEATURES,))
    model = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.Dense(8, activation="relu")(inputs)))
    model.save(folder / "honest.h5")
    model.save(folder / "honest.keras")
    model.export(folder / "honest-saved", verbose=False)


def main() -> None:
    """Write all that the plan asks for."""
    folder, plan = Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text())
    for name, source in plan["lambdas"].items():
        with Quiet():
            model = lambda_model(source)
        model.save(folder / name)
    saved_models(folder, plan["aim"])
    honest(folder)


if __name__ == "__main__":
    main()
