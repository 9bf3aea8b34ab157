"""Reference solution: one hidden layer; the species lie apart once the measures have the same size."""

from pathlib import Path

import tensorflow as tf
import tensorflow_datasets as tfds

HERE = Path(__file__).parent
DATA = HERE / "data"
MEASURES = [
    ("culmen_length_mm", 44.0, 5.5),
    ("culmen_depth_mm", 17.0, 2.0),
    ("flipper_length_mm", 200.0, 14.0),
    ("body_mass_g", 4200.0, 800.0),
]


def preprocess(features, label):
    inputs = tf.stack([(features[name] - mean) / deviation for name, mean, deviation in MEASURES], axis=-1)
    return inputs, label


def examples():
    birds = tfds.load("penguins/simple", data_dir=DATA, download=False, split="train", as_supervised=True)
    return birds.map(preprocess).cache().shuffle(300).batch(16)


def solution_model():
    train = examples()
    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [
            tf.keras.Input(shape=(4,)),
            layers.Dense(16, activation="relu"),
            layers.Dense(3, activation="softmax"),
        ]
    )
    optimizer = tf.keras.optimizers.Adam(0.01)
    model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(train, epochs=40, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.h5")
