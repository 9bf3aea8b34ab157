"""Nothing is told where nothing fails: the bundled problems, right forms, look-alikes, and what isn't sure."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from mockexam.inspections.inspection import inspect
from mockexam.inspections.pattern import Generation
from mockexam.inspections.table import PATTERNS

ROOT = Path(__file__).parents[2]
PROGRAMS = sorted(file for file in (ROOT / "problems").rglob("*.py") if file.parent != ROOT / "problems")
HONEST = sorted(Path(__file__).with_name("honest").iterdir())
KERAS = "import numpy as np\nimport tensorflow as tf\n"


def patterns(source: str, keras: Generation | None = 3) -> list[str]:
    return [one.pattern for one in inspect(textwrap.dedent(source), keras=keras, modules=None, project=None)]


@pytest.mark.parametrize("file", PROGRAMS, ids=lambda file: str(file.relative_to(ROOT / "problems")))
def test_the_bundled_problems_have_none(file: Path) -> None:
    source = file.read_text("utf-8")
    assert patterns(source) == patterns(source, 2) == []


def test_the_bundled_problems_are_there() -> None:
    assert len(PROGRAMS) > 40


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.id)
def test_the_right_forms_have_none(pattern: object) -> None:
    for after in getattr(pattern, "example").after:  # noqa: B009
        assert patterns(KERAS + "def net(*a): return tf.keras.Sequential()\n" + after) == []


RIGHT = """
import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds
from tensorflow import keras
from tensorflow.keras import backend as K, layers
from tensorflow.keras.preprocessing.image import ImageDataGenerator
from tensorflow.keras.preprocessing.text import Tokenizer
from tensorflow.keras.preprocessing.sequence import pad_sequences

