import tensorflow as tf

train = tf.keras.preprocessing.image_dataset_from_directory('data/train', image_size=(80, 80), batch_size=32, label_mode='binary')
train = train.map(lambda x, y: (x / 255.0, y)).take(6)
model = tf.keras.Sequential([
    tf.keras.layers.experimental.preprocessing.RandomFlip('horizontal', input_shape=(80, 80, 3)),
    tf.keras.layers.Conv2D(8, 3, activation='relu'),
    tf.keras.layers.MaxPooling2D(4),
    tf.keras.layers.Flatten(),
    tf.keras.layers.Dense(1, activation='sigmoid'),
])
model.compile('adam', 'binary_crossentropy', ['accuracy'])
model.fit(train, epochs=1, verbose=2)
model.save('mymodel.h5')
