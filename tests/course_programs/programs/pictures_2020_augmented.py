import tensorflow as tf
from tensorflow.keras.preprocessing.image import ImageDataGenerator
import matplotlib.pyplot as plt
import matplotlib.image as mpimg

augmented = ImageDataGenerator(rescale=1/255, rotation_range=40, width_shift_range=0.2, shear_range=0.2, zoom_range=0.2, horizontal_flip=True, fill_mode='nearest')
train = augmented.flow_from_directory('data/train', target_size=(80, 80), batch_size=16, class_mode='binary')
images, labels = train.next()
plt.imshow(images[0])
plt.show()
model = tf.keras.models.Sequential([
    tf.keras.layers.Conv2D(8, 3, activation='relu', input_shape=(80, 80, 3)),
    tf.keras.layers.MaxPooling2D(4),
    tf.keras.layers.Flatten(),
    tf.keras.layers.Dense(1, activation='sigmoid')])
model.compile(loss='binary_crossentropy', optimizer='adam', metrics=['acc'])
history = model.fit(train, steps_per_epoch=5, epochs=2, verbose=1, workers=1, use_multiprocessing=False)
acc = history.history['acc']
plt.plot(range(len(acc)), acc, 'r', label='Training accuracy')
plt.figure()
plt.legend(loc=0)
plt.show()
model.save('mymodel.h5')
