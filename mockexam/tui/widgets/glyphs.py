"""The sign and colour of each kind of file."""

from __future__ import annotations

from pathlib import Path

MODEL_SUFFIXES = frozenset({".h5", ".keras"})

_SIGNS: dict[str, tuple[str, str]] = {
    ".py": ("◆", "$link"),
    ".md": ("≡", "$text-soft"),
    ".txt": ("≡", "$text-soft"),
    ".log": ("≡", "$text-faint"),
    ".json": ("▪", "$amber"),
    ".csv": ("▪", "$amber"),
    ".npz": ("▪", "$amber"),
    ".toml": ("▪", "$text-soft"),
    ".h5": ("●", "$purple"),
    ".keras": ("●", "$purple"),
    ".png": ("▫", "$run"),
    ".jpg": ("▫", "$run"),
}


def of_file(path: Path) -> tuple[str, str]:
    """Return the sign of a file and its style."""
    return _SIGNS.get(path.suffix.lower(), ("·", "$text-soft"))
