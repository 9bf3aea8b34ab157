import keras
import numpy as np
from keras.models import Sequential
from keras.layers.core import Dense
import matplotlib.pyplot as plt

rows = np.loadtxt('data/points.csv', delimiter=',', skiprows=1)
x = rows[:, 0].astype(np.float)
y = rows[:, 1].astype(np.float)
model = Sequential()
model.add(Dense(1, input_dim=1))
model.compile(loss='mse', optimizer=keras.optimizers.Adam(lr=0.5))
history = model.fit(x, y, epochs=150, verbose=0)
plt.plot(history.history['loss'])
plt.title('loss')
plt.show()
model.save('mymodel.h5')
