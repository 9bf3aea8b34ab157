"""Where today's TensorFlow computes otherwise than the one that wrote a model did."""

from __future__ import annotations

from typing import Any

import tensorflow as tf


def is_fused_wrongly(config: Any) -> bool:
    """Whether a configuration of Keras 2 has a layer that TensorFlow takes for an operation that can't do it.

    That is LayerNormalization over several axes: its scale has several axes too, and the operation takes one.
    """
    if isinstance(config, list):
        return any(is_fused_wrongly(inner) for inner in config)
    if not isinstance(config, dict):
        return False
    settings = config.get("config")
    if config.get("class_name") == "LayerNormalization" and isinstance(settings, dict):
        axes = settings.get("axis")
        return isinstance(axes, list) and len(axes) > 1
    return any(is_fused_wrongly(inner) for inner in config.values())


def fuse_nothing() -> None:
    """Have TensorFlow run each operation of a graph by itself, in this process from now on."""
    tf.config.optimizer.set_experimental_options({"remapping": False})
