import keras
import keras_tuner
import optuna


def build(hp):
    model = keras.Sequential([keras.Input((4,))])
    for at in range(hp.Int("layers", 1, 3)):
        model.add(keras.layers.Dense(hp.Int(f"units_{at}", 4, 32, step=4), activation="relu"))
    model.add(keras.layers.Dense(1))
    lr = hp.Float("lr", 1e-4, 1e-1, sampling="log")
    model.compile(keras.optimizers.Adam(lr), "mse", metrics=["mae"])
    return model


tuner = keras_tuner.RandomSearch(build, objective="val_loss", max_trials=3)
best = tuner.get_best_hyperparameters()[0]
print(best["lr"], best.get("lr"))


def objective(trial):
    lr = trial.suggest_float("lr", 1e-4, 1e-1)
    model = build_with(lr=lr, decay=0.1)
    return model.fit().history["lr"]


def build_with(lr, decay):
    return optuna


study = optuna.create_study()
study.optimize(objective, n_trials=3)
print(study.best_params["lr"])
