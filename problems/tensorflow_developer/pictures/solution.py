"""Reference solution: convolutions pooled to the end, and pictures that are never the same twice."""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).parent
DATA = HERE / "data"
SIZE = (64, 64)
EPOCHS = 24


def pictures(part, shuffle):
    dataset = tf.keras.utils.image_dataset_from_directory(
        DATA / part, image_size=SIZE, batch_size=32, label_mode="int", shuffle=shuffle
    )
    return dataset.map(lambda image, label: (image / 255.0, label)).cache()


def block(filters, strides=1):
    layers = tf.keras.layers
    return [
        layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False),
        layers.BatchNormalization(),
        layers.Activation("relu"),
    ]


def solution_model():
    layers = tf.keras.layers
    # Outside the saved model: it needs no random layers to predict.
    augment = tf.keras.Sequential(
        [
            layers.RandomFlip("horizontal"),
            layers.RandomRotation(0.06, fill_mode="nearest"),
            layers.RandomZoom((-0.15, 0.15), (-0.15, 0.15), fill_mode="nearest"),
            layers.RandomTranslation(0.08, 0.08, fill_mode="nearest"),
        ]
    )
    train = pictures("train", shuffle=True).map(lambda image, label: (augment(image, training=True), label)).prefetch(2)
    validation = pictures("validation", shuffle=False).prefetch(2)
    model = tf.keras.Sequential(
        [
            tf.keras.Input(shape=(*SIZE, 3)),
            *block(16, strides=2),
            *block(32),
            layers.MaxPooling2D(),
            *block(64),
            layers.MaxPooling2D(),
            *block(96),
            layers.GlobalAveragePooling2D(),
            layers.Dropout(0.4),
            layers.Dense(3, activation="softmax"),
        ]
    )
    schedule = tf.keras.optimizers.schedules.CosineDecay(3e-3, EPOCHS * len(train))
    model.compile(tf.keras.optimizers.Adam(schedule), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    weight = {0: 1.0, 1: 1.0, 2: 2.0}  # vehicles are rare in training, and not in the tests
    model.fit(train, validation_data=validation, epochs=EPOCHS, class_weight=weight, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.h5")
