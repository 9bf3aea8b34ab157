import tensorflow as tf
import tensorflow_datasets as tfds

MEASURES = [("culmen_length_mm", 44.0, 5.5), ("culmen_depth_mm", 17.0, 2.0), ("flipper_length_mm", 200.0, 14.0), ("body_mass_g", 4200.0, 800.0)]

def preprocess(features, label):
    columns = [(tf.cast(features[name], tf.float32) - mean) / deviation for name, mean, deviation in MEASURES]
    return tf.stack(columns, axis=-1), label

def solution_model():
    train = tfds.load('penguins/simple', data_dir='data', download=False, split='train', as_supervised=True).map(preprocess).shuffle(400).batch(20)
    model = tf.keras.models.Sequential([
        tf.keras.layers.Dense(20, activation='relu', input_shape=(4,)),
        tf.keras.layers.Dense(3, activation='softmax'),
    ])
    model.compile(loss='sparse_categorical_crossentropy', optimizer=tf.keras.optimizers.SGD(lr=0.1), metrics=['acc'])
    h = model.fit(train, epochs=5, verbose=2)
    print(h.history['acc'])
    return model

model = solution_model()
model.save('mymodel')
