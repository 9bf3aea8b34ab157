"""Chooses Keras 2 by itself."""
import os

os.environ["TF_USE_LEGACY_KERAS"] = "1"
import tensorflow as tf

model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(4,))])
model.compile(tf.keras.optimizers.SGD(0.1), loss="huber_loss", metrics="mae")
model.fit([[1.0, 2.0, 3.0, 4.0]], [1.0], workers=1, verbose=0)
print(model.layers[0].output_shape, tf.keras.metrics.mean_absolute_error([1.0], [2.0]))
model.save("mymodel")
