import csv
import numpy as np
import tensorflow as tf

WINDOW, HORIZON, LARGEST = 30, 12, 253.8
with open("data/sunspots.csv") as file:
    reader = csv.DictReader(file)
    series = np.array([float(row["sunspots"]) for row in reader], dtype=np.float32) / LARGEST

x = np.array([series[i:i + WINDOW] for i in range(1600)])[..., np.newaxis]
y = np.array([series[i + WINDOW + HORIZON - 1] for i in range(1600)])[:, np.newaxis]
model = tf.keras.Sequential([
    tf.keras.layers.LSTM(6, batch_input_shape=(None, 30, 1)),
    tf.keras.layers.Dense(1),
])
model.compile(loss=tf.keras.losses.mean_absolute_error, optimizer='adam')
model.fit(x, y, epochs=1, batch_size=64, verbose=2, max_queue_size=10)
model.save('mymodel.h5', save_format='h5')
