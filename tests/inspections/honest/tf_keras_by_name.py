import numpy as np
import tf_keras
import tf_keras as keras
from tf_keras.preprocessing.text import Tokenizer
from tf_keras.layers import Dense

words = Tokenizer(num_words=100)
words.fit_on_texts(["하나 둘", "둘 셋"])
model = keras.Sequential([Dense(1, input_shape=(3,)), tf_keras.layers.Dense(1)])
model.compile(keras.optimizers.SGD(0.1), loss="huber_loss")
model.fit(np.ones((4, 3)), np.ones(4), workers=1, verbose=0)
print(model.layers[0].output_shape, tf_keras.losses.mean_absolute_error([1.0], [2.0]))
model.save("mymodel")
