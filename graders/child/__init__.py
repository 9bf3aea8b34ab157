"""Runs in the locked process: reads one model and predicts once. The only importer of TensorFlow and Keras."""
