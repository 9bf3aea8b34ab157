import os
import tensorflow as tf
from keras_preprocessing import image
from keras_preprocessing.image import ImageDataGenerator
from tensorflow.keras.optimizers import RMSprop

train = ImageDataGenerator(rescale=1./255).flow_from_directory('data/train', target_size=(80, 80), batch_size=32, class_mode='binary')
valid = ImageDataGenerator(rescale=1./255).flow_from_directory('data/validation', target_size=(80, 80), batch_size=32, class_mode='binary')
model = tf.keras.models.Sequential([
    tf.keras.layers.Conv2D(8, (3,3), activation='relu', input_shape=(80, 80, 3)),
    tf.keras.layers.MaxPooling2D(4, 4),
    tf.keras.layers.Flatten(),
    tf.keras.layers.Dense(1, activation='sigmoid')
])
model.compile(loss='binary_crossentropy', optimizer=RMSprop(lr=0.001), metrics=['accuracy'])
model.fit_generator(train, steps_per_epoch=4, epochs=2, validation_data=valid, validation_steps=2, verbose=2)
model.save('mymodel.h5')
