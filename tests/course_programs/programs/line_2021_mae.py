import pandas as pd
import tensorflow as tf

frame = pd.read_csv('data/points.csv')
x = frame.iloc[:, 0].values.astype('float32')
y = frame.iloc[:, 1].values.astype('float32')
model = tf.keras.models.Sequential([tf.keras.layers.Dense(1, input_shape=(1,))])
model.compile(loss='mse', optimizer=tf.keras.optimizers.RMSprop(learning_rate=0.05, decay=1e-3), metrics='mae')
model.fit(x, y, epochs=120, verbose=0)
forecast = model.predict(x)[:, 0]
print('MAE', tf.keras.metrics.mean_absolute_error(y, forecast).numpy())
print('MSE', tf.keras.losses.mean_squared_error(y, forecast).numpy())
model.save('mymodel.h5')
