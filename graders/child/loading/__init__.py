"""Opens a model file with the Keras of its generation and describes what was loaded in one way."""
