"""Reference solution: four convolutions, with pictures mirrored and shifted while training."""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).parent
DATA = HERE / "data"
SIZE = (80, 80)
EPOCHS = 16


def pictures(part, shuffle):
    dataset = tf.keras.utils.image_dataset_from_directory(
        DATA / part, image_size=SIZE, batch_size=32, label_mode="binary", shuffle=shuffle
    )
    return dataset.map(lambda image, label: (image / 255.0, label)).cache()


def solution_model():
    layers = tf.keras.layers
    # Outside the saved model: it needs no random layers to predict.
    augment = tf.keras.Sequential(
        [layers.RandomFlip("horizontal"), layers.RandomTranslation(0.1, 0.1, fill_mode="nearest")]
    )
    train = pictures("train", shuffle=True).map(lambda image, label: (augment(image, training=True), label)).prefetch(2)
    validation = pictures("validation", shuffle=False).prefetch(2)
    model = tf.keras.Sequential(
        [
            tf.keras.Input(shape=(*SIZE, 3)),
            layers.Conv2D(16, 3, strides=2, activation="relu"),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.Flatten(),
            layers.Dropout(0.4),
            layers.Dense(64, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    schedule = tf.keras.optimizers.schedules.CosineDecay(1.5e-3, EPOCHS * len(train))
    model.compile(tf.keras.optimizers.Adam(schedule), loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(train, validation_data=validation, epochs=EPOCHS, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.h5")
