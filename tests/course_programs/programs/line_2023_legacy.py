import numpy as np
import tensorflow as tf

def solution_model():
    data = np.loadtxt('data/points.csv', delimiter=',', skiprows=1, dtype='float32')
    x, y = data[:, :1], data[:, 1:]
    model = tf.keras.Sequential([
        tf.keras.layers.Input(shape=(1,)),
        tf.keras.layers.Dense(1),
    ])
    model.compile(optimizer=tf.keras.optimizers.legacy.Adam(learning_rate=0.5), loss='huber_loss')
    model.fit(x, y, epochs=150, verbose=2)
    print(model.layers[0].output_shape)
    return model

if __name__ == '__main__':
    model = solution_model()
    model.save('mymodel', save_format='h5')
    model.save('mymodel.h5')
