"""Small marks used on several screens: score dots, progress bars, times and sizes in words."""

from __future__ import annotations

import textwrap
from pathlib import Path

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from graders.sentences import Sentence, sentence, sentences
from mockexam.language.catalogue import shown


class _Manner:
    """How marks are made: as signs, or in words for people who have the screen read to them."""

    spoken = False


def speak(spoken: bool) -> None:
    """Make marks in words from now on, or as signs."""
    _Manner.spoken = spoken


def spoken() -> bool:
    """Whether marks are made in words."""
    return _Manner.spoken


def dots(passed: int, of: int = 5) -> Content:
    """Passed tests as filled dots: green when all passed, amber otherwise."""
    if spoken():
        # The number is beside it.
        return Content(" " * of)
    style = "$run" if passed == of else "$amber"
    return Content.assemble(("●" * passed, style), ("○" * (of - passed), "$text-faint"))


def bar(fraction: float, width: int = 20, style: str = "$progress") -> Content:
    """A line of `width` cells, filled up to `fraction` (0 to 1, values outside are clamped)."""
    share = min(max(fraction, 0.0), 1.0)
    filled = round(share * width)
    if spoken():
        return Content(f"{share:.0%}".ljust(width))
    return Content.assemble(("━" * filled, style), ("╌" * (width - filled), "$progress-rest"))


def hanging(text: str, width: int, indent: int) -> str:
    """`text` wrapped to `width`, all lines but the first indented by `indent` cells: the first follows something."""
    return ("\n" + " " * indent).join(textwrap.wrap(text, max(12, width - indent)))


FIRST_NUMBERS = (
    sentence("No"), sentence("One"), sentence("Two"), sentence("Three"), sentence("Four"), sentence("Five"),
    sentence("Six"), sentence("Seven"), sentence("Eight"), sentence("Nine"), sentence("Ten"),
)  # fmt: skip
"""Those that begin a sentence."""

NUMBERS = (
    sentence("no"), sentence("one"), sentence("two"), sentence("three"), sentence("four"), sentence("five"),
    sentence("six"), sentence("seven"), sentence("eight"), sentence("nine"), sentence("ten"),
)  # fmt: skip


def problems(count: int) -> str:
    """The number of problems, to begin a sentence with."""
    return shown(_problems(count))


def _problems(count: int) -> Sentence:
    number = FIRST_NUMBERS[count] if count < len(FIRST_NUMBERS) else count
    return sentences("{number} problem", "{number} problems", count=count, number=number)


def number(count: int) -> str:
    """A number within a sentence: a word, if it is a small one."""
    return shown(NUMBERS[count]) if count < len(NUMBERS) else str(count)


def form(count: int, minutes: int, pass_mark: float) -> str:
    """The form of an exam in a line; `pass_mark` is of 100."""
    return shown(
        sentences(
            "{problems}, {count} minute, {mark} of 100 to pass",
            "{problems}, {count} minutes, {mark} of 100 to pass",
            count=minutes,
            problems=_problems(count),
            mark=f"{pass_mark:g}",
        )
    )


def fitted(text: str, width: int) -> str:
    """`text` in exactly `width` cells: cut and marked as cut, or filled up. Hangul takes two cells a character."""
    return set_cell_size(text if cell_len(text) <= width else set_cell_size(text, width - 1) + "…", width)


def ending(text: str, width: int) -> str:
    """`text` in at most `width` cells: its end, and a mark where its beginning was cut off."""
    if cell_len(text) <= width:
        return text
    while cell_len(text) > width - 1:
        text = text[1:]
    return f"…{text}"


def clock(seconds: float) -> str:
    """Time left as h:mm:ss, never negative."""
    whole = max(0, int(seconds))
    return f"{whole // 3600}:{whole % 3600 // 60:02}:{whole % 60:02}"


def span(seconds: float) -> str:
    """A time spent in words: "45 s", "12 min", "1 h 05 min"."""
    whole = max(0, int(seconds))
    if whole < 60:
        return shown(sentence("{seconds} s", seconds=whole))
    minutes = whole // 60
    if minutes < 60:
        return shown(sentence("{minutes} min", minutes=minutes))
    return shown(sentence("{hours} h {minutes} min", hours=minutes // 60, minutes=f"{minutes % 60:02}"))


def size(count: int) -> str:
    """A file size in decimal units: "640 B", "21 kB", "1.9 MB", "210 MB"."""
    if count < 1000:
        return shown(sentence("{size} B", size=count))
    if count < 1_000_000:
        return shown(sentence("{size} kB", size=f"{count / 1000:.0f}"))
    if count < 1_000_000_000:
        return shown(sentence("{size} MB", size=f"{count / 1_000_000:.{0 if count >= 100_000_000 else 1}f}"))
    return shown(sentence("{size} GB", size=f"{count / 1_000_000_000:.1f}"))


def homely(path: Path | str) -> str:
    """A path with the home folder written as ~."""
    path = Path(path)
    try:
        return str(Path("~") / path.relative_to(Path.home()))
    except ValueError:
        return str(path)
