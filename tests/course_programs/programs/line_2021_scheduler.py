import numpy as np
import tensorflow as tf
import matplotlib.pyplot as plt

points = np.genfromtxt('data/points.csv', delimiter=',', skip_header=1, dtype='float32')
xs, ys = points[:, 0], points[:, 1]
model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=[1])])
lr_schedule = tf.keras.callbacks.LearningRateScheduler(lambda epoch: 1e-4 * 10 ** (epoch / 40))
optimizer = tf.keras.optimizers.SGD(lr=1e-4, momentum=0.9)
model.compile(loss='mse', optimizer=optimizer)
history = model.fit(xs, ys, epochs=60, callbacks=[lr_schedule], verbose=0)
lrs = history.history['lr']
plt.semilogx(lrs, history.history['loss'])
plt.show()
print('best', lrs[int(np.argmin(history.history['loss']))])
model.save('mymodel.h5')
