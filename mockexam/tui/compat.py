"""Key sequences that Textual 8.2 reads wrongly for this program. Each entry says what would make it unnecessary."""

from __future__ import annotations

import sys
from typing import Any, cast

from textual import _ansi_sequences
from textual.keys import Keys


def apply(platform: str = sys.platform) -> None:
    """Correct Textual's table of key sequences; call it before the app starts. Idempotent."""
    table = cast("dict[str, Any]", _ansi_sequences.ANSI_SEQUENCES_KEYS)
    if platform != "darwin":
        # Textual maps ESC digit to the characters WezTerm sends for Option+digit on macOS, so that Alt+1 would type "¡"
        # anywhere else. Unnecessary once Textual does so on macOS alone.
        for character in "0123456789-=":
            table.pop("\x1b" + character, None)
    # Konsole writes modified F1 to F4 as ESC O 5 Q. Unnecessary once Textual knows that form.
    for letter, number in zip("PQRS", (1, 2, 3, 4), strict=True):
        for digit, modifier in (("2", "Shift"), ("5", "Control")):
            key = getattr(Keys, f"{modifier}F{number}", None)
            if key is not None:
                table[f"\x1bO{digit}{letter}"] = (key,)
