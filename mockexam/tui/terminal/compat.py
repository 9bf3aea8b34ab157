"""What Textual 8.2 does wrongly or too slowly for this program. Each entry says what would make it unnecessary."""

from __future__ import annotations

import string
import sys
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple, cast

from textual import _ansi_sequences
from textual._compositor import ChopsUpdate, Compositor, ReflowResult
from textual._styles_cache import StylesCache
from textual.cache import LRUCache
from textual.color import Color
from textual.css.stylesheet import Stylesheet
from textual.geometry import Region, Size
from textual.keys import Keys
from textual.strip import Strip
from textual.style import Style
from textual.widget import Widget

STARTS = frozenset("NOPX")
"""What may follow ESC at the start of a longer sequence."""

LONE = frozenset("\0\b\t\n\r\x1b")
"""Control characters that keys other than Ctrl+letter send."""


FILLED = Strip([])
"""Stands for what is not wanted."""


class _Named(NamedTuple):
    """Stands for a key in Textual's table, as the members of its Keys do: its name is in `value`."""

    value: str


def apply(platform: str = sys.platform) -> None:
    """Patch Textual; call it before the app starts. Idempotent."""
    table = cast("dict[str, Any]", _ansi_sequences.ANSI_SEQUENCES_KEYS)
    if platform != "darwin":
        # Textual maps ESC digit to the characters WezTerm sends for Option+digit on macOS, so that Alt+1 would type "¡"
        # anywhere else. Unnecessary once Textual does so on macOS alone.
        for character in "0123456789-=":
            table.pop("\x1b" + character, None)
        # Textual recognises Alt+letter only by the pause after it. When the next key or a mouse move comes sooner,
        # ESC 4 was typed as "^4" into the code. Unnecessary once Textual stops waiting where no sequence can follow.
        for character in sorted(set(string.ascii_letters + string.digits) - STARTS):
            shift = "shift+" if character.isupper() else ""
            table.setdefault("\x1b" + character, (_Named(f"alt+{shift}{character.lower()}"),))
    # Alt+Enter, which PyCharm users press for a fix, is not in Textual's table: it was taken for Enter, and broke the
    # line. Unnecessary once Textual knows it.
    table["\x1b\r"] = (_Named("alt+enter"),)
    # Escape and a control key soon after it (half a second in tmux) come as one sequence, of which Textual drops the
    # Escape. Unnecessary once Textual gives both, or the Alt+Ctrl+letter that it may also be, which means nothing here.
    for sequence, keys in list(table.items()):
        if len(sequence) == 1 and sequence < " " and sequence not in LONE and isinstance(keys, tuple):
            table.setdefault("\x1b" + sequence, (Keys.Escape, *keys))
    Compositor._get_renders = _renders_within  # type: ignore[assignment, method-assign]
    Compositor.render_partial_update = _partial_update  # type: ignore[assignment, method-assign]
    Compositor.reflow = _reflow  # type: ignore[assignment, method-assign]
    # Konsole writes modified F1 to F4 as ESC O 5 Q. Unnecessary once Textual knows that form.
    for letter, number in zip("PQRS", (1, 2, 3, 4), strict=True):
        for digit, modifier in (("2", "shift"), ("5", "ctrl")):
            table[f"\x1bO{digit}{letter}"] = (_Named(f"{modifier}+f{number}"),)
    # Textual keeps a widget's drawn lines, long after it is gone, as the key of a cache of 1,024 entries: 150 kB for
    # each program that was run. Unnecessary once the colours alone are the key of that cache.
    StylesCache.get_inner_outer = staticmethod(_inner_outer)  # type: ignore[assignment, method-assign]


@lru_cache(1024)
def _inner_outer(base: Color, background: Color) -> tuple[Style, Style]:
    """The backgrounds within and around a widget's border."""
    return Style(background=base + background), Style(background=base)


def keep_parsed(stylesheet: Stylesheet) -> None:
    """Let a style sheet remember all that it has parsed.

    Textual remembers the 64 sources used last; the exam screen's widgets have more, and each new one would have all
    of them parsed again. Unnecessary once Textual remembers more.
    """
    stylesheet._parse_cache = LRUCache(1024)


