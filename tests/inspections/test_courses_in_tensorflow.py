"""What the courses' code is full of and Keras 3 no longer takes: named before the run, and explained under it.

Each way to write occurs in two repositories or more that prepare for this exam; the programs are our own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mockexam.inspections.advice.advice import advise
from mockexam.inspections.findings import MISSING
from mockexam.inspections.inspection import inspect
from mockexam.interpreters.interpreter import this_python
from tests.inspections.trials import ran

pytestmark = pytest.mark.slow

START = """import os
import numpy as np
import tensorflow as tf
from tensorflow import keras
from PIL import Image
for part in "ab":
    os.makedirs(f"pics/{part}")
    Image.fromarray(np.zeros((8, 8, 3), "uint8")).save(f"pics/{part}/0.png")
x = np.random.RandomState(0).rand(16, 4).astype("float32")
y = (x.sum(axis=1) > 2).astype("float32")
images = tf.keras.preprocessing.image.ImageDataGenerator(rescale=1 / 255)
train = images.flow_from_directory("pics", target_size=(8, 8), batch_size=1, class_mode="binary")
"""
MODEL = """model = tf.keras.models.Sequential([
    tf.keras.layers.Dense(4, activation="relu", input_shape=(4,)), tf.keras.layers.Dense(1, activation="sigmoid")])
"""
COMPILED = f"{MODEL}model.compile(loss='binary_crossentropy', optimizer='adam', metrics=['accuracy'])\n"
PICTURES = """model = tf.keras.Sequential([tf.keras.layers.Conv2D(2, 3, input_shape=(8, 8, 3)),
                             tf.keras.layers.Flatten(), tf.keras.layers.Dense(1, activation="sigmoid")])
model.compile(loss="binary_crossentropy", optimizer="rmsprop", metrics=["acc"])
"""
WAITING = """class Enough(tf.keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs={}):
        if (logs.get('%s') > 0.99):
            print("enough")
            self.model.stop_training = True
callbacks = Enough()
"""

PROGRAMS: dict[str, tuple[str, str]] = {
    "lr, imported": ("optimizer-lr", "from tensorflow.keras.optimizers import RMSprop\nRMSprop(lr=0.001)"),
    "lr, in compile": ("optimizer-lr", f"{MODEL}model.compile('mse', optimizer=tf.keras.optimizers.SGD(lr=1e-8))"),
    "lr, keras": ("optimizer-lr", "import keras\nkeras.optimizers.Adam(lr=0.01)"),
    "lr, optimizers": ("optimizer-lr", "from tensorflow.keras import optimizers\noptimizers.RMSprop(lr=1e-4)"),
    "metrics.mae": ("metric-function", "print(tf.keras.metrics.mean_absolute_error(y, y[::-1]).numpy())"),
    "metrics.mse": ("metric-function", "keras.metrics.mean_squared_error(y, y)"),
    "losses.mse": ("metric-function", "tf.losses.mean_squared_error(y, y)"),
    "losses.mae, as loss": ("metric-function", f"{MODEL}model.compile('sgd', tf.keras.losses.mean_absolute_error)"),
    "losses.mae, imported": ("metric-function", "from tensorflow.keras.losses import mean_absolute_error"),
    "fit_generator": ("generator-methods", f"{PICTURES}model.fit_generator(train, steps_per_epoch=2, epochs=1)"),
    "evaluate_generator": ("generator-methods", f"{PICTURES}loss, right = model.evaluate_generator(train, steps=2)"),
    "predict_generator": ("generator-methods", f"{PICTURES}model.predict_generator(train)"),
    "history lr": ("history-lr", f"""{COMPILED}slower = keras.callbacks.LearningRateScheduler(lambda epoch: 1e-4)
history = model.fit(x, y, epochs=1, callbacks=[slower], verbose=0)
lrs = history.history["lr"]"""),
    "predict a list": ("predict-list", f"{MODEL}model.predict([[1.0, 2.0, 3.0, 4.0]])"),
    "predict a number": ("predict-list", """model = keras.Sequential([keras.layers.Dense(units=1, input_shape=[1])])
model.compile(optimizer='sgd', loss='mean_squared_error')
model.fit(np.array([1.0, 2.0]), np.array([1.0, 3.0]), verbose=0)
print(model.predict([7.0]))"""),
    "fit lists": ("predict-list", """model = keras.Sequential([keras.layers.Dense(units=1, input_shape=[1])])
model.compile(optimizer='sgd', loss='mse')
xs = [1.0, 2.0, 3.0]
ys = [1.5, 2.0, 2.5]
model.fit(xs, ys, epochs=1)"""),
    "fit lists that grew": ("predict-list", f"""{COMPILED}rows, labels = [], []
for row, label in zip(x, y):
    rows.append([float(one) for one in row])
    labels.append(int(label))
