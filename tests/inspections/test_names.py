"""What Keras made is known by whatever way its name came, and marks stay while something is half typed."""

from __future__ import annotations

import textwrap

import pytest

from mockexam.inspections.findings import Finding
from mockexam.inspections.inspection import inspect

TF = "import tensorflow as tf\n"
MODEL = TF + "model = tf.keras.Sequential()\n"


def findings(source: str) -> list[Finding]:
    return inspect(source, keras=3, modules=None, project=None)


def told(source: str) -> list[tuple[str, int]]:
    """Pattern and row, from 0, of what is found."""
    return [(one.pattern, one.row) for one in findings(source)]


WAYS = {
    "import": "import tensorflow\ntensorflow.keras.optimizers.Adam(lr=1)",
    "import as": "import tensorflow as t\nt.keras.optimizers.Adam(lr=1)",
    "a submodule": "import tensorflow.keras.optimizers as o\no.Adam(lr=1)",
    "from": "from tensorflow.keras.optimizers import SGD as Down\nDown(lr=1)",
    "keras": "from tensorflow import keras\nkeras.optimizers.Adam(lr=1)",
    "keras alone": "import keras\nkeras.optimizers.Adam(lr=1)",
    "an alias": "import tensorflow as tf\nk = tf.keras\nmake = k.optimizers.Adam\nmake(lr=1)",
    "tf.optimizers": "import tensorflow as tf\ntf.optimizers.Adam(lr=1)",
    "in a function": "import tensorflow as tf\ndef f():\n    return tf.keras.optimizers.Adam(lr=1)",
    "imported in a function": "def f():\n    import tensorflow as tf\n    return tf.keras.optimizers.Adam(lr=1)",
    "in a class": "import tensorflow as tf\nclass A:\n    def f(self):\n        return tf.keras.optimizers.Adam(lr=1)",
    "in a lambda": "import tensorflow as tf\nf = lambda: tf.keras.optimizers.Adam(lr=1)",
    "in a comprehension": "import tensorflow as tf\n[tf.keras.optimizers.Adam(lr=r) for r in (1, 2)]",
    "in an f-string": "import tensorflow as tf\nf'{tf.keras.optimizers.Adam(lr=1)}'",
    "in a with": "import tensorflow as tf\nwith strategy.scope():\n    tf.keras.optimizers.Adam(lr=1)",
    "async": "import tensorflow as tf\nasync def f():\n    tf.keras.optimizers.Adam(lr=1)",
    "decorated": "import tensorflow as tf\n@tf.function\ndef f():\n    tf.keras.optimizers.Adam(lr=1)",
    "twice imported": "import tensorflow as tf\nimport tensorflow as tf\ntf.keras.optimizers.Adam(lr=1)",
    "below a star import": "import tensorflow as tf\nfrom tensorflow.keras.layers import *\n"
    "tf.keras.optimizers.Adam(lr=1)",
}

