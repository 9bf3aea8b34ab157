"""Fixes change what they are about and nothing else, in any text, and never in another text."""

from __future__ import annotations

import pytest

from mockexam.inspections.edits import StaleTextError, applied, fix_all
from mockexam.inspections.findings import Edit, Finding
from mockexam.inspections.inspection import inspect

HEAD = "import numpy as np\nimport tensorflow as tf\nmodel = tf.keras.Sequential()\n"


def findings(source: str) -> list[Finding]:
    return inspect(source, keras=3, modules=None, project=None)


def mended(source: str, place: int = 0) -> str:
    """The text with one fix of its first finding made, which has to compile."""
    first = findings(source)[0]
    changed = applied(source, first.fixes[place].edits, first.digest)
    compile(changed, "starter.py", "exec")
    return changed


CALLS = {
    "Hangul and emoji before it": ("'모델 😀'; model.fit_generator(자료)", "'모델 😀'; model.fit(자료)"),
    "tabs": ("if 1:\n\tif 2:\n\t\tmodel.fit_generator(a)", "if 1:\n\tif 2:\n\t\tmodel.fit(a)"),
    "a form feed": ("\f\nmodel.fit_generator(\f a)", "\f\nmodel.fit(\f a)"),
    "a continued line": ("model \\\n  .fit_generator(a)", "model \\\n  .fit(a)"),
    "positions": ("model.fit_generator(a, 2, 3)", "model.fit(a, steps_per_epoch=2, epochs=3)"),
    "names": ("model.fit_generator(generator=a, workers=4, epochs=2)", "model.fit(x=a, epochs=2)"),
    "the last is left out": ("model.fit_generator(a, epochs=2, workers=4)", "model.fit(a, epochs=2)"),
    "the last, with a comma": ("model.fit_generator(a, workers=4,)", "model.fit(a, )"),
    "all that there is": ("model.fit_generator(workers=4)", "model.fit()"),
    "two beside each other": (
        "model.fit_generator(a, workers=4, use_multiprocessing=True, epochs=2)",
        "model.fit(a, epochs=2)",
    ),
    "two at the end": (
        "model.fit_generator(a, workers=4, use_multiprocessing=True)",
        "model.fit(a)",
    ),
    "several lines": (
        "model.fit_generator(\n    a,\n    workers=4,\n    epochs=2,\n)",
        "model.fit(\n    a,\n    epochs=2,\n)",
    ),
    "comments": (
        "model.fit_generator(a,  # data\n    workers=4,  # fast\n    epochs=2)  # end",
        "model.fit(a,  # data\n      # fast\n    epochs=2)  # end",
    ),
    "a comment before the last": (
        "model.fit_generator(a,  # data (all\n    workers=4)",
        "model.fit(a,  # data (all\n    )",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after"), CALLS.values(), ids=CALLS.keys())
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_call_is_changed_in_place(before: str, after: str, newline: str) -> None:
    source = (HEAD + before + "\nprint('끝')\n").replace("\n", newline)
    assert mended(source) == (HEAD + after + "\nprint('끝')\n").replace("\n", newline)


FIXES = {
    "quotes are kept": ('model.save(r"mine")', 'model.save(r"mine.keras")'),
    "three quotes": ("model.save('''mine''')", "model.save('''mine.keras''')"),
    "an f-string": ("model.save(f'{1}/mine')", "model.save(f'{1}/mine.keras')"),
    "texts in a row": ("model.save('a/' 'mine')", "model.save('a/' 'mine.keras')"),
    "where the name was given": ("n = 'mine'\nmodel.save(n)\nm = n", "n = 'mine.keras'\nmodel.save(n)\nm = n"),
    "another ending": ("model.save_weights('w.h5')", "model.save_weights('w.weights.h5')"),
    "where it is loaded": ("model.save('a')\ntf.keras.models.load_model('a')",
                           "model.save('a.keras')\ntf.keras.models.load_model('a.keras')"),
    "with the format": ("model.save('a', save_format='tf')", "model.save('a.keras')"),
    "decay": ("tf.keras.optimizers.SGD(0.1, decay=1e-6, momentum=0.9)",
              "tf.keras.optimizers.SGD(tf.keras.optimizers.schedules.InverseTimeDecay(0.1, decay_steps=1, "
              "decay_rate=1e-6), momentum=0.9)"),
    "decay of a default": ("tf.keras.optimizers.SGD(decay=0.1)",
                           "tf.keras.optimizers.SGD(learning_rate=tf.keras.optimizers.schedules.InverseTimeDecay(0.01, "
                           "decay_steps=1, decay_rate=0.1))"),
    "no decay": ("tf.keras.optimizers.Adam(0.1, decay=0.0)", "tf.keras.optimizers.Adam(0.1)"),
    "an imported optimizer": ("from keras.optimizers import Adam\nAdam(decay=0.1)",
                              "from keras.optimizers import Adam\nAdam(learning_rate=tf.keras.optimizers.schedules."
                              "InverseTimeDecay(0.001, decay_steps=1, decay_rate=0.1))"),
    "add": ("if 1:\n    model.add(tf.keras.layers.LSTM(3, batch_input_shape=(1, 2, 3)))",
            "if 1:\n    model.add(tf.keras.Input(batch_shape=(1, 2, 3)))\n    model.add(tf.keras.layers.LSTM(3))"),
    "an imported name": ("from tensorflow.keras.metrics import mean_absolute_error\nmean_absolute_error(1, 2)",
                         "from tensorflow.keras.metrics import mae as mean_absolute_error\nmean_absolute_error(1, 2)"),
    "two brackets in each other": ("print(np.sum(model.predict_classes(a[0](1))))",
                                   "print(np.sum(np.argmax(model.predict(a[0](1)), axis=-1)))"),
    "a list over lines": ("model.predict([\n    1.0,\n    2.0,\n])",
                         "model.predict(np.array([\n    1.0,\n    2.0,\n]))"),
    "a text as metric": ("model.compile('sgd', 'mse', metrics=('accuracy'))",
                         "model.compile('sgd', 'mse', metrics=[('accuracy')])"),
    "a short name of a metric": ("model.compile('sgd', 'mse', metrics=['mae', \"rmse\"])",
                                 "model.compile('sgd', 'mse', metrics=['mae', \"RootMeanSquaredError\"])"),
    "one name of several": ("from keras.utils import np_utils, plot_model",
                            "from keras import utils as np_utils\nfrom keras.utils import plot_model"),
    "the last name of several": ("if 1:\n    from keras.utils import plot_model, np_utils as u",
                                 "if 1:\n    from keras import utils as u\n    from keras.utils import plot_model"),
    "a metric in a path": ("model.compile('sgd', metrics=['accuracy'])\nn = 'w-{epoch:02d}-{val_acc:.2f}.h5'\n"
                           "tf.keras.callbacks.ModelCheckpoint(n)",
                           "model.compile('sgd', metrics=['accuracy'])\nn = 'w-{epoch:02d}-{val_accuracy:.2f}.h5'\n"
                           "tf.keras.callbacks.ModelCheckpoint(n)"),
    "a key in double quotes": ('model.fit(1).history["lr"]', 'model.fit(1).history["learning_rate"]'),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after"), FIXES.values(), ids=FIXES.keys())
def test_a_fix_says_the_same_in_todays_words(before: str, after: str) -> None:
    assert mended(HEAD + before + "\n") == HEAD + after + "\n"


@pytest.mark.parametrize(
    ("head", "with_import"),
    [
        ("import tensorflow as tf\n", "import numpy as np\nimport tensorflow as tf\n"),
        ('"""Text."""\nimport tensorflow as tf\n', '"""Text."""\nimport numpy as np\nimport tensorflow as tf\n'),
        ("from __future__ import annotations\nimport tensorflow as tf\n",
         "from __future__ import annotations\nimport numpy as np\nimport tensorflow as tf\n"),
        ("# coding: utf-8\n\nimport tensorflow as tf\n",
         "# coding: utf-8\n\nimport numpy as np\nimport tensorflow as tf\n"),
        ("import numpy as n\nimport tensorflow as tf\n", "import numpy as n\nimport tensorflow as tf\n"),
    ],
)  # fmt: skip
def test_numpy_is_imported_where_it_is_needed(head: str, with_import: str) -> None:
    name = "n" if "as n\n" in head else "np"
    body = "model = tf.keras.Sequential()\nmodel.predict({}[1.0]{})\n"
    assert mended(head + body.format("", "")) == with_import + body.format(f"{name}.array(", ")")


@pytest.mark.parametrize("taken", ["np = 1", "def np(): pass", "from other import np"])
def test_no_fix_takes_a_name_that_means_something_else(taken: str) -> None:
    source = f"import tensorflow as tf\n{taken}\ntf.keras.Sequential().predict([1.0])\n"
    assert [one.fixes for one in findings(source)] == [()]


def test_all_of_a_kind_are_mended_at_once() -> None:
    source = HEAD + "model.predict([1.0])\nmodel.predict([2.0, 3.0])\nmodel.fit_generator(1)\n"
    edits = fix_all(source, "predict-list", "array", keras=3)
    assert applied(source, edits) == (
        HEAD + "model.predict(np.array([1.0]))\nmodel.predict(np.array([2.0, 3.0]))\nmodel.fit_generator(1)\n"
    )


def test_all_of_a_kind_import_once() -> None:
    source = "import tensorflow as tf\nm = tf.keras.Sequential()\nm.predict([1.0])\nm.predict([2.0])\n"
    changed = applied(source, fix_all(source, "predict-list", "array", keras=3))
    assert changed.count("import numpy as np\n") == 1
    assert findings(changed) == []


def test_fixes_in_each_other_are_made_one_after_the_other() -> None:
    source = HEAD + "model.predict_classes(model.predict_classes(x))\n"
    while edits := fix_all(source, "predict-classes", "argmax", keras=3):
        source = applied(source, edits)
        compile(source, "starter.py", "exec")
    assert source == HEAD + "np.argmax(model.predict(np.argmax(model.predict(x), axis=-1)), axis=-1)\n"


def test_either_fix_of_a_kind_can_be_chosen() -> None:
    source = HEAD + "a = model.predict_classes(x)\n"
    assert [fix.name for fix in findings(source)[0].fixes] == ["argmax", "threshold"]
    assert mended(source, 1) == HEAD + 'a = (model.predict(x) > 0.5).astype("int32")\n'
    sigmoid = HEAD + "model.add(tf.keras.layers.Dense(1, activation='sigmoid'))\na = model.predict_classes(x)\n"
    assert [fix.name for fix in findings(sigmoid)[0].fixes] == ["threshold", "argmax"]


def test_another_text_is_refused() -> None:
    source = HEAD + "model.fit_generator(1)\n"
    first = findings(source)[0]
    for other in (source + "\n", "", source.replace("fit_generator", "fit_generatoR"), source.replace("\n", "\r\n")):
        with pytest.raises(StaleTextError):
            applied(other, first.fixes[0].edits, first.digest)
    with pytest.raises(StaleTextError):
        applied(source.replace("fit_generator", "fit_generatoR"), first.fixes[0].edits)
    with pytest.raises(StaleTextError):
        applied("a", [Edit(3, 0, 3, 1, "b", "a")])


NO_FIX = {
    "stars": "model.fit_generator(*arguments)",
    "keywords from elsewhere": "model.fit_generator(a, **settings)",
    "a rate that may be a schedule": "tf.keras.optimizers.Adam(rate, decay=0.1)",
    "a rate that is set": "tf.keras.optimizers.Adam(0.1, decay=0.1)\n"
    "tf.keras.callbacks.ReduceLROnPlateau()",
    "lr beside learning_rate": "tf.keras.optimizers.Adam(learning_rate=0.1, lr=0.1)",
    "batches over time": "tf.keras.layers.LSTM(3, time_major=True)",
    "every fifth epoch": "tf.keras.callbacks.ModelCheckpoint('a.h5', period=5)",
    "weights": "tf.keras.layers.Dense(3, weights=[1, 2])",
}  # fmt: skip


@pytest.mark.parametrize("code", NO_FIX.values(), ids=NO_FIX.keys())
def test_no_fix_is_offered_where_none_is_sure(code: str) -> None:
    found = findings(HEAD + code + "\n")
    assert found
    assert [one.fixes for one in found] == [()]
