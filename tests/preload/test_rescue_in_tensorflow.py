"""The rescue in each TensorFlow: what counts as a save there, and what opens what it has saved."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mockexam.preload.switches import Switches, variables

PROGRAM = """
import sys
import numpy as np
import tensorflow as tf
from tensorflow.keras.models import save_model

keras = tf.keras
x, y = np.ones((4, 3), "float32"), np.ones((4, 1), "float32")

def wavy(value):
    return tf.sin(value)

class Scaled(keras.layers.Layer):
    def call(self, value):
        return value * 2

def trained(*layers, callbacks=(), epochs=1):
    model = keras.Sequential([keras.layers.InputLayer((3,)), *layers, keras.layers.Dense(1)])
    model.compile("sgd", "mse", run_eagerly=True)
    model.fit(x, y, epochs=epochs, verbose=0, callbacks=list(callbacks))
    return model

kept = [trained() for _ in range(4)]
kept[0].save("saved.h5")
save_model(kept[1], "saved.keras")
tf.saved_model.save(kept[2], "saved")
kept[3].export("exported")
kept.append(trained(callbacks=[keras.callbacks.ModelCheckpoint("checkpoint.h5")]))
base = trained()
kept.append(trained(base))
kept[-1].save("transfer.h5")
assert len(list(__import__("pathlib").Path().glob("unsaved*"))) == 0

def hook(*_):
    print("own hook", file=sys.stderr)
    sys.exit(3)

sys.excepthook = hook
own = trained(Scaled(), keras.layers.Dense(2, activation=wavy))
unsafe = trained(keras.layers.Lambda(lambda value: value * 2))

class Stopping(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if epoch == 1 and logs["acc"] > 0.9:
            self.model.stop_training = True

trained(callbacks=[Stopping()], epochs=5)
"""


def rescued(executable: Path, folder: Path, **more: str) -> tuple[list[str], str]:
    """The files that are there after the program, and what it said at its end."""
    (folder / "starter.py").write_text(PROGRAM, "utf-8")
    base = {"PATH": os.environ["PATH"], "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", **more}
    log = folder / "log"
    switches = Switches(rescue=folder, log=log, keras_2="TF_USE_LEGACY_KERAS" in more)
    ended = subprocess.run(
        [executable, "starter.py"],
        cwd=folder,
        env=base | variables(switches, base),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert not log.exists(), log.read_text("utf-8")
    assert ended.returncode == 3, ended.stderr
    assert "own hook\n" in ended.stderr
    return sorted(path.name for path in folder.glob("unsaved-*")), ended.stderr.partition("own hook\n")[2]


@pytest.mark.slow
@pytest.mark.parametrize("where", ["keras-3", "keras-2", "py38-tf213", "py310-tf215", "py313-tf"])
def test_what_no_save_came_after_is_rescued(where: str, tmp_path: Path, other_python: Callable[[str], Path]) -> None:
    executable = Path(sys.executable) if where.startswith("keras") else other_python(where)
    legacy = {"TF_USE_LEGACY_KERAS": "1"} if where == "keras-2" else {}
    files, said = rescued(executable, tmp_path, **legacy)
    own, unsafe, plain = files[1], files[0], files[2]  # …-2, …-3, then the newest without a number
    assert all(name.endswith(".keras") for name in files)
    assert f"a model was trained (2 epochs) and not saved since. It is in {plain} now." in said
    assert f'mockexam: read back: tf.keras.models.load_model("{plain}") opens it.\n' in said
    assert f'only safe_mode=False opens it: tf.keras.models.load_model("{unsafe}", safe_mode=False)\n' in said
    objects = '{"Scaled": Scaled, "wavy": wavy}'
    statement = f'tf.keras.models.load_model("{own}", custom_objects={objects})'
    assert f"only custom_objects opens it: {statement}\n" in said
