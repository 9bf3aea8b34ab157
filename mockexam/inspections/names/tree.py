"""The tree that parso makes of a text, whole or half typed."""

from __future__ import annotations

from typing import Any, TypeAlias

Node: TypeAlias = Any
"""A node or leaf of parso's tree: it types them in part only, and not what its nodes hold."""
