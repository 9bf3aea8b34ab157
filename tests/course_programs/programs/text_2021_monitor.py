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

x = [encode(one["text"]) for one in definitions]
model = tf.keras.Sequential([
    tf.keras.layers.Embedding(2000, 8, input_length=32),
    tf.keras.layers.Bidirectional(tf.keras.layers.LSTM(4)),
    tf.keras.layers.Dense(1, activation='sigmoid')
])
model.compile(loss='binary_crossentropy', optimizer=tf.keras.optimizers.Adam(lr=0.01), metrics=['accuracy'])
stop = tf.keras.callbacks.EarlyStopping(monitor='val_acc', patience=1)
model.fit(np.array(x), labels, epochs=1, validation_split=0.1, callbacks=[stop], verbose=2)
print(model.predict_proba(np.array(x[:3])))
model.save('mymodel.h5')
