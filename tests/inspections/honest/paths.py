import datetime
import os
import sys
from pathlib import Path

import tensorflow as tf

FOLDER = Path(__file__).parent
SUFFIX = ".h5" if len(sys.argv) > 1 else ".keras"
model = tf.keras.Sequential([tf.keras.Input((1,)), tf.keras.layers.Dense(1)])
model.compile("sgd", "mse")
model.save(FOLDER / "mymodel.h5")
model.save(str(FOLDER / "mymodel.h5"))
model.save(os.path.join(FOLDER, "kept", "mymodel.keras"))
model.save("mymodel" + SUFFIX)
model.save("mymodel" + ".h5")
model.save("mymodel{}".format(SUFFIX))
model.save("mymodel%s" % SUFFIX)
model.save(f"mymodel-{datetime.date.today():%Y%m%d}.keras")
model.save(f"mymodel{SUFFIX}")
model.save(filepath=os.environ.get("MODEL", "mymodel.h5"))
model.save("mymodel.H5".lower())
model.save_weights(f"kept-{1:02d}.weights.h5")
model.save_weights(FOLDER / "a.weights.h5")
tf.keras.callbacks.ModelCheckpoint("weights.{epoch:02d}-{val_loss:.2f}.keras", save_best_only=True)
tf.keras.callbacks.ModelCheckpoint(filepath=os.path.join("kept", "best.weights.h5"), save_weights_only=True)
tf.keras.callbacks.ModelCheckpoint(str(FOLDER / f"best{SUFFIX}"))
tf.saved_model.save(model, "folder")
model.export("exported")
tf.saved_model.load("folder")
tf.keras.models.load_model(FOLDER / "mymodel.h5", compile=False)
reader = tf.keras.layers.TFSMLayer("folder", call_endpoint="serving_default")
checkpoint = tf.train.Checkpoint(model=model)
checkpoint.save("training")
