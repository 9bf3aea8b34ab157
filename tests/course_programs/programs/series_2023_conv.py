import csv
import numpy as np
import tensorflow as tf

WINDOW, HORIZON, LARGEST = 30, 12, 253.8
with open("data/sunspots.csv") as file:
    reader = csv.DictReader(file)
    series = np.array([float(row["sunspots"]) for row in reader], dtype=np.float32) / LARGEST

x = np.array([series[i:i + WINDOW] for i in range(len(series) - WINDOW - HORIZON)])[..., np.newaxis]
y = np.array([series[i + WINDOW + HORIZON - 1] for i in range(len(series) - WINDOW - HORIZON)])[:, np.newaxis]
model = tf.keras.Sequential([
    tf.keras.layers.Conv1D(8, 3, activation='relu', input_shape=(30, 1)),
    tf.keras.layers.GlobalAveragePooling1D(),
    tf.keras.layers.Dense(1),
])
model.compile(loss='mae', optimizer=tf.keras.optimizers.experimental.Adam(1e-3))
model.fit(x, y, epochs=2, verbose=2)
print(np.mean(np.abs(model.predict(x[:64]) - y[:64])), model.optimizer.lr.numpy())
model.save('mymodel.tf')
model.save('mymodel.h5')
