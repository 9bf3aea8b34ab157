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
from mockexam.running.links import Link, find_links
from mockexam.running.style import Color as Paint
from mockexam.running.style import Style as Look
from mockexam.tui import keymap
from mockexam.tui.look import theme

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

    def __init__(self, console: Console, cwd: Path) -> None:
        super().__init__()
        self.console = console
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
        dirty = self.console.dirty
        # Under load the layout may be ahead of its event.
        narrowed = self.size.width > 0 and self._width != self.columns
        if dirty is None and self._ends and not narrowed:
            return
        self.console.clean()
        if narrowed:
            self._width = self.columns
        self._wrap(0 if narrowed else dirty or 0)

    def _wrap(self, first: int) -> None:
        """Count the screen rows of each line again, starting at a line."""
        if not self.is_mounted:
            return
        width, console = self._width, self.console
        ends = self._ends
        first = min(first, len(ends))
        before = ends[-1] if ends else 0
        del ends[first:]
        top = at = ends[-1] if ends else 0
        for row in range(first, len(console)):
            text = console.text(row)
            length = len(text)
            if length <= width // 2 or (length <= width and text.isascii()):
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
        if at == before:
            top = max(top, self.scroll_offset.y)
            self.refresh_lines(top, min(at - top, self.size.height))
        else:
            self.refresh()

    def _size_updated(self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True) -> bool:
        """Wrap again at the new width, even after a layout that sends no event, such as one that scrolling causes."""
        told = super()._size_updated(size, virtual_size, container_size, layout)
        if self.columns != self._width:
            self.call_later(self._fit)
        return told

    def _fit(self) -> None:
        self._width = self.columns
        self._wrap(0)

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
        section = at - (self._ends[row - 1] if row else 0)
        start = section * self._width
        strip = self._drawn(row).crop(start, start + self._width)
        selected = self.text_selection
        if selected is not None and (span := selected.get_span(at)) is not None:
            left, right = span
            right = strip.cell_length if right == -1 else right
            style = self.screen.get_component_rich_style("screen--selection")
            chosen = strip.crop(left, right).apply_style(style)
            strip = Strip.join([strip.crop(0, left), chosen, strip.crop(right)])
        return strip.apply_style(base).apply_offsets(0, at).adjust_cell_length(width, base)

    def _drawn(self, row: int) -> Strip:
        text, marks = self.console.line(row)
        links = [(link.start, link.end) for link in find_links(text, self.cwd)]
        cuts = sorted({at for at, _ in marks} | {at for link in links for at in link} | {0, len(text)})
        segments: list[Segment] = []
        index = 0
        for start, end in pairwise(cuts):
            while index + 1 < len(marks) and marks[index + 1][0] <= start:
                index += 1
            style = self._style(marks[index][1]) if marks else Style.null()
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
            text = self.console.text(row)
            sections = self._ends[row] - (self._ends[row - 1] if row else 0) if row < len(self._ends) else 1
            rows += [text[i * self._width : (i + 1) * self._width] for i in range(sections)]
        return selection.extract("\n".join(rows)), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """Draw the selection."""
        self.refresh()

    # ── mouse and keys ──

    def link_at(self, x: int, y: int) -> Link | None:
        """Return the link at a position in the widget."""
        at = y + self.scroll_offset.y
        row = bisect_right(self._ends, at)
        if row >= len(self.console):
            return None
        column = x + (at - (self._ends[row - 1] if row else 0)) * self._width
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
        """Follow a link."""
        offset = event.get_content_offset(self)
        if offset is not None and (link := self.link_at(offset.x, offset.y)) is not None:
            self.post_message(self.LinkPressed(self, link))

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
