import tensorflow as tf
from tensorflow.keras import layers, Model
from tensorflow.keras.preprocessing.image import ImageDataGenerator

base = tf.keras.applications.MobileNetV2(input_shape=(80, 80, 3), include_top=False, weights=None, alpha=0.35)
for layer in base.layers:
    layer.trainable = False
last = base.get_layer('block_6_expand_relu')
print('last layer output shape:', last.output_shape)
x = layers.GlobalAveragePooling2D()(last.output)
x = layers.Dense(1, activation='sigmoid')(x)
model = Model(base.input, x)
model.compile(optimizer=tf.keras.optimizers.RMSprop(lr=0.0001), loss='binary_crossentropy', metrics=['accuracy'])
train = ImageDataGenerator(rescale=1/255).flow_from_directory('data/train', target_size=(80, 80), batch_size=16, class_mode='binary')
model.fit(train, steps_per_epoch=48/16, epochs=1, verbose=2)
model.save('mymodel.h5')
