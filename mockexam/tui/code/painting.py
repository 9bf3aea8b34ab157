"""How the editor draws: only what changed, with a run arrow, indent guides, and what is marked in the text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from time import monotonic

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual._text_area_theme import TextAreaTheme
from textual.cache import LRUCache
from textual.geometry import Region
from textual.strip import Strip
from textual.theme import Theme
from textual.widgets._text_area import build_byte_to_codepoint_dict

from mockexam.tui.code import brush, tally
from mockexam.tui.code.colours import Colours, Overlay
from mockexam.tui.code.marked_area import FAULT, FINDING, FOUND, FOUND_HERE, MarkedArea
from mockexam.tui.code.tally import Corner
from mockexam.tui.look import formatting, theme

ARROW = "▷"
GUIDE = "▏"
THUMB = "▐"

# After ten seconds without a key the cursor stops blinking, as in other editors: each blink costs a repaint.
MOST_BLINKS = 20

# Seconds between keys.
FASTEST_TYPING = 0.008


_PICTURES = {code: 0x2400 + code for code in range(32) if chr(code) != "\t"}
_PICTURES |= dict.fromkeys(range(0x7F, 0xA0), 0x2421)


class PaintedArea(MarkedArea):
    """A text area that draws a row again only when something about that row changed."""

    def __init__(self, text: str, *, language: str | None) -> None:
        self.run_row: int | None = None
        self.checked = False
        self._strips: LRUCache[tuple[object, ...], Strip] = LRUCache(2048)
        self._drawn: dict[int, tuple[object, ...]] = {}
        self._overlay: Overlay | None = None
        self._undecided = False
        self._shown_at = 0.0
        self._look = 0
        self._blinks = 0
        self._colours: Colours | None = None
        super().__init__(text, language=language)

    # ── colours ──

    def _on_mount(self, event: object) -> None:
        self._wear_theme()
        self.app.theme_changed_signal.subscribe(self, self._on_app_theme)

    def on_unmount(self) -> None:
        self.app.theme_changed_signal.unsubscribe(self)  # it would keep a closed file in memory

    def _on_app_theme(self, _: Theme) -> None:
        self._wear_theme()

    def _wear_theme(self) -> None:
        worn: TextAreaTheme = theme.editor_theme(self.app)
        self.register_theme(worn)
        self.theme = worn.name
        self._colours = Colours.of(self.app)
        self._strips.clear()
        self._look += 1

    def notify_style_update(self) -> None:
        """Forget what was drawn: its colours changed."""
        self._strips.clear()
        self._look += 1
        super().notify_style_update()

    # ── lines over the text ──

    def show_over(self, overlay: Overlay | None) -> None:
        """Lay lines over the text, or take them away."""
        self._overlay = overlay
        self.refresh()

    def line_over(self, x: int, y: int) -> int | None:
        """Return which line over the text a cell of the widget belongs to."""
        over, row = self._overlay, y + self.scroll_offset.y
        inside = over is not None and over.left <= x < over.left + over.width
        return row - over.top if over is not None and inside and 0 <= row - over.top < len(over.lines) else None

    def show_checked(self) -> None:
        """Show in the corner how many marks there are, from now on: the text was inspected."""
        if not self.checked:
            self.checked = True
            self.refresh()

    def in_corner(self, x: int, y: int) -> bool:
        """Whether a cell of the widget belongs to the count in the corner."""
        corner = self._corner()
        return y == 0 and corner is not None and x >= self.size.width - cell_len(corner.text)

    def _corner(self) -> Corner | None:
        """The count at the right end of the first row; None where the text under the cursor would lie below it."""
        if not self.checked:
            return None
        corner = tally.corner(len(self.marks.faults), len(self.marks.findings))
        row = self.scroll_offset.y
        if self.cursor_location[0] == row:
            shown = self.gutter_width + cell_len(self.document[row].expandtabs(self.indent_width)) + 1
            if shown - self.scroll_offset.x > self.size.width - cell_len(corner.text):
                return None
        return corner

    # ── the cursor ──

    def _restart_blink(self) -> None:
        self._blinks = 0
        super()._restart_blink()

    def _toggle_cursor_blink_visible(self) -> None:
        super()._toggle_cursor_blink_visible()
        self._blinks += 1
        if self._cursor_visible and self._blinks >= MOST_BLINKS:
            self.blink_timer.pause()

    # ── drawing ──

    @property
    def gutter_width(self) -> int:
        """Line numbers, and two columns for the run arrow."""
        return super().gutter_width + 2

    def _set_dirty(self, *regions: Region) -> None:
        """Defer "everything is dirty" until it is known which rows look different."""
        if regions or not self._drawn:
            super()._set_dirty(*regions)
        else:
            self._undecided = True

    def _exchange_repaint_regions(self) -> Collection[Region]:
        self._decide()
        return super()._exchange_repaint_regions()

    def _decide(self) -> None:
        """Mark the rows that look different from when they were last drawn."""
        if not self._undecided:
            return
        self._undecided = False
        width, height = self.size
        looks = self._appearances(0, height)
        changed = [Region(0, y, width, 1) for y, look in enumerate(looks) if self._drawn.get(y) != look]
        if len(changed) == height:
            self._drawn.clear()
            super()._set_dirty()
        elif changed:
            super()._set_dirty(*changed)

    def show_now(self) -> None:
        """Write what a key changed to the terminal; Textual would wait for the next sixtieth of a second.

        Not for text typed by a machine, whose letters nobody sees one by one.
        """
        screen = self.screen
        showing = screen.is_current and not self.app._batch_count
        if (
            not showing
            or not (self._undecided or self._repaint_regions)
            or monotonic() - self._shown_at < FASTEST_TYPING
        ):
            return
        # The other changed widgets, and a new layout if one is due, follow in the usual way.
        others = screen._dirty_widgets - {self}
        screen._compositor.update_widgets({self})
        screen._compositor_refresh()
        screen._dirty_widgets.update(others)
        self._shown_at = monotonic()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw the rows of a region of the widget, or return them as they were drawn last.

        Bypasses Textual's cache of styled lines: an editor has no border, padding or opacity to add.
        """
        if self._theme:
            self._theme.apply_css(self)
        self._decide()
        top = self.scroll_offset.y
        strips = []
        for y, look in zip(crop.line_range, self._appearances(crop.y, crop.bottom), strict=True):
            self._drawn[y] = look
            strip = self._strips.get(look)
            if strip is None:
                strip = self._strips[look] = self._cornered(self._overlaid(self._painted(y + top), y + top), y)
            strips.append(strip)
        if filters := self.get_line_filters():
            background = self.background_colors[1]
            for one in filters:
                strips = [strip.apply_filter(one, background) for strip in strips]
        if crop.column_span != (0, self.size.width):
            strips = [strip.crop(*crop.column_span) for strip in strips]
        return strips

    def render_line(self, y: int) -> Strip:
        """Draw a row."""
        return self.render_lines(Region(0, y, self.size.width, 1))[0]

    def _appearances(self, first: int, last: int) -> list[tuple[object, ...]]:
        """Return all that the look of each of these rows of the widget depends on."""
        looks = self._looks(first, last)
        if first == 0 < len(looks) and (corner := self._corner()) is not None:
            looks[0] = (looks[0], corner)
        if (over := self._overlay) is not None:
            for at, line in enumerate(over.lines, over.top - self.scroll_offset.y - first):
                if 0 <= at < len(looks):
                    looks[at] = (looks[at], over.left, over.width, line)
        return looks

    def _looks(self, first: int, last: int) -> list[tuple[object, ...]]:
        top, width, document = self.scroll_offset.y, self.size.width, self.document
        self._highlight_rows(top, top + self.size.height)
        start, end = self.selection
        bracket = self.matching_bracket_location if start == end else None
        cursor = self._draw_cursor
        shared = (self.scroll_offset.x, width, self.gutter_width, self._look)
        highlights, marked = self._highlights.get, bool(self.found or self.marks)
        count, selected = document.line_count, sorted((start[0], end[0])) if start != end else (1, 0)
        looks: list[tuple[object, ...]] = []
        for row in range(first + top, last + top):
            if row >= count:
                looks.append((None, width, self._look))
                continue
            here = end[0] == row
            looks.append(
                (
                    row,
                    document[row],
                    tuple(highlights(row, ())),
                    self._stretches(row) if marked else (),
                    self._sign(row) if marked else None,
                    here and (end[1] if cursor or bracket else None, cursor),
                    self.selection if selected[0] <= row <= selected[1] else None,
                    bracket[1] if bracket is not None and bracket[0] == row else None,
                    here and bracket is not None,
                    row == self.run_row,
                    shared,
                )
            )
        return looks

    def _painted(self, row: int) -> Strip:
        """Draw a row of the document."""
        width, worn = self.size.width, self._theme
        base = worn.base_style if worn and worn.base_style is not None else self.rich_style
        colours = self._colours
        if row >= self.document.line_count or worn is None or colours is None:
            return Strip.blank(width, base)
        here = row == self.cursor_location[0] and self.highlight_cursor_line
        gutter = worn.cursor_line_gutter_style if here else worn.gutter_style
        ground = Style(bgcolor=gutter.bgcolor) if gutter else Style()
        sign, sign_style = self._in_gutter(row, colours)
        number = f"{row + self.line_number_start:>{self.gutter_width - 3}} "
        text, layers = self._layers(row, worn, colours, colours.guide + ground)
        edge = [Segment(number, base + gutter if gutter else base), Segment(f"{sign} ", sign_style + ground)]
        rest = base + worn.cursor_line_style if here and worn.cursor_line_style else base
        tab, left = self.indent_width, self.scroll_offset.x
        return brush.row(edge, text, base, layers, rest, tab=tab, left=left, width=width)

    def _in_gutter(self, row: int, colours: Colours) -> tuple[str, Style]:
        if formatting.spoken():
            return " ", colours.arrow
        if row == self.run_row:
            return ARROW, colours.arrow
        sign = self._sign(row)
        if sign is None:
            return " ", colours.arrow
        return (tally.FAULT, colours.fault_sign) if sign == FAULT else (tally.FINDING, colours.finding_sign)

    def _cornered(self, strip: Strip, y: int) -> Strip:
        corner, colours = self._corner() if y == 0 else None, self._colours
        if corner is None or colours is None:
            return strip
        styles = {"fault": colours.fault_sign, "finding": colours.finding_sign, "none": colours.arrow}
        parts = [Segment(text, colours.plain + styles[kind]) for text, kind in corner.parts]
        left = max(0, self.size.width - cell_len(corner.text))
        return Strip.join([strip.crop(0, left), Strip(parts)]).crop(0, self.size.width)

    def _overlaid(self, strip: Strip, row: int) -> Strip:
        over, colours = self._overlay, self._colours
        if over is None or colours is None or not 0 <= row - over.top < len(over.lines):
            return strip
        line = over.lines[row - over.top]
        words = Segment(line.text, colours.chosen if line.chosen else colours.offered)
        middle = Strip([words, Segment(THUMB if line.thumb else " ", colours.thumb)], over.width)
        return Strip.join([strip.crop(0, over.left), middle, strip.crop(over.left + over.width)])

    def _layers(self, row: int, worn: TextAreaTheme, colours: Colours, guide: Style) -> tuple[str, list[brush.Layer]]:
        """Return a row's text as it is shown, and what colours it, the lowest layer first."""
        line = self.document[row]
        # A file's control characters must not reach the terminal as such; the blank at the end is for the cursor.
        text = line.translate(_PICTURES) + " "
        styles = (colours.found, colours.found_here, colours.fault, colours.finding)
        marked: dict[int, list[brush.Layer]] = defaultdict(list)
        for left, right, kind in self._stretches(row):
            marked[kind].append((left, right, styles[kind]))
        layers: list[brush.Layer] = []
        start, end = self.selection
        here = row == end[0]
        if here and self.highlight_cursor_line and worn.cursor_line_style:
            layers.append((0, None, worn.cursor_line_style))
        layers += marked[FOUND]
        first, last = sorted((start, end))
        selected = first != last and first[0] <= row <= last[0]
        if selected and worn.selection_style:
            if not line and not here:
                # An empty line would not show that it is selected.
                text = "▌"
                layers.append((0, None, Style(color=worn.selection_style.bgcolor)))
            else:
                left = first[1] if row == first[0] else 0
                layers.append((left, last[1] if row == last[0] else len(line), worn.selection_style))
        layers += self._coloured(row, line, worn)
        # The place found is selected too, and has colours of its own for both text and ground.
        layers += marked[FOUND_HERE] + marked[FINDING] + marked[FAULT]
        columns = [] if selected or formatting.spoken() or self.scroll_offset.x else self._guides(row, line)
        for column in columns:
            text = text[:column] + GUIDE + text[column + 1 :]
        layers += [(column, column + 1, guide) for column in columns]
        return text, layers + self._cursor_layers(row, worn)

    def _coloured(self, row: int, line: str, worn: TextAreaTheme) -> Iterator[brush.Layer]:
        place = {} if line.isascii() else build_byte_to_codepoint_dict(line.encode("utf-8", "surrogatepass"))
        for start, end, name in self._highlights.get(row, ()):
            if (style := worn.syntax_styles.get(name)) is not None:
                yield place.get(start, start), place.get(end, end) if end else None, style

    def _guides(self, row: int, line: str) -> list[int]:
        blanks = len(line) - len(line.lstrip(" ")) if line.strip() else 0
        columns = range(self.indent_width, blanks, self.indent_width)
        return [column for column in columns if (row, column) != self.cursor_location]

    def _cursor_layers(self, row: int, worn: TextAreaTheme) -> list[brush.Layer]:
        """Return the cursor and the brackets that match at it."""
        start, (cursor_row, column) = self.selection
        bracket = self.matching_bracket_location if start == (cursor_row, column) else None
        layers: list[brush.Layer] = []
        if row == cursor_row:
            if bracket is not None and worn.bracket_matching_style:
                layers.append((column, column + 1, worn.bracket_matching_style))
            if self._draw_cursor and worn.cursor_style:
                layers.append((column, column + 1, worn.cursor_style))
        if bracket is not None and bracket[0] == row and worn.bracket_matching_style:
            layers.append((bracket[1], bracket[1] + 1, worn.bracket_matching_style))
        return layers
