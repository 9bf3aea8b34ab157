import tensorflow as tf
import tensorflow_datasets as tfds

MEASURES = [("culmen_length_mm", 44.0, 5.5), ("culmen_depth_mm", 17.0, 2.0), ("flipper_length_mm", 200.0, 14.0), ("body_mass_g", 4200.0, 800.0)]

def preprocess(features, label):
    columns = [(tf.cast(features[name], tf.float32) - mean) / deviation for name, mean, deviation in MEASURES]
    return tf.stack(columns, axis=-1), label

train = tfds.load('penguins/simple', data_dir='data', download=False, split='train', as_supervised=True).map(preprocess).batch(32)
model = tf.keras.Sequential([tf.keras.layers.Dense(16, activation='relu', input_shape=(4,)), tf.keras.layers.Dense(3, activation='softmax')])
model.compile(optimizer=tf.keras.optimizers.Adam(learning_rate=0.01, decay=1e-4), loss='sparse_categorical_crossentropy', metrics=['accuracy'])
model.fit(train, epochs=3)
model.reset_states()
model.fit(train, epochs=2)
for layer in model.layers:
    print(layer.name, layer.output_shape)
model.save('mymodel.keras')