MODELS = {
    "assigned": "model.fit_generator(1)",
    "two names": "a = b = model\nb.fit_generator(1)",
    "a tuple": "a, b = 1, model\nb.fit_generator(1)",
    "a walrus": "if (other := model):\n    other.fit_generator(1)",
    "annotated": "other: tf.keras.Model = model\nother.fit_generator(1)",
    "a choice of models": "other = model if x else tf.keras.Model(1, 2)\nother.fit_generator(1)",
    "either branch": "if x:\n    m = tf.keras.Sequential()\nelse:\n    m = tf.keras.Model(1, 2)\nm.fit_generator(1)",
    "a branch that ends": "def f():\n    m = tf.keras.Sequential()\n    if x:\n        m = load()\n        return m\n"
    "    m.fit_generator(1)",
    "a loop": "for one in range(3):\n    other = tf.keras.Sequential()\n    other.fit_generator(1)",
    "tried": "try:\n    m = tf.keras.Sequential()\nfinally:\n    print(1)\nm.fit_generator(1)",
    "a function": "def build():\n    return model\nbuild().fit_generator(1)",
    "a function that returns a tuple": "def build():\n    return model, 3\nm, n = build()\nm.fit_generator(1)",
    "a function in a function": "def build():\n    return model\ndef more():\n    m = build()\n    return m\n"
    "more().fit_generator(1)",
    "solution_model": "def solution_model():\n    m = tf.keras.Sequential()\n    m.fit_generator(1)\n    return m",
    "given to a function": "def train(m):\n    m.fit_generator(1)\ntrain(model)",
    "given by name": "def train(data, m=None):\n    m.fit_generator(1)\ntrain(1, m=model)",
    "an application": "m = tf.keras.applications.VGG16(weights=None)\nm.fit_generator(1)",
    "loaded": "m = tf.keras.models.load_model('a.h5')\nm.fit_generator(1)",
    "an own model": "class Own(tf.keras.Model):\n    def call(self, x):\n        return x\nOwn().fit_generator(1)",
    "an own model of an own model": "class Own(tf.keras.Model): pass\nclass More(Own): pass\nMore().fit_generator(1)",
    "inside an own model": "class Own(tf.keras.Model):\n    def train(self):\n        self.fit_generator(1)",
    "a callback": "class Stop(tf.keras.callbacks.Callback):\n    def on_epoch_end(self, epoch, logs={}):\n"
    "        self.model.fit_generator(1)",
    "of a history": "h = model.fit(1)\nh.model.fit_generator(1)",
    "a method by another name": "train = model.fit_generator\ntrain(1)",
    "a default": "def done(m=None):\n    m = m or tf.keras.Sequential()\n    return m\ndone().fit_generator(1)",
    "main": "def main():\n    m = tf.keras.Sequential()\n    m.fit_generator(1)\n"
    "if __name__ == '__main__':\n    main()",
}


@pytest.mark.parametrize("source", WAYS.values(), ids=WAYS.keys())
def test_an_optimizer_is_known_by_any_way_to_its_name(source: str) -> None:
    assert [pattern for pattern, _ in told(source)] == ["optimizer-lr"]


@pytest.mark.parametrize("code", MODELS.values(), ids=MODELS.keys())
def test_a_model_is_known_by_any_way_to_its_name(code: str) -> None:
    compile(MODEL + code, "starter.py", "exec")
    found = findings(MODEL + code)
    assert [one.pattern for one in found] == ["generator-methods"]
    row = next(number for number, line in enumerate((MODEL + code).split("\n")) if "fit_generator" in line)
    assert found[0].row == row