model.fit(rows, labels, epochs=1)"""),
    "fit labels as a list": ("labels-list", f"{COMPILED}labels = [0, 1] * 8\nmodel.fit(x, labels, epochs=1)"),
    "predict a list of an array's": ("predict-list", f"{COMPILED}model.predict([x[:2].tolist()[0]])"),
    "fit lists and validate": ("predict-list", f"""{COMPILED}rows = [[float(a) for a in one] for one in x]
labels = [int(one) for one in y]
model.fit(rows[:8], labels[:8], validation_data=(rows, labels))"""),
    "fit a part of the labels": ("labels-list", f"""{COMPILED}sentences, labels = [], []
for one in x:
    labels.append(1 if one[0] > 0.5 else 0)
training_labels = labels[0:10]
model.fit(x[:10], training_labels, validation_data=(x[10:], labels[10:]))"""),
    "fit grown labels": ("labels-list", f"""{COMPILED}labels = []
for one in y:
    labels.append(float(one))
model.fit(x, labels)"""),
    "metrics by place": ("metrics-place", f"{MODEL}model.compile('adam', 'mse', ['accuracy'])\nmodel.fit(x, y)"),
    "two metrics by place": ("metrics-place", f"{MODEL}model.compile('adam', 'mse', ['acc', 'mae'])\nmodel.fit(x, y)"),
    "subwords": ("tfds-subwords", "import tensorflow_datasets as tfds\n"
                 "data, info = tfds.load('imdb_reviews/subwords8k', with_info=True, as_supervised=True)"),
    "features.text": ("tfds-text", "import tensorflow_datasets as tfds\ntfds.features.text.SubwordTextEncoder"),
    "keras_preprocessing": ("keras-preprocessing", "from keras_preprocessing.image import ImageDataGenerator"),
    "keras_preprocessing image": ("keras-preprocessing", "import os\nfrom keras_preprocessing import image"),
    "workers": ("queue-arguments", f"{PICTURES}model.fit(train, epochs=1, workers=4, use_multiprocessing=True)"),
    "max_queue_size": ("queue-arguments", f"{PICTURES}model.fit(train, epochs=1, max_queue_size=10)"),
    "output_shape": ("layer-shape", f"{MODEL}last = model.get_layer(index=0)\nprint('last', last.output_shape)"),
    "output_shape in a loop": ("layer-shape", f"{MODEL}for layer in model.layers:\n    print(layer.input_shape)"),
    "output_shape of an application": ("layer-shape", """from tensorflow.keras.applications.mobilenet import MobileNet
base = MobileNet(input_shape=(32, 32, 3), include_top=False, weights=None, alpha=0.25)
for layer in base.layers:
    layer.trainable = False
