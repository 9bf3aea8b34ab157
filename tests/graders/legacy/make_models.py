"""Write small models of every kind as the Keras of this interpreter saves them, with its own predictions beside them.

Usage: python make_models.py FOLDER [KIND ...]        (Python 3.7 and later)

Writes FOLDER/WRITER.tar.xz, WRITER as in "2.15" (TensorFlow), "keras-3.8" or "keras-3.15-jax", with NAME.h5,
NAME.keras, for some kinds NAME/ (SavedModel) and reference.npz: `NAME.inputs` and `NAME.outputs` of each model, and
`unreadable`, the files that this Keras doesn't load back as it saved them.
"""

from __future__ import annotations

import inspect
import os
import shutil
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import kinds  # type: ignore[import-not-found]
import more_kinds  # type: ignore[import-not-found]
import numpy as np
import tensorflow as tf
from kinds import KERAS_3, KINDS, TF_VERSION, keras

SMALLEST_CHANGE = 5e-4  # of a prediction; files agree to 1e-4
FOLDERS = ("attention", "vectorised", "dense", "operations", "masked", "half", "base_in_sequential", "own_optimizer")
FOLDERS_ONLY = ("subclassed",)
SAVED_BY_TENSORFLOW = ("own_optimizer", "momentum")  # whose file holds the optimizer too; Keras 3 exports without it
ALSO_FOLDERS = ("own_layer", "times400", "momentum", "two_heads", "looked_up_words", "augmented", "own_loss")
WITHOUT_EFFECT = ("key/bias", "other/kernel", "other/bias")
"""Weights that no prediction depends on: a key's bias adds the same to all scores of a query; another head."""


def writer() -> str:
    if not KERAS_3:
        return "{}.{}".format(*TF_VERSION)
    backend: str = keras.backend.backend()
    name = "keras-{}.{}".format(*kinds.VERSION)
    return name if backend == "tensorflow" else name + "-" + backend


def path_of(weight: Any) -> str:
    return getattr(weight, "path", None) or getattr(weight, "name", "").split(":")[0]


def is_learnt(weight: Any) -> bool:
    """Whether it is of numbers that training finds: what Normalization counted is in use already."""
    return "float" in str(getattr(weight, "dtype", "")) and path_of(weight).split("/")[-1] not in ("mean", "variance")


def vary_weights(model: Any) -> None:
    """Give every weight, biases and statistics too, values that differ from row to row."""
    state = np.random.RandomState(7)
    for weight in model.weights:
        if is_learnt(weight):
            shape = tuple(weight.shape)
            scale = 2.0 / np.sqrt(np.prod(shape[:-1])) if len(shape) > 1 else 0.8  # nothing is saturated or cut off
            fresh = state.uniform(-scale, scale, shape) if len(shape) > 1 else state.uniform(0.1, scale, shape)
            weight.assign(fresh.astype(np.asarray(weight.numpy()).dtype))


def check_each_weight_counts(name: str, model: Any, inputs: Any) -> None:
    """Show that weights that are turned round, or taken for one another, change what the model predicts."""
    before = called(model, inputs)
    weights = [each for each in model.weights if is_learnt(each) and not path_of(each).endswith(WITHOUT_EFFECT)]
    stored = [np.array(each.numpy()) for each in weights]
    unseen = []
    for at in range(len(weights)):
        others = [each for each in range(at) if stored[each].shape == stored[at].shape][-1:]
        changes = [{at: stored[at][::-1]}] if stored[at].shape[:1] > (1,) else [{at: stored[at] + 0.5}]
        changes += [{at: stored[each], each: stored[at]} for each in others]
        if len(stored[at].shape) == 2 and stored[at].shape[0] == stored[at].shape[1]:
            changes.append({at: stored[at].T})
        for change in changes:
            for which, value in change.items():
                weights[which].assign(value)
            after = called(model, inputs)
            if not np.abs(after - before).max() > SMALLEST_CHANGE:
                unseen.append([path_of(weights[which]) for which in change])
            for which in change:
                weights[which].assign(stored[which])
    if unseen:
        print(writer(), name, ": could be read wrongly unseen:", *unseen)


def called(model: Any, inputs: Any) -> Any:
    """What the model predicts for one batch."""
    if hasattr(model, "reset_states"):
        model.reset_states()
    for layer in model.layers:
        if getattr(layer, "stateful", False) and hasattr(layer, "reset_state"):
            layer.reset_state()
    outputs = model(tf.constant(inputs), training=False)
    return np.asarray(outputs[0] if isinstance(outputs, (list, tuple)) else outputs, "float64")


