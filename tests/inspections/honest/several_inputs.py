import numpy as np
import tensorflow as tf
from tensorflow.keras import Input, Model, layers

number, picture = Input((1,), name="number"), Input((8, 8, 1), name="picture")
merged = layers.concatenate([number, layers.Flatten()(picture)])
model = Model([number, picture], [layers.Dense(1, name="a")(merged), layers.Dense(3, "softmax", name="b")(merged)])
model.compile("adam", {"a": "mse", "b": "sparse_categorical_crossentropy"}, metrics={"a": ["mae"], "b": ["accuracy"]})
numbers, pictures = np.ones((4, 1)), np.ones((4, 8, 8, 1))
history = model.fit([numbers, pictures], [np.ones(4), np.zeros(4)], verbose=0)
print(history.history["b_accuracy"], model.predict([numbers, pictures]), model.predict((numbers, pictures)))
model.predict([np.array([1.0]), np.ones((1, 8, 8, 1))])
model.predict({"number": numbers, "picture": pictures})
one, two = model.input, model.output
print(model.input_shape, model.output_shape, [layer.name for layer in model.layers])
part = Model(model.inputs, model.get_layer("a").output)
x = layers.Lambda(lambda t: tf.expand_dims(t, -1))(number)
x = np.ones(3)
tf.reduce_mean(x), tf.expand_dims(x, -1)
