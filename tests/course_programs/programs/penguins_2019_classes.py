import tensorflow as tf
import tensorflow_datasets as tfds
import numpy as np

MEASURES = [("culmen_length_mm", 44.0, 5.5), ("culmen_depth_mm", 17.0, 2.0), ("flipper_length_mm", 200.0, 14.0), ("body_mass_g", 4200.0, 800.0)]

def preprocess(features, label):
    columns = [(tf.cast(features[name], tf.float32) - mean) / deviation for name, mean, deviation in MEASURES]
    return tf.stack(columns, axis=-1), label

birds = tfds.load('penguins/simple', data_dir='data', download=False, split='train', as_supervised=True)
train = birds.map(preprocess).batch(32)
model = tf.keras.models.Sequential([
    tf.keras.layers.Dense(16, activation=tf.nn.relu, input_shape=(4,)),
    tf.keras.layers.Dense(3, activation=tf.nn.softmax)
])
model.compile(optimizer=tf.keras.optimizers.Adam(lr=0.01), loss='sparse_categorical_crossentropy', metrics=['accuracy'])
history = model.fit(train, epochs=5)
print(history.history['acc'][-1])
x = np.concatenate([inputs.numpy() for inputs, _ in train])
print(model.predict_classes(x)[:10])
model.save('mymodel.h5')
