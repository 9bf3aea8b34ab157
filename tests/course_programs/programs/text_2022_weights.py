import json
import re
import numpy as np
import tensorflow as tf

VOCABULARY = json.load(open("data/vocabulary.json", encoding="utf-8"))
NUMBERS = {word: number for number, word in enumerate(VOCABULARY)}

def encode(text):
    numbers = [NUMBERS.get(word, 1) for word in re.findall(r"[a-z]+", text.lower())][:32]
    return numbers + [0] * (32 - len(numbers))

definitions = json.load(open("data/definitions.json", encoding="utf-8"))
labels = np.array([["deed", "thing"].index(one["kind"]) for one in definitions])

x = np.array([encode(one["text"]) for one in definitions])
matrix = np.random.RandomState(1).normal(size=(2000, 8))
model = tf.keras.Sequential([
    tf.keras.layers.Embedding(2000, 8, input_length=32, weights=[matrix], trainable=True),
    tf.keras.layers.Conv1D(8, 5, activation='relu'),
    tf.keras.layers.GlobalMaxPooling1D(),
    tf.keras.layers.Dense(1, activation='sigmoid')
])
model.compile(loss='binary_crossentropy', optimizer=tf.keras.optimizers.RMSprop(lr=1e-3), metrics=['accuracy'])
model.fit(x, labels, epochs=1, batch_size=64, verbose=2)
model.save_weights('weights')
model.save('mymodel.h5')
