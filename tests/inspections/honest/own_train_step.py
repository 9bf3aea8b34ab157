import keras
import tensorflow as tf
from keras import ops


class Sampling(keras.layers.Layer):
    def __init__(self, **more):
        super().__init__(**more)
        self.seed_generator = keras.random.SeedGenerator(1337)

    def call(self, inputs):
        mean, log_var = inputs
        noise = keras.random.normal(ops.shape(mean), seed=self.seed_generator)
        return mean + ops.exp(0.5 * log_var) * noise


class VAE(keras.Model):
    def __init__(self, encoder, decoder, lr=1e-3):
        super().__init__()
        self.encoder, self.decoder, self.lr = encoder, decoder, lr
        self.total = keras.metrics.Mean(name="acc")

    @property
    def metrics(self):
        return [self.total]

    def train_step(self, data):
        with tf.GradientTape() as tape:
            z_mean, z_log_var, z = self.encoder(data)
            rebuilt = self.decoder(z)
            loss = tf.reduce_mean(tf.keras.losses.mse(data, rebuilt))
        gradients = tape.gradient(loss, self.trainable_weights)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_weights))
        self.total.update_state(loss)
        return {"loss": loss, "acc": self.total.result(), "lr": self.optimizer.learning_rate}

    def reset_states(self):
        self.total.reset_state()


vae = VAE(None, None)
vae.compile(optimizer=keras.optimizers.Adam(), metrics=["accuracy"])
record = vae.fit(tf.ones((8, 4)), epochs=2)
print(record.history["acc"], record.history["lr"], vae.lr)
vae.reset_states()
