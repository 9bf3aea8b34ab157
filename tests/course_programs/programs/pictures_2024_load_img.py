import glob
import numpy as np
import tensorflow as tf
from tensorflow.keras.preprocessing import image

train = tf.keras.utils.image_dataset_from_directory('data/train', image_size=(80, 80), batch_size=16, label_mode='binary').take(6)
train = train.map(lambda x, y: (x / 255.0, y)).prefetch(tf.data.AUTOTUNE)
model = tf.keras.Sequential([
    tf.keras.layers.Conv2D(6, 3, activation='relu', input_shape=(80, 80, 3)),
    tf.keras.layers.MaxPooling2D(8),
    tf.keras.layers.Flatten(),
    tf.keras.layers.Dense(1, activation='sigmoid'),
])
model.compile('adam', 'binary_crossentropy', metrics=['accuracy'])
model.fit(train, epochs=1, verbose=2)
path = sorted(glob.glob('data/validation/*/*'))[0]
picture = np.expand_dims(image.img_to_array(image.load_img(path, target_size=(80, 80))) / 255.0, axis=0)
print(path, model.predict(np.vstack([picture]))[0])
model.save('mymodel.h5')
