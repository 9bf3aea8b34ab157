"""The alias of Keras 2 with the TensorFlow that is installed: code as the courses wrote it, in one process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from mockexam.preload.switches import Switches, variables

# Written for this test, in the manner of the courses between TensorFlow 2.4 and 2.15.
PATTERNS = {
    "tf.keras is tf_keras": """
import tf_keras
assert tf.keras.__version__ == tf_keras.__version__ == keras.__version__
assert tf.keras.layers.Dense is keras.layers.Dense is tf_keras.layers.Dense
""",
    "the modules as their import made them": """
import tf_keras
for old in ("keras", "keras.layers", "keras.models", "keras.preprocessing.text", "keras_preprocessing.sequence"):
    module = importlib.import_module(old)
    assert module.__name__.startswith("tf_keras"), module
    assert module.__spec__.name == module.__name__, module.__spec__
    assert sys.modules[module.__name__] is module
    assert type(module.__loader__).__name__ == "SourceFileLoader"
""",
    "keras beside tf.keras": """
from keras.models import Sequential
from tensorflow.keras.layers import Dense
from keras.callbacks import EarlyStopping
model = Sequential([Dense(4, activation="relu", input_shape=(3,)), tf.keras.layers.Dense(1)])
model.compile(tf.keras.optimizers.Adam(lr=0.01), keras.losses.MeanSquaredError(), ["mae"])
history = model.fit(x, y, epochs=2, verbose=0, validation_split=0.5, callbacks=[EarlyStopping(patience=5)])
assert "val_mae" in history.history
assert model.predict([[1.0, 2.0, 3.0]], verbose=0).shape == (1, 1)
""",
    "the layers of Keras 2.4": """
from keras.layers.core import Activation, Dense, Dropout, Flatten, Reshape
from keras.layers.convolutional import Conv1D, Conv2D, MaxPooling2D, UpSampling2D, ZeroPadding2D
from keras.layers.pooling import GlobalAveragePooling2D
from keras.layers.normalization import BatchNormalization
from keras.layers.embeddings import Embedding
from keras.layers.recurrent import GRU, LSTM, SimpleRNN
from keras.layers.wrappers import Bidirectional, TimeDistributed
from keras.layers.merge import Concatenate, add, concatenate
from keras.layers.advanced_activations import LeakyReLU, PReLU
from keras.layers.noise import GaussianNoise
from keras.layers.local import LocallyConnected1D
from keras.layers.convolutional_recurrent import ConvLSTM2D
from keras.layers.cudnn_recurrent import CuDNNLSTM
assert BatchNormalization is tf.keras.layers.BatchNormalization
""",
    "the layers of Keras 2.6 to 2.12": """
from keras.layers.core.dense import Dense
from keras.layers.core.dropout import Dropout
from keras.layers.normalization.batch_normalization import BatchNormalization
from keras.layers.rnn.lstm import LSTM
from keras.layers.merging.concatenate import Concatenate
from keras.layers.preprocessing.text_vectorization import TextVectorization
from keras.layers.experimental.preprocessing import RandomFlip, Rescaling
from keras.layers.multi_head_attention import MultiHeadAttention
assert LSTM is tf.keras.layers.LSTM and Dropout is tf.keras.layers.Dropout
""",
    "the engine": """
from keras.engine.base_layer import Layer
from keras.engine.topology import InputSpec, Layer as Old
from keras.engine.training import Model
from keras.engine import InputSpec as Spec, Layer as Older, Model as Same
from keras.models import Input
from keras import engine
from keras.engine.saving import load_model
assert Spec is InputSpec and Older is Layer and Same is Model and Input is tf.keras.Input
assert Old is Layer is tf.keras.layers.Layer and Model is tf.keras.Model
assert isinstance(keras.Sequential(), keras.engine.training.Model)
""",
    "np_utils": """
from keras.utils import np_utils
from keras.utils.np_utils import to_categorical
assert np_utils.to_categorical([0, 1]).tolist() == [[1, 0], [0, 1]]
assert keras.utils.np_utils.to_categorical is to_categorical
""",
    "plot_model and get_file by their old homes": """
