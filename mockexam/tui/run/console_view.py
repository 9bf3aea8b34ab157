"""A program's output on the screen: wrapped lines, colours, links to lines of code, typing to the program."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import ClassVar

from rich.cells import cell_len
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import Reactive
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from mockexam.running.console import Console
from mockexam.running.output.folding import Fold, Folding
from mockexam.running.output.links import Link, find_links
from mockexam.running.output.noise import ERRORS
from mockexam.running.style import Color as Paint
from mockexam.running.style import Style as Look
from mockexam.tui import keymap
from mockexam.tui.look import theme
from mockexam.tui.run import fold_line

# What a terminal sends for the keys that programs read.
_SENT = {
    "enter": b"\r",
    "backspace": b"\x7f",
    "tab": b"\t",
    "up": b"\x1b[A",
    "down": b"\x1b[B",
    "ctrl+c": b"\x03",
    "ctrl+d": b"\x04",
}


# In a selected text, until it is given out: the line ends of what is folded, and a line that isn't the program's.
_BREAK, _NOTHING = "\0", "\1"


class ConsoleView(ScrollView, can_focus=True):
    """Shows a Console; `refresh_output` draws what changed since the last call."""

    DEFAULT_CSS = """
    ConsoleView {
        background: $editor;
        color: $text-body;
        padding: 0 1;
        overflow-x: hidden;
        overflow-y: scroll;
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("run")

    # Its scroll bar is always there, so that one more line changes nothing around it.
    virtual_size: Reactive[Size] = Reactive(Size(0, 0), layout=False)

    @dataclass
    class LinkPressed(Message):
        """A place in a file was clicked."""

        view: ConsoleView
        link: Link

    @dataclass
    class Typed(Message):
        """Keys for the program."""

        view: ConsoleView
        data: bytes

    def __init__(self, console: Console, folding: Folding, cwd: Path) -> None:
        super().__init__()
        self.console = console
        self.folding = folding
        self.cwd = cwd
        self.follow = True
        self._ends: list[int] = []
        self._width = 80
        self._styles: dict[Look, Style] = {}

    @property
    def columns(self) -> int:
        """The width lines are wrapped at.

        Taken from the size itself: the region comes from the screen, which may not know it while windows come and go.
        """
        return max(10, self.outer_size.width - self.styles.gutter.width - self.styles.scrollbar_size_vertical)

    # ── layout ──

    def refresh_output(self) -> None:
        """Show what is new."""
        # Under load the layout may be ahead of its event.
        narrowed = self.size.width > 0 and self._width != self.columns
        if self.console.dirty is None and self._ends and not narrowed:
            return
        if narrowed:
            self._width = self.columns
        self._wrap(0 if narrowed else len(self.console))

    def _wrap(self, first: int) -> None:
        """Count the screen rows of each line again, starting at a line or at what has changed."""
        if not self.is_mounted:
            return
        gone = self.folding.forget()
        dirty = self.console.dirty
        self.console.clean()
        first = min(first, self.folding.follow(len(self.console) if dirty is None else dirty))
        width, console, folds, cuts = self._width, self.console, self.folding.folds, self.folding.cuts
        ends = self._ends
        before = ends[-1] if ends else 0
        if gone:
            shift = ends[min(gone, len(ends)) - 1] if ends else 0
            ends[:] = [end - shift for end in ends[gone:]]
        first = min(first, len(ends))
        del ends[first:]
        top = at = ends[-1] if ends else 0
        for row in range(first, len(console)):
            text = console.text(row)
            length = len(text)
            if folds[row] is not None or (cuts and self.folding.cut(row) is not None):
                at += self._folded_height(row, text)
            elif length <= width // 2 or (length <= width and text.isascii()):
                at += 1
            else:
                at += max(1, -(-cell_len(text) // width))
            ends.append(at)
        self.virtual_size = Size(width, at)
        if at != before:
            self._scroll_update(self.virtual_size)
        if self.follow:
            self.scroll_end(animate=False, immediate=True, x_axis=False)
        # A progress bar is redrawn twenty times a second; the rows above it are not.
        if at == before and not gone:
            top = max(top, self.scroll_offset.y)
            self.refresh_lines(top, min(at - top, self.size.height))
        else:
            self.refresh()

    def _folded_height(self, row: int, text: str) -> int:
        """The screen rows of a line that is in a fold, or that a folded traceback begins in."""
        fold = self.folding.folds[row]
        height = max(1, -(-cell_len(text[: self.folding.cut(row)]) // self._width))
        if fold is None:
            return height
        return (1 if self.folding.begins(row) else 0) + (height if fold.opened else 0)

    def _size_updated(self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True) -> bool:
        """Wrap again at the new width, even after a layout that sends no event, such as one that scrolling causes."""
        told = super()._size_updated(size, virtual_size, container_size, layout)
        if self.columns != self._width:
            self.call_later(self._fit)
        return told

    def _fit(self) -> None:
        self._width = self.columns
        self._wrap(0)

    def on_resize(self) -> None:
        """Stay at the end of the output when what stands under it takes some of the height."""
        if self.follow:
            self.scroll_end(animate=False, immediate=True, x_axis=False)

    def on_mount(self) -> None:
        """Wrap for the first time, and follow the colours of the theme."""
        self._fit()
        self.app.theme_changed_signal.subscribe(self, lambda _: self._styles.clear())

    def on_unmount(self) -> None:
        """Unsubscribe: the signal would keep the view, with all its output, until the theme changes."""
        self.app.theme_changed_signal.unsubscribe(self)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Follow the output only while scrolled to its end."""
        super().watch_scroll_y(old_value, new_value)
        self.follow = new_value >= self.max_scroll_y - 0.5

    def action_scroll_end(self) -> None:
        """Go to the end and follow the output again."""
        self.follow = True
        self.scroll_end(animate=False, immediate=True)

    # ── drawing ──

    def render_line(self, y: int) -> Strip:
        """Draw a screen row."""
        at = y + self.scroll_offset.y
        base = self.rich_style
        width = self.size.width
        if not self._ends or at >= self._ends[-1]:
            return Strip.blank(width, base)
        row = bisect_right(self._ends, at)
        if row >= len(self.console):
            return Strip.blank(width, base)
        section = self._section(at, row)
        start = max(0, section) * self._width
        drawn = self._drawn(row) if section >= 0 else self._drawn_fold(row)
        strip = drawn.crop(start, start + self._width)
        selected = self.text_selection
        if selected is not None and (span := selected.get_span(at)) is not None:
            left, right = span
            right = strip.cell_length if right == -1 else right
            style = self.screen.get_component_rich_style("screen--selection")
            chosen = strip.crop(left, right).apply_style(style)
            strip = Strip.join([strip.crop(0, left), chosen, strip.crop(right)])
        return strip.apply_style(base).apply_offsets(0, at).adjust_cell_length(width, base)

    def _section(self, at: int, row: int) -> int:
        """Which screen row of a line is drawn at a row of the view: -1 is the line of the fold that begins there."""
        above = 1 if self.folding.begins(row) is not None else 0
        return at - (self._ends[row - 1] if row else 0) - above

    def _drawn_fold(self, row: int) -> Strip:
        fold = self.folding.begins(row)
        assert fold is not None
        return Strip([Segment(fold_line.text(fold), Style(color=theme.colour(self.app, "text-faint")))])

    def _drawn(self, row: int) -> Strip:
        text, marks = self.console.line(row)
        if (cut := self.folding.cut(row)) is not None:
            text, marks = text[:cut], tuple(mark for mark in marks if mark[0] <= cut)
        wrong = self.folding.kinds[row] in ERRORS
        links = [(link.start, link.end) for link in find_links(text, self.cwd)]
        cuts = sorted({at for at, _ in marks} | {at for link in links for at in link} | {0, len(text)})
        segments: list[Segment] = []
        index = 0
        for start, end in pairwise(cuts):
            while index + 1 < len(marks) and marks[index + 1][0] <= start:
                index += 1
            style = self._style(marks[index][1]) if marks else Style.null()
            if wrong and style.color is None:
                style += Style(color=theme.colour(self.app, "stop"))
            if any(left <= start < right for left, right in links):
                style += Style(color=theme.colour(self.app, "link"), underline=True)
            segments.append(Segment(text[start:end], style))
        return Strip(segments)

    def _style(self, look: Look) -> Style:
        found = self._styles.get(look)
        if found is None:
            found = self._styles[look] = Style(
                color=self._paint(look.fg),
                bgcolor=self._paint(look.bg),
                bold=look.bold or None,
                dim=look.dim or None,
                italic=look.italic or None,
                underline=look.underline or None,
                reverse=look.reverse or None,
                strike=look.strike or None,
            )
        return found

    def _paint(self, paint: Paint) -> Color | None:
        if paint is None:
            return None
        if isinstance(paint, tuple):
            return Color.from_rgb(*paint)
        role = _ROLES.get(paint)
        return Color.parse(theme.colour(self.app, role)) if role else Color.from_ansi(paint)

    # ── selection ──

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the selected text, with the line ends the program wrote."""
        rows: list[str] = []
        for row in range(len(self.console)):
            text = self.console.text(row)[: self.folding.cut(row)]
            height = self._ends[row] - (self._ends[row - 1] if row else 0) if row < len(self._ends) else 1
            if (fold := self.folding.begins(row)) is not None:
                height -= 1
                rows.append(self._selected_fold(fold, row, _whole(selection, len(rows))))
            rows += [text[i * self._width : (i + 1) * self._width] for i in range(height)]
        return selection.extract("\n".join(rows)).replace(_NOTHING + "\n", "").replace(_BREAK, "\n"), "\n"

    def _selected_fold(self, fold: Fold, row: int, whole: bool) -> str:
        """What a selection takes for the line of a fold: the lines behind it, when it takes all of that line."""
        if not whole:
            return fold_line.text(fold)
        last = self.folding.row_of(fold) + fold.count
        return _NOTHING if fold.opened else _BREAK.join(self.console.text(one) for one in range(row, last))

    def selection_updated(self, selection: Selection | None) -> None:
        """Draw the selection."""
        self.refresh()

    # ── mouse and keys ──

    def link_at(self, x: int, y: int) -> Link | None:
        """Return the link at a position in the widget."""
        at = y + self.scroll_offset.y
        row = bisect_right(self._ends, at)
        if row >= len(self.console) or (section := self._section(at, row)) < 0:
            return None
        column = x + section * self._width
        links = find_links(self.console.text(row), self.cwd)
        return next((link for link in links if link.start <= column < link.end), None)

    def last_link(self, inside: Path) -> Link | None:
        """Return the last place in a file below a folder: the candidate's own frame of the last traceback."""
        for row in range(len(self.console) - 1, max(-1, len(self.console) - 2000), -1):
            for link in reversed(find_links(self.console.text(row), self.cwd)):
                if link.path.is_relative_to(inside):
                    return link
        return None

    def on_click(self, event: events.Click) -> None:
        """Follow a link, open or close a fold."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if (fold := self.fold_at(offset.y)) is not None:
            fold.opened = not fold.opened
            self._refold(self.folding.row_of(fold))
        elif (link := self.link_at(offset.x, offset.y)) is not None:
            self.post_message(self.LinkPressed(self, link))

    def fold_at(self, y: int) -> Fold | None:
        """Return the fold whose line is at a row of the widget."""
        at = y + self.scroll_offset.y
        row = bisect_right(self._ends, at)
        return self.folding.begins(row) if row < len(self._ends) and self._section(at, row) < 0 else None

    def toggle_folds(self) -> None:
        """Open every fold, or close them when all are open."""
        self.folding.toggle_all()
        self._refold(0)

    def _refold(self, first: int) -> None:
        """Draw again from a line on whose fold was opened or closed; what is read stays where it is."""
        self.follow = False
        self._wrap(max(0, first - 1))
        self.refresh()
        self.follow = self.scroll_offset.y >= self.max_scroll_y

    def on_key(self, event: events.Key) -> None:
        """Send what is typed to the program."""
        if event.key == "ctrl+c" and self.screen.get_selected_text():
            return
        data = _SENT.get(event.key)
        if data is None and event.is_printable and event.character is not None:
            data = event.character.encode()
        if data is not None:
            event.stop()
            event.prevent_default()
            self.action_scroll_end()
            self.post_message(self.Typed(self, data))

    def on_paste(self, event: events.Paste) -> None:
        """Send pasted text to the program."""
        event.stop()
        self.post_message(self.Typed(self, event.text.replace("\n", "\r").encode()))


# Keras draws its bars in palette colours; the theme's own are easier on the eye, and follow it.
_ROLES = {1: "stop", 2: "run", 3: "amber", 4: "progress", 5: "purple", 9: "stop", 10: "run", 11: "amber", 12: "link"}


def _whole(selection: Selection, row: int) -> bool:
    """Whether a selection takes a row from its beginning and goes on after it."""
    start, end = selection
    return (start is None or (start.y, start.x) <= (row, 0)) and (end is None or end.y > row)
