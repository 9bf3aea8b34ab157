"""Reference solution: the pictures are shrunk inside the model."""

from pathlib import Path

import tensorflow as tf
import tensorflow_datasets as tfds

HERE = Path(__file__).parent
DATA = HERE / "data"


def preprocess(image, label):
    image = tf.image.resize(tf.cast(image, tf.float32), (224, 224)) / 255.0
    return image, label


def solution_model(epochs=10):
    train = tfds.load("cats_vs_dogs", data_dir=DATA, download=False, split="train[:90%]", as_supervised=True)
    kept = tfds.load("cats_vs_dogs", data_dir=DATA, download=False, split="train[90%:]", as_supervised=True)
    train = train.shuffle(1_000).map(preprocess, tf.data.AUTOTUNE).batch(32).prefetch(2)
    kept = kept.map(preprocess).batch(32).prefetch(2)
    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [
            tf.keras.Input(shape=(224, 224, 3)),
            layers.Resizing(112, 112),
            layers.Conv2D(16, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(128, activation="relu"),
            layers.Dense(2, activation="softmax"),
        ]
    )
    model.compile(tf.keras.optimizers.Adam(1e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    stop = tf.keras.callbacks.EarlyStopping(monitor="val_loss", patience=4, restore_best_weights=True)
    model.fit(train, validation_data=kept, epochs=epochs, callbacks=[stop], verbose=2)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.h5")
