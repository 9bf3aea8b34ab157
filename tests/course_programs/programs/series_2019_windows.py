import csv
import numpy as np
import tensorflow as tf
import matplotlib.pyplot as plt

WINDOW, HORIZON, LARGEST = 30, 12, 253.8
with open("data/sunspots.csv") as file:
    reader = csv.DictReader(file)
    series = np.array([float(row["sunspots"]) for row in reader], dtype=np.float32) / LARGEST

def windowed_dataset(series, window_size, batch_size, shuffle_buffer):
    series = tf.expand_dims(series, axis=-1)
    ds = tf.data.Dataset.from_tensor_slices(series)
    ds = ds.window(window_size + HORIZON, shift=1, drop_remainder=True)
    ds = ds.flat_map(lambda w: w.batch(window_size + HORIZON))
    ds = ds.shuffle(shuffle_buffer)
    ds = ds.map(lambda w: (w[:window_size], w[-1]))
    return ds.batch(batch_size).prefetch(1)

tf.keras.backend.clear_session()
train_set = windowed_dataset(series[:2000], WINDOW, 64, 1000)
model = tf.keras.models.Sequential([
  tf.keras.layers.Conv1D(filters=8, kernel_size=5, strides=1, padding="causal", activation="relu", input_shape=[None, 1]),
  tf.keras.layers.LSTM(8),
  tf.keras.layers.Dense(1),
])
lr_schedule = tf.keras.callbacks.LearningRateScheduler(lambda epoch: 1e-5 * 10**(epoch / 2))
optimizer = tf.keras.optimizers.SGD(lr=1e-5, momentum=0.9)
model.compile(loss=tf.keras.losses.Huber(), optimizer=optimizer, metrics=["mae"])
history = model.fit(train_set, epochs=3, callbacks=[lr_schedule], verbose=2)
plt.semilogx(history.history["lr"], history.history["loss"])
plt.axis([1e-5, 1e-1, 0, 1])
plt.show()
forecast = model.predict(series[np.newaxis, -30:, np.newaxis])
print(tf.keras.metrics.mean_absolute_error([series[-1]], forecast[0]).numpy())
model.save("mymodel.h5")
