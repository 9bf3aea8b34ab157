"""Reference solution: a small convolutional network that makes its own channel axis."""

from pathlib import Path

import tensorflow as tf
import tensorflow_datasets as tfds

HERE = Path(__file__).parent
DATA = HERE / "data"


def preprocess(image, label):
    image = tf.squeeze(tf.cast(image, tf.float32) / 255.0, axis=-1)
    return image, label


def solution_model(epochs=6):
    train = tfds.load("mnist", data_dir=DATA, download=False, split="train[:90%]", as_supervised=True)
    kept = tfds.load("mnist", data_dir=DATA, download=False, split="train[90%:]", as_supervised=True)
    train = train.shuffle(10_000).map(preprocess, tf.data.AUTOTUNE).batch(32).prefetch(2)
    kept = kept.map(preprocess).batch(32).prefetch(2)
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
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(tf.keras.optimizers.Adam(1e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    stop = tf.keras.callbacks.EarlyStopping(monitor="val_loss", patience=4, restore_best_weights=True)
    model.fit(train, validation_data=kept, epochs=epochs, callbacks=[stop], verbose=2)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
