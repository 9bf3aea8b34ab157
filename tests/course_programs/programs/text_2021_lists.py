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
training_sentences, training_labels = [], []
for item in definitions:
    training_sentences.append(encode(item["text"]))
    training_labels.append(1 if item["kind"] == "thing" else 0)

model = tf.keras.Sequential([
    tf.keras.layers.Embedding(2000, 8, input_length=32),
    tf.keras.layers.GlobalAveragePooling1D(),
    tf.keras.layers.Dense(1, activation='sigmoid')
])
model.compile(loss='binary_crossentropy', optimizer='adam', metrics='accuracy')
num_epochs = 1
history = model.fit(training_sentences, training_labels, epochs=num_epochs, verbose=2)
model.save('mymodel.h5')
