import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, mean_absolute_error, mean_squared_error
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

frame = pd.DataFrame(np.random.rand(40, 3), columns=["a", "b", "c"]).assign(label=[0, 1] * 20)
train, test = train_test_split(frame, test_size=0.2)
model = make_pipeline(StandardScaler(), LogisticRegression())
model.fit(train[["a", "b", "c"]], train["label"])
print(model.predict_proba(test[["a", "b", "c"]])[:, 1], model.predict([[1.0, 2.0, 3.0]]))
model = MLPClassifier(learning_rate_init=0.1, max_iter=10)
model.fit([[1.0], [2.0]], [0, 1])
print(model.predict_proba([[1.0]]), accuracy_score([0], model.predict([[1.0]])))
print(mean_absolute_error([1.0], [2.0]), mean_squared_error([1.0], [2.0]))
