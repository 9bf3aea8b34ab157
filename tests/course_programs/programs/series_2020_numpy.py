import csv
import numpy as np
import tensorflow as tf

WINDOW, HORIZON, LARGEST = 30, 12, 253.8
with open("data/sunspots.csv") as file:
    reader = csv.DictReader(file)
    series = np.array([float(row["sunspots"]) for row in reader], dtype=np.float32) / LARGEST

x = np.array([series[i:i + WINDOW] for i in range(len(series) - WINDOW - HORIZON)])[..., np.newaxis]
y = np.array([series[i + WINDOW + HORIZON - 1] for i in range(len(series) - WINDOW - HORIZON)])
model = tf.keras.Sequential([
    tf.keras.layers.Flatten(input_shape=(30, 1)),
    tf.keras.layers.Dense(10, activation='relu'),
    tf.keras.layers.Dense(1)
])
model.compile(loss='mse', optimizer=tf.keras.optimizers.SGD(lr=1e-2, momentum=0.9, decay=1e-4))
model.fit(x, y, epochs=2, batch_size=32, verbose=0)
forecast = model.predict(x[-100:])[:, 0]
print(tf.keras.metrics.mean_squared_error(y[-100:], forecast).numpy())
print(tf.keras.metrics.mean_absolute_error(y[-100:], forecast).numpy())
model.save('mymodel.h5')
