import tensorflow as tf
from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import Conv2D, MaxPooling2D, Flatten, Dense
from tensorflow.keras.preprocessing.image import ImageDataGenerator

config = tf.compat.v1.ConfigProto()
config.gpu_options.allow_growth = True
session = tf.compat.v1.Session(config=config)
tf.random.set_seed(42)
gen = ImageDataGenerator(rescale=1/255, validation_split=0.1)
train = gen.flow_from_directory('data/train', target_size=(80, 80), batch_size=16, class_mode='binary', subset='training')
model = Sequential([Conv2D(6, 3, activation='relu', input_shape=(80, 80, 3)), MaxPooling2D(8), Flatten(), Dense(1, activation='sigmoid')])
model.compile(optimizer=tf.keras.optimizers.Adam(lr=0.001), loss='binary_crossentropy', metrics=['accuracy'])
model.fit_generator(train, epochs=1, steps_per_epoch=6)
loss, accuracy = model.evaluate_generator(train, steps=2)
print(accuracy)
model.save('mymodel.h5')