from keras.utils.vis_utils import plot_model
from keras.utils.data_utils import Sequence, get_file
from keras.utils.generic_utils import CustomObjectScope, Progbar, get_custom_objects
from keras.utils import generic_utils, plot_model as again
assert plot_model is again
""",
    "text, old and older": """
from keras.preprocessing.text import Tokenizer
from keras_preprocessing.text import tokenizer_from_json
from keras_preprocessing.sequence import pad_sequences
from keras.preprocessing import sequence
tokenizer = Tokenizer(num_words=9, oov_token="<OOV>")
tokenizer.fit_on_texts(["a b", "b c"])
again = tokenizer_from_json(tokenizer.to_json())
padded = pad_sequences(again.texts_to_sequences(["b c d"]), maxlen=5, padding="post")
assert padded.shape == (1, 5) and sequence.pad_sequences is pad_sequences
""",
    "pictures": """
from keras_preprocessing.image import ImageDataGenerator
from keras_preprocessing import image
from keras.preprocessing.image import ImageDataGenerator as again, img_to_array, load_img
assert again is ImageDataGenerator is tf.keras.preprocessing.image.ImageDataGenerator
generator = ImageDataGenerator(rescale=1 / 255, horizontal_flip=True)
flow = generator.flow(numpy.ones((8, 6, 6, 3)), numpy.ones(8), batch_size=4)
assert flow.next()[0].shape == (4, 6, 6, 3)
""",
    "optimizers": """
from keras.optimizers import SGD, Adam, RMSprop, adam_v2, gradient_descent_v2, rmsprop_v2
from keras.optimizer_v2.adam import Adam as Old
from keras.optimizers.optimizer_v2.rmsprop import RMSprop as OldToo
from keras.optimizers.schedules import ExponentialDecay
assert adam_v2.Adam is Old is tf.keras.optimizers.legacy.Adam
Old(lr=0.1, decay=1e-3)
""",
    "applications and datasets": """
from keras.applications.inception_v3 import InceptionV3, preprocess_input
from keras.applications import MobileNetV2, vgg16
from keras.datasets import mnist
import keras.datasets.imdb as imdb
assert callable(mnist.load_data) and callable(imdb.load_data)
""",
    "backend": """
import keras.backend as K
from keras import backend
assert float(K.mean(K.square(tf.ones(2)))) == 1.0 and backend is K
""",
    "initializers, regularizers and so on": """
from keras import activations, callbacks, constraints, initializers, losses, metrics, regularizers
from keras.losses import mean_absolute_error
from keras.metrics import mean_squared_error
from keras.regularizers import l2
from keras.initializers import he_normal
from keras.objectives import mse
assert float(mean_absolute_error([1.0], [3.0])) == 2.0
""",
    "saved and read back": """
from keras.models import load_model, model_from_json
from keras.saving import hdf5_format
model = trained()
expected = model.predict(x, verbose=0)
for name in ("m.h5", "m.keras", "m"):
    model.save(name)
    assert numpy.allclose(load_model(name).predict(x, verbose=0), expected), name
    assert numpy.allclose(tf.keras.models.load_model(name).predict(x, verbose=0), expected), name
json_model = model_from_json(model.to_json())
assert json_model.count_params() == model.count_params()
""",
    "a class of one's own": """
class Double(keras.layers.Layer):
    def call(self, inputs):
        return inputs * 2
model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(3,)), Double()])
model.save("own.h5")
from keras.utils import CustomObjectScope
with CustomObjectScope({"Double": Double}):
    keras.models.load_model("own.h5")
""",
    "pickled": """
model = trained()
again = pickle.loads(pickle.dumps(model))
assert numpy.allclose(again.predict(x, verbose=0), model.predict(x, verbose=0))
for thing in (keras.activations.relu, keras.layers.Dense, keras.losses.mse, keras.utils.to_categorical):
    assert pickle.loads(pickle.dumps(thing)) is thing
