"""The sign and colour of each kind of file."""

from __future__ import annotations

from pathlib import Path

from graders.formats import MODEL_SUFFIXES
from mockexam.tui.look import formatting

_SIGNS: dict[str, tuple[str, str]] = {
    ".py": ("◆", "$link"),
    ".md": ("≡", "$text-soft"),
    ".txt": ("≡", "$text-soft"),
    ".log": ("≡", "$text-faint"),
    ".json": ("▪", "$amber"),
    ".csv": ("▪", "$amber"),
    ".npz": ("▪", "$amber"),
    ".toml": ("▪", "$text-soft"),
    **dict.fromkeys(MODEL_SUFFIXES, ("●", "$purple")),
    ".png": ("▫", "$run"),
    ".jpg": ("▫", "$run"),
}


def sign(text: str, words: str = "") -> str:
    """Return a sign, or words in its place for people who use a screen reader."""
    return words if formatting.spoken() else text


def of_file(path: Path) -> tuple[str, str]:
    """Return the sign of a file and its style."""
    if formatting.spoken():
        return "", "$text-soft"
    return _SIGNS.get(path.suffix.lower(), ("·", "$text-soft"))
