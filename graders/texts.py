"""Text that came from a candidate's process, made fit to be shown."""

from __future__ import annotations

import os
import re

from graders.sentences import Words, each_text

ESCAPES = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|.)?", re.DOTALL)


def clean(text: str | bytes, most: int = 600) -> str:
    """The text without terminal sequences, control and direction characters; at most `most` characters."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    text = ESCAPES.sub("", text[: 4 * most])
    text = "".join(character if character.isprintable() or character == "\n" else "�" for character in text)
    return text if len(text) <= most else text[: most - 1] + "…"


def one_line(text: str | bytes, most: int = 200) -> str:
    """The same on one line, for names: a break would begin a line that looks like ours."""
    return clean(text, most).replace("\n", "\N{REPLACEMENT CHARACTER}")


def cleaned(words: Words, most: int = 600) -> Words:
    """Words whose texts are made fit to be shown; a sentence that comes out longer than `most` is cut, in English."""
    words = each_text(words, lambda text: clean(text, most))
    english = str(words)
    return words if len(english) <= most else clean(english, most)


def shown_name(path: bytes) -> str:
    """The last part of a path, whatever bytes it is made of, on one line."""
    return one_line(os.path.basename(path.rstrip(b"/")), 255)  # noqa: PTH119 - pathlib takes no bytes