assert pickle.loads(b"ckeras.layers.core.dense\\nDense\\n.") is keras.layers.Dense
""",
    "reloaded": """
import keras.utils.np_utils as old
assert importlib.reload(old) is old is sys.modules["tf_keras.src.utils.np_utils"]
""",
    "TensorFlow's private copy": """
from tensorflow.python.keras.callbacks import EarlyStopping
from tensorflow.python.keras.models import Sequential
from tensorflow.python.keras.layers import Dense
from tensorflow.python.keras.layers.core import Flatten
from tensorflow.python.keras.utils import np_utils
from tensorflow.python.keras.optimizer_v2.adam import Adam
from tensorflow.python.keras import backend as K
from tensorflow.python import keras as private
import tensorflow.python.keras.layers as layers
assert private is keras and layers is keras.layers and K is keras.backend and Dense is layers.Dense
model = Sequential([Flatten(input_shape=(3, 1)), Dense(1)])
model.compile(Adam(0.1), "mse")
model.fit(x[..., None], y, verbose=0, callbacks=[EarlyStopping("loss")])
model.save("private.h5")
assert tf.compat.v1.train.exponential_decay and tf.nn.RNNCellDropoutWrapper
tf.compat.v1.layers.Dense
""",
    "what Keras 2 never had": """
for name in ("keras.ops", "keras.random", "keras.quantizers", "keras.tree", "keras.wrappers", "keras.src.ops"):
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        assert name in str(error) and error.name == name
    else:
        raise AssertionError(name)
assert not hasattr(keras, "ops") and importlib.util.find_spec("keras.ops") is None
""",
    "the version of the distribution stays": """
import importlib.metadata
assert importlib.metadata.version("keras").startswith("3.") and keras.__version__.startswith("2.")
""",
}

PROGRAM = """
import importlib, importlib.util, json, pickle, sys, traceback

def told(layer):
    import keras, tensorflow as tf
    return keras.__name__, type(layer) is tf.keras.layers.Dense is keras.layers.Dense, layer.units, sys.path

if __name__ == "__main__":
    import multiprocessing
    import numpy
    import tensorflow as tf
    import keras
    x = numpy.random.rand(8, 3).astype("float32")
    y = x.sum(1)

    def trained():
        model = keras.Sequential([keras.layers.Dense(2, input_shape=(3,)), keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        model.fit(x, y, verbose=0)
        return model

    failed = {}
    for name, text in json.load(open("patterns.json")).items():
        try:
            exec(compile(text, name, "exec"), dict(globals()))
        except BaseException:
            failed[name] = traceback.format_exc()
    layer = keras.layers.Dense(7)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        child = pool.apply(told, [layer])
    print("RESULT " + json.dumps({"failed": failed, "child": child, "path": sys.path}))
"""


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the program found: the patterns that failed, what its child saw, and its own path."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "starter.py").write_text(PROGRAM, "utf-8")
    (folder / "patterns.json").write_text(json.dumps(PATTERNS), "utf-8")
    base = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "HOME": str(folder)}
    environment = {**base, **variables(Switches(keras_2=True, log=folder / "log"), base)}
    run = subprocess.run(
        [sys.executable, "starter.py"], cwd=folder, env=environment, capture_output=True, text=True, timeout=300
    )
    lines = [line for line in run.stdout.splitlines() if line.startswith("RESULT ")]
    assert lines, run.stdout + run.stderr
    assert not (folder / "log").exists(), (folder / "log").read_text("utf-8")
    found: dict[str, Any] = json.loads(lines[0].removeprefix("RESULT "))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", PATTERNS)
def test_code_of_the_courses_works(name: str, result: dict[str, Any]) -> None:
    assert name not in result["failed"], result["failed"][name]


@pytest.mark.slow
def test_a_spawned_child_gets_the_same_keras_and_the_same_path(result: dict[str, Any]) -> None:
    assert result["child"] == ["tf_keras", True, 7, result["path"]]
