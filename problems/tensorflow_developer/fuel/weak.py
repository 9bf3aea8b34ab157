"""A linear model: it must not pass."""

import tensorflow as tf
from solution import HERE, examples

if __name__ == "__main__":
    inputs, labels = examples()
    model = tf.keras.Sequential([tf.keras.Input(shape=(9,)), tf.keras.layers.Dense(1)])
    model.compile(tf.keras.optimizers.Adam(0.1), loss="mae")
    model.fit(inputs, labels, batch_size=32, epochs=100, verbose=2)
    model.save(HERE / "mymodel.h5")
