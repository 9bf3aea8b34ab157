"""Reference solution: a small convolutional network that makes its own channel axis."""

from pathlib import Path

import tensorflow as tf
import tensorflow_datasets as tfds

HERE = Path(__file__).parent
DATA = HERE / "data"


def preprocess(image, label):
    image = tf.squeeze(tf.cast(image, tf.float32) / 255.0, axis=-1)
    return image, label


def pictures(split):
    examples = tfds.load("fashion_mnist", data_dir=DATA, download=False, split=split, as_supervised=True)
    return examples.map(preprocess).cache()


def solution_model():
    train = pictures("train").shuffle(12_000).batch(64).prefetch(2)
    test = pictures("test").batch(500).prefetch(2)
    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [
            tf.keras.Input(shape=(28, 28)),
            layers.Reshape((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.4),
            layers.Dense(128, activation="relu"),
            layers.Dropout(0.3),
            layers.Dense(10, activation="softmax"),
        ]
    )
    schedule = tf.keras.optimizers.schedules.CosineDecay(2e-3, 12 * len(train))
    model.compile(tf.keras.optimizers.Adam(schedule), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(train, validation_data=test, epochs=12, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.h5")