def predicted(model: Any, inputs: Any) -> Any:
    """As a graph, which a CategoryEncoding of Keras 3 that counts needn't answer as it does when it is called."""
    given = tf.constant(inputs) if inputs.dtype.kind == "U" else inputs
    outputs = model.predict(given, batch_size=len(inputs), verbose=0)
    return np.asarray(outputs[0] if isinstance(outputs, (list, tuple)) else outputs)


def agrees(path: Path, inputs: Any, outputs: Any) -> bool:
    """Whether this Keras loads the file back as what it saved."""
    try:
        keras.backend.clear_session()
        found = predicted(keras.models.load_model(str(path), compile=False, **quiet_load()), inputs)
    except Exception:
        return False
    return found.shape == outputs.shape and bool(np.allclose(found, outputs, atol=1e-4))


def quiet_load() -> dict[str, Any]:
    return {"safe_mode": False} if "safe_mode" in inspect.signature(keras.models.load_model).parameters else {}


def save(model: Any, name: str, path: Path) -> None:
    # 2.12 writes HDF5 under this name unless told otherwise; one such file is kept, as a beginner makes it.
    if path.suffix == ".keras" and TF_VERSION == (2, 12) and name != "dense":
        model.save(str(path), save_format="keras_v3")
    elif path.suffix:
        model.save(str(path))
    elif KERAS_3 and name in SAVED_BY_TENSORFLOW:
        tf.saved_model.save(model, str(path))
    elif KERAS_3:
        known = inspect.signature(model.export).parameters
        model.export(str(path), **({"verbose": False} if "verbose" in known else {}))
    else:
        model.save(str(path), save_format="tf")


def made(make: Any) -> tuple[Any, Any]:
    keras.backend.clear_session()
    tf.random.set_seed(1)
    np.random.seed(1)
    model, inputs = make()
    vary_weights(model)
    return model, inputs


def forms(name: str) -> list[str]:
    files = [] if name in FOLDERS_ONLY else [".h5"]
    if name not in FOLDERS_ONLY and (KERAS_3 or TF_VERSION >= (2, 12)):
        files.append(".keras")
    return files + [""] * (name in (*FOLDERS, *FOLDERS_ONLY, *ALSO_FOLDERS))


def write_all(root: Path, wanted: list[str]) -> None:
    reference: dict[str, Any] = {}
    unreadable = []
    for name in wanted or list(KINDS):
        try:
            model, inputs = made(KINDS[name])
            outputs = predicted(model, inputs)
        except Exception as error:  # this release has no such layer, or can't run it
            print(writer(), name, ": not made:", type(error).__name__, repr(str(error)[:100]))
            continue
        assert np.ptp(outputs) > SMALLEST_CHANGE, name  # equal predictions must mean something
        try:
            check_each_weight_counts(name, model, inputs)
        except Exception as error:
            print(writer(), name, "could be read wrongly unseen: not checked", error)
        reference[name + ".inputs"], reference[name + ".outputs"] = inputs, outputs
        for form in forms(name):
            path = root / (name + form)
            try:
                save(model, name, path)
            except Exception as error:  # what it left of the file is a case too
                print(writer(), path.name, ": not saved:", type(error).__name__, repr(str(error)[:100]))
                if path.is_dir():
                    shutil.rmtree(str(path))
                if not path.exists():
                    continue
            if form and not agrees(path, inputs, outputs):
                unreadable.append(path.name)
    if not wanted:
        write_plain(root, reference)
    print(writer(), len(reference) // 2, "models; not read back:", *unreadable)
    np.savez_compressed(str(root / "reference.npz"), unreadable=np.array(unreadable, dtype="U"), **reference)


def write_plain(root: Path, reference: dict[str, Any]) -> None:
    module = more_kinds.Plain()
    tf.saved_model.save(module, str(root / "plain"), signatures=module.__call__)
    reference["plain.inputs"] = kinds.values(4)
    reference["plain.outputs"] = module(tf.constant(kinds.values(4)))["the answers"].numpy()


def write_archive(folder: Path, target: Path) -> None:
    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.mtime = member.uid = member.gid = 0
        member.uname = member.gname = ""
        return member

    with tarfile.open(str(target), "w:xz", preset=9) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.add(str(path), str(path.relative_to(folder)), filter=plain)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        write_all(Path(scratch), sys.argv[2:])
        write_archive(Path(scratch), Path(sys.argv[1]) / (writer() + ".tar.xz"))
