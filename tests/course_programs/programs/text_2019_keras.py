import json
import re
import numpy as np
import tensorflow as tf
from keras.preprocessing.sequence import pad_sequences
from keras.preprocessing.text import Tokenizer

VOCABULARY = json.load(open("data/vocabulary.json", encoding="utf-8"))
NUMBERS = {word: number for number, word in enumerate(VOCABULARY)}

def encode(text):
    numbers = [NUMBERS.get(word, 1) for word in re.findall(r"[a-z]+", text.lower())][:32]
    return numbers + [0] * (32 - len(numbers))

definitions = json.load(open("data/definitions.json", encoding="utf-8"))
labels = np.array([["deed", "thing"].index(one["kind"]) for one in definitions])

texts = [one["text"] for one in definitions]
tokenizer = Tokenizer(num_words=2000, oov_token='<OOV>')
tokenizer.fit_on_texts(texts)
print(len(tokenizer.word_index), pad_sequences(tokenizer.texts_to_sequences(texts[:2]), maxlen=32, padding='post'))
x = np.array([encode(text) for text in texts])
model = tf.keras.Sequential([
    tf.keras.layers.Embedding(2000, 8, input_length=32),
    tf.keras.layers.GlobalAveragePooling1D(),
    tf.keras.layers.Dense(1, activation='sigmoid')
])
model.compile(loss='binary_crossentropy', optimizer='adam', metrics=['accuracy'])
model.fit(x, labels, epochs=2, validation_split=0.1, verbose=2)
model.save('mymodel.h5')
