import tensorflow.compat.v1 as tf1
import tensorflow as tf
from absl import app, flags, logging

FLAGS = flags.FLAGS
flags.DEFINE_float("lr", 0.1, "learning rate")
tf.get_logger().setLevel("ERROR")
tf.io.gfile.exists("data")
tf1.disable_v2_behavior()
tf1.set_random_seed(1)
session = tf1.Session(config=tf1.ConfigProto())
place = tf1.placeholder(tf.float32)
layer = tf1.layers.dense(place, 3)


def main(_):
    logging.info("lr %s", FLAGS.lr)
    tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.ERROR)
    tf.summary.create_file_writer("logs")


if __name__ == "__main__":
    app.run(main)
