"""A classifier in the functional API of Keras 3."""
import os

os.environ["KERAS_BACKEND"] = "tensorflow"
import keras
import numpy as np
from keras import layers, ops

inputs = keras.Input(shape=(28, 28, 1), batch_size=None, name="picture")
x = layers.Rescaling(1.0 / 255)(inputs)
x = layers.Conv2D(16, 3, activation="relu")(x)
x = ops.mean(x, axis=(1, 2))
outputs = layers.Dense(10, activation="softmax")(x)
model = keras.Model(inputs, outputs)
model.compile(
    optimizer=keras.optimizers.AdamW(learning_rate=keras.optimizers.schedules.CosineDecay(1e-3, 1000)),
    loss=keras.losses.SparseCategoricalCrossentropy(),
    metrics=["accuracy"],
    jit_compile=False,
)
pictures, labels = np.random.rand(32, 28, 28, 1), np.random.randint(0, 10, 32)
history = model.fit(pictures, labels, epochs=2, validation_split=0.25)
print(max(history.history["val_accuracy"]), model.output_shape, inputs.shape, model.layers[2].output.shape)
print(keras.losses.mean_absolute_error(np.ones((2, 3)), np.zeros((2, 3))))
print(keras.metrics.mean_squared_error(np.ones((2, 3)), np.zeros((2, 3))))
model.save("mymodel.keras")
model.export("served")
again = keras.saving.load_model("mymodel.keras")
print(np.argmax(again.predict(pictures), axis=-1), ops.convert_to_numpy(again(pictures[:1])))
