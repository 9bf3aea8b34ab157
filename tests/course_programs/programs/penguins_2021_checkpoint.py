import tensorflow as tf
import tensorflow_datasets as tfds
import matplotlib.pyplot as plt

MEASURES = [("culmen_length_mm", 44.0, 5.5), ("culmen_depth_mm", 17.0, 2.0), ("flipper_length_mm", 200.0, 14.0), ("body_mass_g", 4200.0, 800.0)]

def preprocess(features, label):
    columns = [(tf.cast(features[name], tf.float32) - mean) / deviation for name, mean, deviation in MEASURES]
    return tf.stack(columns, axis=-1), label

train = tfds.load('penguins/simple', data_dir='data', download=False, split='train[:80%]', as_supervised=True).map(preprocess).batch(16)
valid = tfds.load('penguins/simple', data_dir='data', download=False, split='train[80%:]', as_supervised=True).map(preprocess).batch(16)
model = tf.keras.Sequential([tf.keras.layers.Dense(24, 'relu', input_shape=(4,)), tf.keras.layers.Dense(3, 'softmax')])
model.compile(tf.keras.optimizers.Adam(lr=0.02), tf.keras.losses.sparse_categorical_crossentropy, metrics='accuracy')
checkpoint = tf.keras.callbacks.ModelCheckpoint('best.ckpt', save_weights_only=True, save_best_only=True, monitor='val_loss')
history = model.fit(train, validation_data=valid, epochs=6, callbacks=[checkpoint], workers=2)
model.load_weights('best.ckpt')
for name in ('loss', 'val_loss'):
    plt.plot(history.history[name], label=name)
plt.legend()
plt.show()
model.save('mymodel.h5')
