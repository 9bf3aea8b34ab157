import math

import keras
import numpy as np
import tensorflow as tf


class Batches(keras.utils.PyDataset):
    def __init__(self, x, y, size, **more):
        super().__init__(workers=2, use_multiprocessing=False, max_queue_size=10, **more)
        self.x, self.y, self.size = x, y, size

    def __len__(self):
        return math.ceil(len(self.x) / self.size)

    def __getitem__(self, at):
        part = slice(at * self.size, (at + 1) * self.size)
        return self.x[part], self.y[part]

    def next(self):
        return self[0]


x, y = np.random.rand(40, 4), np.random.rand(40)
batches = Batches(x, y, 8, workers=1)
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
model.fit(batches, epochs=1, steps_per_epoch=len(batches))
model.fit(x, y, steps_per_epoch=int(len(x) / 8), validation_data=[x, y], validation_steps=40 // 8)
model.fit(x, y, steps_per_epoch=math.floor(40 / 8), verbose=0)
model.fit(x, y, steps_per_epoch=round(40 / 8), verbose=0)
steps = 40 / 8
model.fit(x, y, steps_per_epoch=int(steps), verbose=0)
batches.next()
iterator = iter(tf.data.Dataset.from_tensor_slices(x).batch(4))
print(next(iterator), iterator.get_next())
