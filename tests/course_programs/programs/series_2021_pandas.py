import pandas as pd
import numpy as np
import tensorflow as tf
from tensorflow.python.keras.callbacks import EarlyStopping

series = (pd.read_csv('data/sunspots.csv')['sunspots'].values / 253.8).astype('float32')
x = np.array([series[i:i + 30] for i in range(len(series) - 42)])[..., None]
y = series[41:41 + len(x)]
model = tf.keras.Sequential([tf.keras.layers.GRU(6, input_shape=(30, 1)), tf.keras.layers.Dense(1)])
model.compile('adam', 'mae')
model.fit(x, y, epochs=1, batch_size=128, validation_split=0.1, callbacks=[EarlyStopping(monitor='val_loss', patience=2)], verbose=2)
model.save('mymodel.h5')