_textuals_reflow = Compositor.reflow


def _reflow(compositor: Compositor, parent: Widget, size: Size) -> ReflowResult:
    """Lay out, and find out which widgets have come or have another size.

    Asking between two layouts where a widget is (as a change of focus does) may have Textual compute all places again.
    The next layout finds no difference from those, and a window that has just appeared is not told its size.
    Unnecessary once Textual compares with the last layout.
    """
    laid_out = cast("Any", compositor)
    compositor._full_map = getattr(laid_out, "_map_as_told", {})
    result = _textuals_reflow(compositor, parent, size)
    laid_out._map_as_told = compositor._full_map
    return result


def _renders_within(compositor: Compositor, crop: Region | None = None) -> Iterable[tuple[Region, Region, list[Strip]]]:
    """Draw the widgets that lie in `crop`, or all of them.

    Textual draws each widget whose container reaches into it: nearly all of an exam screen for one row of code, a
    third of the cost of a key. Unnecessary once Textual looks at the widget's own region as well.
    """
    for widget, (region, clip) in compositor.visible_widgets.items():
        if crop and not (crop.overlaps(clip) and crop.overlaps(region)):
            continue
        shown = region.intersection(clip)
        if shown.area:
            yield region, clip, widget.render_lines(shown.translate((-region.x, -region.y)))


def _partial_update(compositor: Compositor) -> ChopsUpdate | None:
    """Draw the parts of the screen that changed.

    Textual draws all that lies in the smallest rectangle around them: most of an exam screen for a row of code and the
    cursor's position at the bottom. Unnecessary once Textual draws row by row.
    """
    screen = compositor.size.region
    dirty = [region for one in compositor._dirty_regions if (region := one.intersection(screen))]
    compositor._dirty_regions.clear()
    if not dirty:
        return None
    spans = list(compositor._regions_to_spans(dirty))
    cuts = compositor.cuts
    chops: dict[int, dict[int, Strip | None]] = {}
    ends: dict[int, list[int]] = {}
    for y, left, right in spans:
        for start, end in pairwise(cuts[y]):
            if start < right and end > left and start not in chops.setdefault(y, {}):
                chops[y][start] = None
                ends.setdefault(y, []).append(end)
    rows = sorted(chops)
    for widget, (region, clip) in compositor.visible_widgets.items():
        shown = region.intersection(clip)
        if shown.area and any(map(shown.overlaps, dirty)):
            for top, bottom in _bare(shown, rows, cuts, chops):
                part = Region(shown.x, top, shown.width, bottom - top)
                strips = widget.render_lines(part.translate((-region.x, -region.y)))
                for y, strip in enumerate(strips, top):
                    _lay(strip, shown, cuts[y], chops[y])
    # It asks for nothing but the rows of the spans.
    return ChopsUpdate(cast("Any", chops), spans, cast("Any", ends))


def _bare(
    shown: Region, rows: Sequence[int], cuts: Sequence[Sequence[int]], chops: Mapping[int, Mapping[int, Strip | None]]
) -> list[tuple[int, int]]:
    """Return the runs of rows, as (first, one past the last), where part of what is wanted of a widget is bare."""
    left, right = shown.column_span
    runs: list[tuple[int, int]] = []
    for y in rows[bisect_left(rows, shown.y) : bisect_left(rows, shown.bottom)]:
        if any(chops[y].get(cut, FILLED) is None for cut in cuts[y] if left <= cut < right):
            if runs and runs[-1][1] == y:
                runs[-1] = (runs[-1][0], y + 1)
            else:
                runs.append((y, y + 1))
    return runs


def _lay(strip: Strip, shown: Region, cuts: Sequence[int], chops: dict[int, Strip | None]) -> None:
    """Fill what is still bare in a row; the widgets are taken from front to back."""
    left, right = shown.column_span
    within = [cut for cut in cuts if left <= cut <= right]
    for cut, piece in zip(within, strip.divide([cut - left for cut in within[1:]]), strict=False):
        if chops.get(cut, FILLED) is None:
            chops[cut] = piece
