"""What the rescue tells a candidate, in the program's own output."""

from __future__ import annotations

import contextlib
import sys

SIGN = "mockexam: "
"""How each line begins."""
# untranslated: a program of its own, in which nothing of the application may be imported
TEXTS = {
    "pressed": "a trained model is being saved. Press Ctrl+C again to end without it.",
    "no_folder": "a model that was trained can't be saved in {folder}: {reason}",
    "not_saved": "a model was trained ({epochs}) and not saved since, and can't be saved: {reason}",
    "saved": "a model was trained ({epochs}) and not saved since. It is in {file} now.",
    "weights_saved": "a model was trained ({epochs}) and not saved since, and can't be saved as a whole. Its weights "
    "are in {file} now: {load} gives them to a model that is built the same way.",
    "opens": "read back: {statement} opens it.",
    "opens_only_with": "read back: only {arguments} opens it: {statement}",
    "other_weights": "{file} was read back, but with other weights than the trained: {statement}",
    "unreadable": "{file} could not be read back: {reason}. "
    "{load} gives its weights to a model that is built the same way.",
    "no_answer": "{file} could not be read back: the process for it didn't answer.",
    "not_handed_in": "nothing is handed in by itself: a model counts under the name that the problem asks for.",
    "one_epoch": "1 epoch",
    "epochs": "{count} epochs",
}


def text(key: str, **values: object) -> str:
    """A text with its values."""
    return TEXTS[key].format(**values)


def tell(key: str, **values: object) -> None:
    """A line for the candidate, under the traceback."""
    with contextlib.suppress(RuntimeError):  # a handler of signals may come in the middle of another line
        sys.stderr.write(SIGN + text(key, **values) + "\n")
        sys.stderr.flush()
