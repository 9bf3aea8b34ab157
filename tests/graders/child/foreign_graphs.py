"""SavedModels whose graphs do more than compute, made by the examiner process; each function saves one to `path`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

BUILDERS: dict[str, Callable[[Path], None]] = {}


def saved(serve: Callable[[Any], Any], path: Path, module: Any = None, dtype: Any = tf.float32) -> None:
    signature = tf.function(serve, input_signature=[tf.TensorSpec((None, 4), dtype)], autograph=False)
    tf.saved_model.save(module or tf.Module(), str(path), signatures=signature)


def operation(name: str, beside: Callable[[Path], Any]) -> None:
    """Register a model that also does what `beside` makes, for a path, while it predicts."""

    def build(path: Path) -> None:
        def serve(x: Any) -> Any:
            with tf.control_dependencies([beside(path.parent / "marker")]):
                return x[:, :1] * 1.0

        saved(serve, path)

    BUILDERS[f"graph_{name}"] = build


operation("read", lambda at: tf.io.read_file(f"{at}"))
operation("write", lambda at: tf.io.write_file(f"{at}", "x"))
operation("list", lambda at: tf.io.matching_files(f"{at}*"))
operation("print_to_file", lambda at: tf.print("x", output_stream=f"file://{at}"))
operation("python", lambda at: tf.py_function(lambda: 1.0, [], tf.float32))
operation("restore", lambda at: tf.raw_ops.RestoreV2(
    prefix=f"{at}", tensor_names=["t"], shape_and_slices=[""], dtypes=[tf.float32])[0])  # fmt: skip
operation("save", lambda at: tf.raw_ops.SaveV2(
    prefix=f"{at}", tensor_names=["t"], shape_and_slices=[""], tensors=[tf.constant(1.0)]))  # fmt: skip
operation("data", lambda at: tf.data.TextLineDataset(f"{at}").reduce(0, lambda n, _: n + 1))
operation("queue", lambda at: tf.raw_ops.FIFOQueueV2(component_types=[tf.float32]))
operation("sleep", lambda at: tf.raw_ops.Timestamp())
operation("branch", lambda at: tf.cond(
    tf.size(tf.constant([1])) > 5, lambda: tf.strings.length(tf.io.read_file(f"{at}")), lambda: 0))  # fmt: skip
operation("loop", lambda at: tf.while_loop(
    lambda n: n < 1, lambda n: (n + tf.strings.length(tf.io.read_file(f"{at}")),), [0])[0])  # fmt: skip
operation("mapped_memory", lambda at: tf.raw_ops.ImmutableConst(
    dtype=tf.uint8, shape=[1], memory_region_name=f"{at}"))  # fmt: skip
operation("debug", lambda at: tf.raw_ops.DebugIdentityV2(input=tf.constant(1.0), debug_urls=[f"file://{at}"]))

# What models do all the same.
operation("honest_print", lambda at: tf.print("x"))
operation("honest_assert", lambda at: tf.debugging.assert_equal(1, 1))


def build_method(path: Path) -> None:
    """A function of the module that no signature calls."""
    module = tf.Module()
    module.read = tf.function(lambda: tf.io.read_file("x"), input_signature=[])
    saved(lambda x: x[:, :1], path, module)


def build_vocabulary(path: Path) -> None:
    """A vocabulary that lies in the model's own folder of assets."""
    words = path.with_name("words.txt")
    words.write_text("a\nb\nc\n")
    module = tf.Module()
    lines = tf.lookup.TextFileInitializer(
        str(words), tf.string, tf.lookup.TextFileIndex.WHOLE_LINE, tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER
    )
    module.table = tf.lookup.StaticHashTable(lines, -1)
    saved(lambda x: tf.cast(module.table.lookup(x), tf.float32)[:, 1:2], path, module, tf.string)


def build_stray_asset(path: Path) -> None:
    build_vocabulary(path)
    rewritten(path, lambda graph: setattr(graph.asset_file_def[0], "filename", "../../words.txt"))


def build_text(path: Path) -> None:
    """saved_model.pbtxt instead of saved_model.pb."""
    BUILDERS["graph_read"](path)
    model = saved_model_pb2.SavedModel.FromString((path / "saved_model.pb").read_bytes())
    (path / "saved_model.pbtxt").write_text(str(model))  # the text form of a protocol buffer
    (path / "saved_model.pb").unlink()


def build_hidden_in_saver(path: Path) -> None:
    """The operation that restores is what the signature returns."""
    BUILDERS["graph_restore"](path)

    def hide(graph: Any) -> None:
        graph.saver_def.restore_op_name = graph.signature_def["serving_default"].outputs["output_0"].name.split(":")[0]

    rewritten(path, hide)


def rewritten(path: Path, change: Callable[[Any], None]) -> None:
    model = saved_model_pb2.SavedModel.FromString((path / "saved_model.pb").read_bytes())
    change(model.meta_graphs[0])
    (path / "saved_model.pb").write_bytes(model.SerializeToString())


BUILDERS |= {
    "graph_method": build_method,
    "graph_vocabulary": build_vocabulary,
    "graph_stray_asset": build_stray_asset,
    "graph_text": build_text,
    "graph_hidden_in_saver": build_hidden_in_saver,
}
