import tensorflow as tf
import tensorflow_datasets as tfds
from tensorflow.keras import layers
from tensorflow.keras.preprocessing.sequence import pad_sequences
from tensorflow.keras.preprocessing.text import Tokenizer

sentences = ["the cat sat", "the dog ran"]
vectors = layers.TextVectorization(max_tokens=100, output_sequence_length=8)
vectors.adapt(sentences)
tokenizer = Tokenizer(num_words=100, oov_token="<OOV>")
tokenizer.fit_on_texts(sentences)
padded = pad_sequences(tokenizer.texts_to_sequences(sentences), maxlen=8, padding="post")
ratings = tfds.load("imdb_reviews", split="train", as_supervised=True, download=False)
builder = tfds.builder("imdb_reviews/plain_text")
text = tfds.deprecated.text.Tokenizer()
model = tf.keras.Sequential([
    tf.keras.Input((8,)), layers.Embedding(100, 4, mask_zero=True), layers.Bidirectional(layers.LSTM(4)), layers.Dense(1)
])
model.compile("adam", tf.keras.losses.BinaryCrossentropy(from_logits=True), metrics=["accuracy"])
early = tf.keras.callbacks.EarlyStopping(monitor="val_accuracy", patience=2, mode="max")
slower = tf.keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.5, min_lr=1e-5)
history = model.fit(padded, tf.constant([0, 1]), validation_data=(padded, tf.constant([0, 1])), callbacks=[early, slower])
print(history.history["learning_rate"], history.history["val_accuracy"])
embedding = layers.Embedding(100, 4, embeddings_initializer=tf.keras.initializers.Constant(1.0), trainable=False)
for texts in ratings.batch(8).take(1):
    print(texts)
