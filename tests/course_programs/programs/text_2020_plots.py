import json
import re
import numpy as np
import tensorflow as tf
import matplotlib.pyplot as plt
from tensorflow.keras.preprocessing.text import Tokenizer
from tensorflow.keras.preprocessing.sequence import pad_sequences

VOCABULARY = json.load(open("data/vocabulary.json", encoding="utf-8"))
NUMBERS = {word: number for number, word in enumerate(VOCABULARY)}

def encode(text):
    numbers = [NUMBERS.get(word, 1) for word in re.findall(r"[a-z]+", text.lower())][:32]
    return numbers + [0] * (32 - len(numbers))

definitions = json.load(open("data/definitions.json", encoding="utf-8"))
labels = np.array([["deed", "thing"].index(one["kind"]) for one in definitions])

def plot_graphs(history, string):
  plt.plot(history.history[string])
  plt.plot(history.history['val_'+string])
  plt.xlabel("Epochs")
  plt.ylabel(string)
  plt.legend([string, 'val_'+string])
  plt.show()

x = np.array([encode(one["text"]) for one in definitions])
model = tf.keras.Sequential([
    tf.keras.layers.Embedding(2000, 16, input_length=32),
    tf.keras.layers.Flatten(),
    tf.keras.layers.Dense(6, activation='relu'),
    tf.keras.layers.Dense(1, activation='sigmoid')
])
model.compile(loss='binary_crossentropy', optimizer=tf.keras.optimizers.Adam(lr=1e-3), metrics=['accuracy'])
model.summary()
history = model.fit(x[:5000], labels[:5000], epochs=2, validation_data=(x[5000:], labels[5000:]), verbose=2)
plot_graphs(history, "accuracy")
plot_graphs(history, "loss")
model.save('mymodel.h5')
