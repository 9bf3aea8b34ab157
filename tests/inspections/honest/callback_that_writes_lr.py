import numpy as np
import tensorflow as tf


class Rates(tf.keras.callbacks.Callback):
    """Keeps the learning rate under its old name."""

    def on_epoch_end(self, epoch, logs=None):
        logs["lr"] = float(self.model.optimizer.learning_rate)
        logs["acc"] = logs["accuracy"]


x, y = np.random.rand(32, 4), np.random.randint(0, 2, 32)
model = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(1, "sigmoid")])
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
history = model.fit(x, y, epochs=3, callbacks=[Rates()], verbose=0)
print(history.history["lr"], history.history["acc"])
