import keras
import tensorflow as tf


class Warm(tf.keras.optimizers.Adam):
    """An optimizer that takes lr."""

    def __init__(self, lr=0.1, decay=0.0, **more):
        super().__init__(learning_rate=lr, **more)
        self.decay = decay

    @property
    def lr(self):
        return self.learning_rate


optimizer = Warm(lr=0.01, decay=1e-3)
print(optimizer.lr)
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
model.compile(optimizer, "mse")
print(model.optimizer.lr)


class Padded(keras.layers.Layer):
    def __init__(self, width, weights=None, input_length=None, **more):
        super().__init__(**more)
        self.width = width

    @property
    def output_shape(self):
        return (None, self.width)

    def call(self, inputs):
        return tf.concat([inputs, tf.zeros_like(inputs)], axis=-1)

    def reset_states(self):
        pass


layer = Padded(4, weights=[1.0], input_length=3)
print(layer.output_shape, layer.reset_states())
