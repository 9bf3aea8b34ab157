import csv
import numpy as np
import tensorflow as tf

WINDOW, HORIZON, LARGEST = 30, 12, 253.8
with open("data/sunspots.csv") as file:
    reader = csv.DictReader(file)
    series = np.array([float(row["sunspots"]) for row in reader], dtype=np.float32) / LARGEST

x = np.array([series[i:i + WINDOW] for i in range(2000)])[..., np.newaxis]
y = np.array([series[i + WINDOW + HORIZON - 1] for i in range(2000)])[:, np.newaxis]
class ResetStatesCallback(tf.keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs):
        self.model.reset_states()

model = tf.keras.Sequential([
    tf.keras.layers.SimpleRNN(8, input_shape=[30, 1]),
    tf.keras.layers.Dense(1)
])
model.compile(loss='huber_loss', optimizer=tf.keras.optimizers.Adam(lr=1e-3), metrics=['mae'])
model.fit(x, y, epochs=2, callbacks=[ResetStatesCallback()], verbose=2)
model.save('mymodel.h5')
