import numpy as np
import tensorflow as tf
from tensorflow import keras

base = keras.applications.MobileNetV2(input_shape=(96, 96, 3), include_top=False, weights=None)
base.trainable = False
print(base.output_shape, base.input_shape, base.output.shape, base.input.shape)
flip = keras.Sequential([keras.layers.RandomFlip("horizontal"), keras.layers.RandomRotation(0.1)])
inputs = keras.Input(shape=(96, 96, 3))
x = keras.applications.mobilenet_v2.preprocess_input(inputs)
x = base(flip(x), training=False)
x = keras.layers.GlobalAveragePooling2D()(x)
outputs = keras.layers.Dense(1, activation="sigmoid")(x)
model = keras.Model(inputs, outputs)
model.compile(keras.optimizers.RMSprop(1e-4), "binary_crossentropy", metrics=["accuracy"])
for layer in base.layers[-20:]:
    layer.trainable = True
    print(layer.name, layer.output.shape, layer.get_config())
model.optimizer.learning_rate.assign(1e-5)
model.optimizer.learning_rate = 1e-5
classes = (model.predict(np.ones((1, 96, 96, 3))) > 0.5).astype("int32")
grads = tf.keras.Model(model.inputs, [base.output, model.output]) if False else None
sequential = keras.Sequential([keras.Input((8,)), keras.layers.Dense(2)])
print(sequential.input_shape, sequential.output_shape, sequential.inputs, sequential.outputs)
