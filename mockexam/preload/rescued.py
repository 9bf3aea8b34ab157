"""What the rescue of trained models leaves: the names of its files, and how the lines begin that it tells.

Such a file is nobody's model until the candidate names it: it is found, counted and offered nowhere by itself.
"""

from __future__ import annotations

from mockexam.preload.folder.mockexam_preload.unsaved.files import NAME, PARTIAL
from mockexam.preload.folder.mockexam_preload.unsaved.wording import SIGN

__all__ = ["SIGN", "is_rescued"]


def is_rescued(name: str) -> bool:
    """Whether a file, or a folder with one that isn't whole, has a name that the rescue gives."""
    return NAME.fullmatch(name) is not None or PARTIAL.fullmatch(name) is not None
