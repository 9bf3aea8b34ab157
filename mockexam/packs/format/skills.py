"""The skills that the handbook of the original exam asks for, in our words; a pack may name its own as well."""

from __future__ import annotations

# untranslated: packs name skills in these words
SKILLS = (
    "Build, compile and train a model",
    "Build a sequential model",
    "Use a model to predict results",
    "Preprocess data for a model",
    "Build a binary classifier",
    "Build a multi-class classifier",
    "Recognise and prevent overfitting",
    "Ensure that inputs have the right shape",
    "Use callbacks to end training",
    "Use data sets of tensorflow-datasets",
    "Read CSV and JSON data",
    "Define convolutional networks with Conv2D and pooling",
    "Train on colour pictures",
    "Train on pictures of different shapes and sizes",
    "Prevent overfitting by image augmentation",
    "Label pictures by their directories",
    "Use Keras' image tools",
    "Prepare text for a model",
    "Use word embeddings",
    "Build a binary text classifier",
    "Build a multi-class text classifier",
    "Use RNNs, LSTMs, GRUs and CNNs on text",
    "Prepare time series data",
    "Prepare features and labels",
    "Build and train a sequence model",
    "Measure a forecast by its mean absolute error",
    "Use RNNs and CNNs on time series",
    "Adjust the learning rate of a sequence model",
)