tf.random.set_seed(1)
data = tfds.load("imdb_reviews/plain_text", as_supervised=True)
made = ImageDataGenerator(rescale=1 / 255).flow_from_directory("pics", class_mode="binary")
model = keras.Sequential([
    layers.Embedding(100, 8, input_length=20),
    layers.Dense(4, input_shape=(8,), activation=tf.nn.softmax),
    layers.LSTM(4, input_shape=[None, 1]),
])
model.compile(optimizer=keras.optimizers.Adam(learning_rate=0.01), loss="mse", metrics=["accuracy", "mae"])
history = model.fit(made, steps_per_epoch=100 // 8, epochs=2, callbacks=[keras.callbacks.EarlyStopping("val_accuracy")])
history.history["accuracy"], history.history["val_accuracy"], history.history["loss"]
model.predict(np.array([10.0]))
model.predict([np.ones(3), np.ones(3)])
model.predict([made, made])
model.save("mymodel.h5")
model.save("models/mymodel.keras")
model.save_weights("kept.weights.h5")
keras.callbacks.ModelCheckpoint("best.keras", save_best_only=True)
keras.callbacks.ModelCheckpoint(filepath="w.weights.h5", save_weights_only=True)
print(model.output_shape, model.input_shape, model.layers[0].output.shape)
print(model.optimizer.learning_rate, next(made), np.float32(1), np.inf, np.int64, np.bool_)
tf.compat.v1.Session, tf.keras.metrics.mae([1.0], [2.0]), tf.keras.losses.Huber(), tf.math.log(2.0)
K.mean(K.square(tf.ones(2)))
"""

LOOK_ALIKES = {
    "torch": """
        import torch
        from torch.optim import Adam
        optimizer = Adam([torch.zeros(1)], lr=0.1)
        model = torch.nn.Sequential(torch.nn.Linear(1, 1))
        optimizer.lr, model.fit_generator, model.output_shape
        torch.save(model, "mymodel")
        scheduler = torch.optim.SGD(model.parameters(), lr=0.1, decay=0.1)
    """,
    "sklearn": """
        from sklearn.ensemble import RandomForestClassifier
        from sklearn.metrics import mean_absolute_error, mean_squared_error
        model = RandomForestClassifier()
        model.fit([[1.0], [2.0]], [1, 0])
        model.predict([[1.0]]), model.predict_proba([[1.0]])
        mean_absolute_error([1], [2])
    """,
    "an own class": """
        class Trainer:
            lr = 0.1
            output_shape = (1, 2)
            def fit_generator(self, data, workers=1): return data
            def predict_classes(self, data): return data
            def reset_states(self): pass
        model = Trainer()
        model.fit_generator(1, workers=2), model.lr, model.output_shape, model.predict_classes([1.0])
        model.reset_states()
    """,
    "an own model that defines it": """
        import tensorflow as tf
        class Own(tf.keras.Model):
            def fit_generator(self, data): return self.fit(data)
            def predict_classes(self, data): return self.predict(data)
        model = Own()
        model.fit_generator(1), model.predict_classes(2)
    """,
    "an own layer that keeps it": """
        import tensorflow as tf
        class Own(tf.keras.layers.Layer):
            def __init__(self):
                self.output_shape = 3
        layer = Own()
        layer.output_shape
    """,
    "a parameter": """
        def train(model, optimizer, history):
            model.fit_generator(1)
            optimizer.lr, history.history["lr"], model.layers[0].output_shape
    """,
    "a name that is given something else": """
        import tensorflow as tf
        model = tf.keras.Sequential()
        model = load()
        model.fit_generator(1)
    """,
    "a name that may be something else": """
        import tensorflow as tf
        model = tf.keras.Sequential()
        if model:
            model = load()
        model.fit_generator(1)
        for one in range(3):
            other.fit_generator(1)
            other = tf.keras.Sequential()
            other = load()
        while True:
            third = load()
            third.fit_generator(1)
            third = tf.keras.Sequential()
    """,
    "a loop that changes a name at its end": """
        import tensorflow as tf
        model = tf.keras.Sequential()
        for one in range(3):
            model.fit_generator(1)
            model = load()
    """,
    "a name that is deleted": """
        import tensorflow as tf
        model = tf.keras.Sequential()
        del model
        model.fit_generator(1)
    """,
    "a name that a function changes": """
        import tensorflow as tf
        model = tf.keras.Sequential()
        def change():
            global model
            model = load()
        change()
        model.fit_generator(1)
    """,
    "a star import": """
        import tensorflow as tf
        model = tf.keras.Sequential()
        from helpers import *
        model.fit_generator(1)
        tf.set_random_seed(1)
    """,
    "a star import over an import": """
        from tensorflow.keras.optimizers import Adam
        from torch.optim import *
        Adam(lr=0.1)
    """,
    "a conditional import": """
        try:
            import tensorflow as tf
        except ImportError:
            import lite as tf
        if condition:
            from tensorflow.keras.optimizers import Adam
        else:
            from torch.optim import Adam
        tf.set_random_seed(1)
        Adam(lr=0.1)
    """,
    "shadowed in a function": """
        import numpy as np
        import tensorflow as tf
        from tensorflow.keras.optimizers import Adam
        def one(tf, np=None):
            from torch.optim import Adam
            tf.set_random_seed(1), np.float, Adam(lr=0.1)
        [np.float for np in (1, 2)]
        (lambda tf: tf.Session())(1)
    """,
    "asked before": """
        import tensorflow as tf
        model = tf.keras.Sequential()
        if hasattr(model, "fit_generator"):
            model.fit_generator(1)
        elif tf.__version__.startswith("1."):
            tf.set_random_seed(1)
        classes = model.predict_classes(1) if hasattr(model, "predict_classes") else None
        try:
            tf.Session()
        except AttributeError:
            tf.compat.v1.Session()
        try:
            optimizer = tf.keras.optimizers.Adam(lr=0.1)
        except (ValueError, TypeError):
            optimizer = tf.keras.optimizers.Adam(learning_rate=0.1)
        try:
            from keras.layers.core import Dense
        except ImportError:
            from keras.layers import Dense
    """,
    "both names of a metric": """
        import tensorflow as tf
        one, two = tf.keras.Sequential(), tf.keras.Sequential()
        one.compile("sgd", "mse", metrics=["acc"])
        two.compile("sgd", "mse", metrics=["accuracy"])
        one.fit(1).history["acc"], two.fit(1).history["accuracy"]
    """,
    "a model that was compiled elsewhere": """
        import tensorflow as tf
        one = tf.keras.Sequential()
        one.compile("sgd", "mse", metrics=["accuracy"])
        other = tf.keras.models.load_model("other.h5", compile=True)
        other.fit(1).history["acc"]
    """,
    "short names of metrics that the program brings": """
        import tensorflow as tf
        def rmse(y_true, y_pred):
            return tf.sqrt(tf.reduce_mean(tf.square(y_true - y_pred)))
        tf.keras.utils.get_custom_objects()["rmse"] = rmse
        model = tf.keras.Sequential()
        model.compile("sgd", "mse", metrics=["rmse"])
    """,
    "models that something may have built": """
        import tensorflow as tf
        fitted = tf.keras.Sequential([tf.keras.layers.Dense(1)])
        fitted.compile("sgd", "mse")
        fitted.fit(one, two)
        fitted.count_params()
    """,
    "models that know their input": """
        import tensorflow as tf
        one = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(3,))])
        one.count_params(), tf.keras.Model(inputs, outputs).count_params()
    """,
    "models with an Input": """
        from tensorflow.keras import Input, Sequential, layers
        one = Sequential([Input((3,)), layers.Dense(1)])
        one.count_params()
    """,
    "models of parts that aren't known": """
        import tensorflow as tf
        one, two, three = tf.keras.Sequential(parts), tf.keras.Sequential([base, tf.keras.layers.Dense(1)]), make()
        four = tf.keras.Sequential()
        four.add(tf.keras.applications.VGG16(weights=None))
        one.count_params(), two.count_params(), three.count_params(), four.count_params()
    """,
    "models that are called, given away or asked about later": """
        import tensorflow as tf
        def told(model):
            return model.count_params()
        one = tf.keras.Sequential([tf.keras.layers.Dense(1)])
        prepare(one)
        one.count_params()
    """,
    "a model that is called": """
        import tensorflow as tf
        one = tf.keras.Sequential([tf.keras.layers.Dense(1)])
        one(tf.zeros((1, 3)))
        one.count_params()
    """,
    "a model in a function": """
        import tensorflow as tf
        one = tf.keras.Sequential([tf.keras.layers.Dense(1)])
        def told():
            return one.count_params()
        one.build((None, 3))
        told()
    """,
    "metrics that aren't known": """
        import tensorflow as tf
        model = tf.keras.Sequential()
        model.compile("sgd", "mse", metrics=metrics)
        model.fit(1).history["acc"]
        other = tf.keras.Sequential()
        other.compile("sgd", "mse", metrics=["accuracy", tf.keras.metrics.BinaryAccuracy(name="acc")])
        other.fit(1).history["acc"]
    """,
    "lists of what isn't a number": """
        import tensorflow as tf
        model = tf.keras.Sequential()
        model.predict([one, two]), model.fit([], []), model.predict([[one]]), model.predict(["text"])
    """,
    "lists that become arrays, or may hold some": """
        import numpy as np
        import tensorflow as tf
        model = tf.keras.Sequential()
        rows, labels, inputs, texts = [], [], [], []
        for row in read():
            rows.append([float(one) for one in row])
            labels.append(int(row[0]))
            inputs.append(np.ones(3))
            texts.append(row[1])
        model.fit(np.array(rows), np.array(labels)), model.fit(inputs), model.fit(inputs, np.array(labels))
        model.predict(inputs), model.predict([one for one in inputs]), model.fit(inputs, texts)
        rows = np.array(rows)
        labels = tf.constant(labels)
        model.fit(rows, labels), model.fit(rows[:3], labels[:3], validation_data=(rows, labels))
        def train(rows, labels):
            model.fit(rows, labels)
        pairs = []
        pairs.append(1)
        pairs = tf.data.Dataset.from_tensor_slices(pairs)
        model.fit(pairs)
        other = []
        other.append(2)
        change(other)
        other += [np.ones(2)]
        model.fit(np.ones(2), other)
    """,
    "what a test expects": """
        import pytest
        import tensorflow as tf
        model = tf.keras.Sequential()
        with pytest.raises(AttributeError):
            model.fit_generator(1)
        with pytest.raises(ValueError, match="extension"):
            model.save("mymodel")
    """,
    "another model is loaded than the one with a short loss": """
        import tensorflow as tf
        one, two = tf.keras.Sequential(), tf.keras.Sequential()
        one.compile("sgd", "mse")
        two.compile("sgd", "binary_crossentropy")
        two.save("kept.h5")
        tf.keras.models.load_model("kept.h5")
    """,
    "an own function of the same name": """
        import tensorflow as tf
        def build():
            return tf.keras.Sequential()
        def build():
            return load()
        model = build()
        model.fit_generator(1)
    """,
    "a function that returns one or the other": """
        import tensorflow as tf
        def build(old):
            if old:
                return load()
            return tf.keras.Sequential()
        build(True).fit_generator(1)
    """,
    "decorated": """
        import tensorflow as tf
        @wrapped
        def build():
            return tf.keras.Sequential()
        @wrapped
        class Own(tf.keras.Model): pass
        build().fit_generator(1), Own().fit_generator(1)
    """,
    "a mixed class": """
        import tensorflow as tf
        class Own(Mixin, tf.keras.Model): pass
        Own().fit_generator(1)
    """,
    "values that exist": """
        import tensorflow as tf
        model = tf.keras.Sequential()
        out = model(tf.ones((1, 3)))
        tf.nn.relu(out), tf.reduce_mean(tf.keras.layers.Dense(1)(tf.ones((1, 3))))
    """,
}  # fmt: skip


@pytest.mark.parametrize("keras", [2, 3, None])
def test_what_is_right_has_none(keras: Generation | None) -> None:
    assert patterns(RIGHT, keras) == []


@pytest.mark.parametrize("source", LOOK_ALIKES.values(), ids=LOOK_ALIKES.keys())
def test_look_alikes_have_none(source: str) -> None:
    compile(textwrap.dedent(source), "starter.py", "exec")
    assert patterns(source) == patterns(source, 2) == []


def test_a_module_of_the_project_is_no_library(tmp_path: Path) -> None:
    (tmp_path / "keras.py").touch()
    (tmp_path / "numpy").mkdir()
    (tmp_path / "numpy" / "core.py").touch()
    source = "import keras, numpy as np\nkeras.optimizers.Adam(lr=1), np.float\n"
    assert inspect(source, keras=3, modules=frozenset(), project=tmp_path) == []
    assert [one.pattern for one in inspect(source, keras=3, modules=None, project=None)] == [
        "optimizer-lr",
        "numpy-1-24",
    ]


@pytest.mark.parametrize("keras", [2, 3, None])
@pytest.mark.parametrize("file", [one for one in HONEST if one.is_file()], ids=lambda file: file.name)
def test_honest_programs_of_today_have_none(file: Path, keras: Generation | None) -> None:
    assert patterns(file.read_text("utf-8"), keras) == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("# os.environ['TF_USE_LEGACY_KERAS'] = '1'\n{}", ["save-name"]),
        ("import os\nos.environ['TF_USE_LEGACY_KERAS'] = '0'\n{}", ["save-name"]),
        ("import os\nos.environ['TF_USE_LEGACY_KERAS'] = '1'\n{}", []),
        ("import os\nos.environ.setdefault('TF_USE_LEGACY_KERAS', '1')\n{}", []),
        ("import os\nos.environ.update(TF_USE_LEGACY_KERAS='1')\n{}", []),
        ("import tf_keras\n{}", []),
    ],
)
def test_a_program_may_take_keras_2_by_itself(source: str, expected: list[str]) -> None:
    assert patterns(source.format("import tensorflow as tf\ntf.keras.Sequential().save('mymodel')")) == expected


@pytest.mark.parametrize(
    "line",
    [
        "history['lr']",
        "history.get('lr')",
        "rates = history['lr']",
        "logs = {}\nlogs['loss'] = history['lr']",
        "if 'loss' in other:\n    pass\nhistory['lr']",
    ],
)
def test_a_key_is_told_where_nothing_else_gives_it(line: str) -> None:
    source = f"{KERAS}other = {{}}\nhistory = tf.keras.Sequential().fit(1).history\n{line}\n"
    assert patterns(source) == ["history-lr"]
