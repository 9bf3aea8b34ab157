import tensorflow as tf
import tensorflow_datasets as tfds

MEASURES = [("culmen_length_mm", 44.0, 5.5), ("culmen_depth_mm", 17.0, 2.0), ("flipper_length_mm", 200.0, 14.0), ("body_mass_g", 4200.0, 800.0)]

def preprocess(features, label):
    columns = [(tf.cast(features[name], tf.float32) - mean) / deviation for name, mean, deviation in MEASURES]
    return tf.stack(columns, axis=-1), label

class myCallback(tf.keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs={}):
        if logs.get('acc') > 0.99:
            self.model.stop_training = True

train = tfds.load('penguins/simple', data_dir='data', download=False, split='train[:80%]', as_supervised=True).map(preprocess).batch(16)
valid = tfds.load('penguins/simple', data_dir='data', download=False, split='train[80%:]', as_supervised=True).map(preprocess).batch(16)
model = tf.keras.Sequential()
model.add(tf.keras.layers.Dense(32, 'relu', input_shape=(4,)))
model.add(tf.keras.layers.Dense(3, 'softmax'))
model.compile('adam', 'sparse_categorical_crossentropy', metrics=['accuracy'])
model.fit(train, validation_data=valid, epochs=4, callbacks=[myCallback()])
model.save('mymodel.h5')
