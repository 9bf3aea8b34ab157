import numpy as np
import tensorflow as tf
from tensorflow.keras.layers import Dense as 층, Input as 입력
from tensorflow.keras.optimizers import Adam as 최적화

학습률 = 0.01  # lr=0.01 이라고 쓰던 것
특징 = np.random.rand(32, 4).astype("float32")  # 한글 주석 🙂
정답 = 특징.sum(axis=1)


class 기록:
    """모델처럼 보이지만 아니다."""

    lr = 학습률

    def fit_generator(self, 자료, workers=1):
        return self

    def predict_classes(self, 자료):
        return [0]


모델 = tf.keras.Sequential([입력((4,)), 층(8, "relu"), 층(1)], name="모델")
모델.compile(최적화(학습률), "mse", metrics=["mae"])
이력 = 모델.fit(특징, 정답, epochs=2, verbose=0).history
print(이력["mae"], 기록().fit_generator(특징, workers=2).lr, 기록().predict_classes([1.0]))
모델.save(f"모델_{학습률}.keras")
