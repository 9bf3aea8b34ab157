import pandas as pd
import tensorflow as tf
import tensorflow_datasets as tfds

MEASURES = [("culmen_length_mm", 44.0, 5.5), ("culmen_depth_mm", 17.0, 2.0), ("flipper_length_mm", 200.0, 14.0), ("body_mass_g", 4200.0, 800.0)]

def preprocess(features, label):
    columns = [(tf.cast(features[name], tf.float32) - mean) / deviation for name, mean, deviation in MEASURES]
    return tf.stack(columns, axis=-1), label

frame = tfds.as_dataframe(tfds.load('penguins/simple', data_dir='data', download=False, split='train'))
y = pd.get_dummies(frame.pop('species')).values.astype('float32')
x = frame[[name for name, _, _ in MEASURES]].values.astype('float32')
x = (x - [mean for _, mean, _ in MEASURES]) / [deviation for _, _, deviation in MEASURES]
model = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(16, 'relu'), tf.keras.layers.Dense(3, 'softmax')])
model.compile('adam', 'categorical_crossentropy', metrics=['accuracy'])
model.fit(x, y, epochs=5, validation_split=0.2, verbose=2)
model.save('mymodel.keras')