@pytest.mark.parametrize(
    ("code", "pattern"),
    [
        ("for layer in model.layers:\n    print(layer.name, layer.output_shape)", "layer-shape"),
        ("for i, layer in enumerate(model.layers[3:]):\n    print(i, layer.output_shape)", "layer-shape"),
        ("[one.output_shape for one in reversed(model.layers)]", "layer-shape"),
        ("last = model.get_layer('mixed7')\nprint('last layer output shape: ', last.output_shape)", "layer-shape"),
        ("history = model.fit(1)\nlr = history.history['lr']", "history-lr"),
        ("h = model.fit(1).history\nh.get('lr')", "history-lr"),
        ("model.fit(1)\nmodel.history.history['lr']", "history-lr"),
        ("class C(tf.keras.callbacks.Callback):\n    def on_epoch_end(self, e, logs=None):\n        logs['lr']",
         "history-lr"),
        ("xs = [1.0, 2.0]\nys = [2.0, 4.0]\nmodel.fit(xs, ys)", "predict-list"),
        ("model.predict([[1, 2], [3, -4.5]])", "predict-list"),
        ("model.predict(x=(7.0,))", "predict-list"),
        ("n = 100\nb = 8\nmodel.fit(1, steps_per_epoch=n / b)", "float-steps"),
        ("g = tf.keras.preprocessing.image.ImageDataGenerator()\ng.flow_from_directory('a').next()", "batches-next"),
        ("path = 'models/' + 'mine'\nmodel.save(path)", "save-name"),
        ("import os\nmodel.save(os.path.join('a', 'mine'))", "save-name"),
        ("model.save(f'{1}/mine')", "save-name"),
        ("tf.keras.models.save_model(model, 'mine')", "save-name"),
        ("tf.keras.models.load_model('saved_model/mine')", "save-name"),
        ("tf.keras.callbacks.ModelCheckpoint('w.{epoch:02d}-{val_loss:.2f}.hdf5')", "checkpoint-name"),
        ("import numpy as np\nnp.zeros(3).astype(np.int)", "numpy-1-24"),
        ("from numpy import Inf", "numpy-2-0"),
        ("config = tf.ConfigProto()", "tensorflow-1"),
        ("from tensorflow.contrib import layers", "tensorflow-1"),
        ("from keras.layers.core import Dense", "keras-inner-modules"),
        ("from keras.layers.convolutional import Conv2D, MaxPooling2D", "keras-inner-modules"),
        ("from keras.utils.np_utils import to_categorical", "keras-inner-modules"),
        ("from keras.preprocessing import text, image", "keras-text"),
        ("from keras.preprocessing import image\nimage.ImageDataGenerator()", "keras-text"),
        ("from tensorflow.keras.layers.experimental import preprocessing", "experimental-preprocessing"),
        ("from tensorflow.keras.layers.experimental.preprocessing import Rescaling", "experimental-preprocessing"),
        ("from tensorflow.keras.metrics import mean_absolute_error", "metric-function"),
    ],
)  # fmt: skip
def test_what_is_met_in_courses(code: str, pattern: str) -> None:
    assert {one for one, _ in told(MODEL + code)} == {pattern}


def test_both_names_of_a_metric() -> None:
    code = textwrap.dedent("""
        class Stop(tf.keras.callbacks.Callback):
            def on_epoch_end(self, epoch, logs={}):
                if logs.get('acc') > 0.9 and logs["val_acc"] > 0.9:
                    self.model.stop_training = True
        def build():
            m = tf.keras.Sequential()
            m.compile("adam", "mse", metrics=["accuracy"])
            return m
        model = build()
        history = model.fit(1, callbacks=[Stop(), tf.keras.callbacks.EarlyStopping(monitor="val_acc")])
        history.history['acc'], history.history['val_accuracy']
    """)
    assert [pattern for pattern, _ in told(TF + code)] == ["accuracy-key"] * 4


HALF = ["x = tf.", "model.fit(", "model.compile(optimizer=tf.keras.optimizers.", "def f(", "for x in", "if model",
        "x = [1, (2", "class", "'''text", "f'{x", "import", "from tensorflow import", "@", "with open(", "lambda x",
        "x = {'a': [",
        "model.compile(optimizer='adam',  # the (first"]  # fmt: skip


@pytest.mark.parametrize("typed", HALF)
def test_marks_above_stay_while_a_line_is_half_typed(typed: str) -> None:
    assert ("optimizer-lr", 2) in told(f"{MODEL}tf.keras.optimizers.Adam(lr=1)\n{typed}\n")


@pytest.mark.parametrize("typed", [one for one in HALF if "'" not in one[:4] and one != "@"])
def test_marks_below_stay_while_a_line_is_half_typed(typed: str) -> None:
    below = "other = tf.keras.optimizers.Adam(lr=1)\nmodel.fit_generator(1)\n"
    assert {("optimizer-lr", 3), ("generator-methods", 4)} <= set(told(f"{MODEL}{typed}\n{below}"))


def test_a_line_that_is_half_typed_is_marked_as_far_as_it_goes() -> None:
    assert told(MODEL + "model.compile(optimizer=tf.keras.optimizers.Adam(lr=0.1), ") == [("optimizer-lr", 2)]
    assert told(MODEL + "model.fit_generator(") == [("generator-methods", 2)]