last_layer = base.get_layer('conv1')
print(last_layer.output_shape)"""),
    "predict_classes": ("predict-classes", f"{COMPILED}classes = model.predict_classes(x, batch_size=10)"),
    "predict_proba": ("predict-classes", f"{COMPILED}model.predict_proba(x)"),
    "history acc": ("accuracy-key", f"{COMPILED}history = model.fit(x, y, epochs=1)\nacc = history.history['acc']"),
    "history val_acc": ("accuracy-key", f"{COMPILED}history = model.fit(x, y, validation_data=(x, y))\n"
                        "plots = [history.history[key] for key in ('loss', 'accuracy')]\nhistory.history['val_acc']"),
    "history accuracy": ("accuracy-key", f"{PICTURES}history = model.fit(train)\nhistory.history['accuracy']"),
    "logs acc": ("accuracy-key", f"{WAITING % 'acc'}{COMPILED}model.fit(x, y, callbacks=[callbacks])"),
    "logs accuracy": ("accuracy-key", f"{WAITING % 'accuracy'}{PICTURES}model.fit(train, callbacks=[callbacks])"),
    "monitor": ("accuracy-key", f"{COMPILED}stop = keras.callbacks.EarlyStopping(monitor='val_acc', patience=2)\n"
                "model.fit(x, y, validation_split=0.5, callbacks=[stop])"),
    "experimental": ("experimental-preprocessing", "from tensorflow.keras import layers\n"
                     "layers.experimental.preprocessing.RandomFlip('horizontal')"),
    "experimental, imported": ("experimental-preprocessing", "from tensorflow.keras.layers.experimental import "
                               "preprocessing\npreprocessing.Rescaling(1 / 255)"),
    "experimental, from inside": ("experimental-preprocessing",
                                  "from tensorflow.keras.layers.experimental.preprocessing import TextVectorization"),
    "save without an ending": ("save-name", f"{COMPILED}model.save('mymodel')"),
    "save a .tf": ("save-name", f"{COMPILED}model.save('mymodel.tf')"),
    "save_format": ("save-name", f"{COMPILED}model.save('mymodel', save_format='tf')"),
    "save a path": ("save-name", f"{COMPILED}folder = 'saved_model/1'\nmodel.save(folder)"),
    "save_model": ("save-name", f"{COMPILED}tf.keras.models.save_model(model, 'saved/1')"),
    "hub": (MISSING, "import tensorflow_hub as hub"),
    "Session": ("tensorflow-1", "config = tf.ConfigProto()\nsession = tf.Session(config=config)"),
    "compat import": ("tensorflow-1", "session = tf.Session()"),
    "eager": ("tensorflow-1", "tf.enable_eager_execution()"),
    "seed": ("tensorflow-1", "tf.set_random_seed(51)"),
    "AdamOptimizer": ("tensorflow-1", f"{MODEL}model.compile(optimizer=tf.train.AdamOptimizer(), loss='mse')"),
    "logging": ("tensorflow-1", "tf.logging.set_verbosity(tf.logging.ERROR)"),
    "a short metric": ("metric-short", f"{MODEL}model.compile('sgd', 'mse', metrics=['RMSE'])\nmodel.fit(x, y)"),
    "parameters too early": ("unbuilt-model", "model = tf.keras.Sequential([tf.keras.layers.Dense(2)])\n"
                             "model.add(tf.keras.layers.Dense(1))\nmodel.compile('adam', 'mse')\n"
                             "print(model.count_params())"),
    "metrics as a text": ("metrics-text", f"{MODEL}model.compile(loss='mse', optimizer='adam', metrics='accuracy')"),
    "keras images": ("keras-text", "from keras.preprocessing.image import ImageDataGenerator"),
    "keras images, by module": ("keras-text", "from keras.preprocessing import image\nimage.ImageDataGenerator()"),
    "keras text": ("keras-text", "from keras.preprocessing.text import Tokenizer"),
    "keras text, as a module": ("keras-text", "from keras.preprocessing import text"),
    "np.float": ("numpy-1-24", "x.astype(np.float)"),
    "np.int": ("numpy-1-24", "np.array([1], dtype=np.int)"),
    "np.Inf": ("numpy-2-0", "best = np.Inf"),
    "save_weights": ("weights-name", f"{COMPILED}model.save_weights('weights')"),
    "save_weights, checkpoint": ("weights-name", f"{COMPILED}model.save_weights('./checkpoints/my_checkpoint')"),
    "checkpoint": ("checkpoint-name", "keras.callbacks.ModelCheckpoint('best.ckpt', save_weights_only=True)"),
    "checkpoint of a model": ("checkpoint-name", "tf.keras.callbacks.ModelCheckpoint('best', save_best_only=True)"),
    "DenseFeatures": ("layers-gone", "columns = [tf.feature_column.numeric_column('a')]\n"
                      "tf.keras.layers.DenseFeatures(columns)"),
    "python.keras": ("tensorflow-python-keras", """from tensorflow.python.keras.models import Sequential
from tensorflow.python.keras.layers import Dense
model = Sequential([Dense(1, input_shape=(4,))])
model.compile('sgd', 'mse')
model.fit(x, y, verbose=0)"""),
    "reset_states": ("reset-states", f"{COMPILED}model.reset_states()"),
    "batch_input_shape": ("batch-input-shape", "tf.keras.layers.LSTM(4, stateful=True, batch_input_shape=(1, 5, 1))"),
    "huber_loss": ("loss-text", f"{MODEL}model.compile(loss='huber_loss', optimizer='sgd')\nmodel.fit(x, y)"),
    "legacy": ("optimizers-legacy", "tf.keras.optimizers.legacy.Adam(learning_rate=0.01)"),
    "next": ("batches-next", "pictures, labels = train.next()"),
    "float steps": ("float-steps", f"{PICTURES}model.fit(train, steps_per_epoch=2 / 1, epochs=1)"),
    "optimizer.lr": ("optimizer-lr-attribute", f"{COMPILED}print(model.optimizer.lr)"),
    "np_utils": ("keras-inner-modules", "from keras.utils import np_utils"),
    "layers.core": ("keras-inner-modules", "from keras.layers.core import Dense"),
}  # fmt: skip
"""By name: the entry of the table, and a program that ends so after START."""


@pytest.fixture(scope="module")
def tried() -> dict[str, Any]:
    return ran({name: START + code for name, (_, code) in PROGRAMS.items()}, 3)


@pytest.mark.parametrize("name", PROGRAMS)
def test_it_is_named_before_the_run(name: str) -> None:
    pattern, code = PROGRAMS[name]
    python = this_python(3)
    found = inspect(START + code, keras=3, modules=python.modules(), project=None, versions=python.versions)
    assert {one.pattern for one in found} == {pattern}
    assert all(one.row >= START.count("\n") for one in found)


@pytest.mark.parametrize("name", PROGRAMS)
def test_its_traceback_is_explained(name: str, tried: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "starter.py").write_text(START + PROGRAMS[name][1], "utf-8")
    assert "error" in tried[name], "it works again: the table is to be changed"
    told = advise(tried[name]["traceback"], keras=3, allowed="all", project=tmp_path)
    assert told is not None, tried[name]["error"]
    assert told.pattern == PROGRAMS[name][0]
    assert told.replacement is not None
    assert told.place is not None
