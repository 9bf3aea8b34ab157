"""How the editor draws: only what changed, with a run arrow, indent guides, places found and faults underlined."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual._text_area_theme import TextAreaTheme
from textual.cache import LRUCache
from textual.document._document import Location
from textual.document._document_navigator import DocumentNavigator
from textual.geometry import Region
from textual.strip import Strip
from textual.theme import Theme
from textual.widgets import TextArea

from mockexam.tui import marks, theme
from mockexam.tui.widgets import syntax

ARROW = "▷"
GUIDE = "▏"

# An unmatched bracket would otherwise be sought to the end of the file at each move.
BRACKET_REACH = 20_000


class Fault(NamedTuple):
    """A syntax error: its row and columns, and what Python says about it."""

    row: int
    start: int
    end: int
    message: str


class Colours(NamedTuple):
    """Styles that the text area's own theme has no name for."""

    arrow: Style
    guide: Style
    fault: Style
    found: Style
    found_here: Style


class PaintedArea(TextArea):
    """A text area that draws a row again only when something about that row changed."""

    def __init__(self, text: str, *, language: str | None) -> None:
        self.run_row: int | None = None
        self.faults: tuple[Fault, ...] = ()
        self.found: dict[int, list[tuple[int, int]]] = {}
        self.found_here: tuple[int, int, int] | None = None
        self._strips: LRUCache[tuple[object, ...], Strip] = LRUCache(2048)
        self._rows_highlighted = (0, -1)
        self._unknown_rows: set[int] = set()
        self._drawn: dict[int, tuple[object, ...]] = {}
        self._undecided = False
        self._look = 0
        self._colours: Colours | None = None
        super().__init__(
            text, language=language, soft_wrap=False, tab_behavior="indent", show_line_numbers=True, max_checkpoints=500
        )

    # ── document ──

    def _set_document(self, text: str, language: str | None) -> None:
        self.document = syntax.document_for(text, language)
        self.wrapped_document = syntax.Unwrapped(self.document, tab_width=self.indent_width)
        self.navigator = DocumentNavigator(self.wrapped_document)
        self._build_highlight_map()
        self.move_cursor((0, 0))
        self._rewrap_and_refresh_virtual_size()

    def _build_highlight_map(self) -> None:
        """Take over what edits did to the highlights that are known; the others are found when they are drawn."""
        document = self.document
        if not isinstance(document, syntax.PythonLines) or not document.changes:
            self._highlights.clear()
            self._unknown_rows.clear()
            self._rows_highlighted = (0, -1)
            return
        changes, document.changes = document.changes, []
        for change in changes:
            self._follow(change)
        self.refresh()

    def _follow(self, change: syntax.Change) -> None:
        top, last = self._rows_highlighted
        by = change.new_bottom - change.bottom
        if by:
            known = {
                row + by if row > change.bottom else row: found
                for row, found in self._highlights.items()
                if not change.top <= row <= change.bottom
            }
            self._highlights.clear()
            self._highlights.update(known)
            self._unknown_rows = {
                row + by if row > change.bottom else row
                for row in self._unknown_rows
                if not change.top <= row <= change.bottom
            }
            last += by if last >= change.bottom else 0
            self._rows_highlighted = (top, last)
        rows = [(change.top, change.new_bottom), *change.recoloured]
        if last - top > 400 or (by > 0 and change.new_bottom > last):
            self._rows_highlighted = (0, -1)
        for first, final in rows:
            self._unknown_rows.update(range(max(first, top), min(final, last) + 1))

    def _highlight_rows(self, first: int, last: int) -> None:
        """See to it that the highlights of these rows are known."""
        document = self.document
        if not isinstance(document, syntax.PythonLines):
            return
        top, bottom = self._rows_highlighted
        if not (top <= first and last <= bottom):
            top, bottom = max(0, first - syntax.MARGIN), last + syntax.MARGIN
            self._highlights.clear()
            self._unknown_rows.clear()
            self._highlights.update(document.highlights(top, bottom))
            self._rows_highlighted = (top, bottom)
        elif self._unknown_rows:
            rows, self._unknown_rows = self._unknown_rows, set()
            low, high = min(rows), max(rows)
            for row in range(low, high + 1):
                self._highlights.pop(row, None)
            self._highlights.update(document.highlights(low, high))

    def _yield_character_locations(self, start: Location) -> Iterator[tuple[str, Location]]:
        return islice(super()._yield_character_locations(start), BRACKET_REACH)

    def _yield_character_locations_reverse(self, start: Location) -> Iterator[tuple[str, Location]]:
        return islice(super()._yield_character_locations_reverse(start), BRACKET_REACH)

    # ── colours ──

    def _on_mount(self, event: object) -> None:
        self._wear_theme()
        self.app.theme_changed_signal.subscribe(self, self._on_app_theme)

    def _on_app_theme(self, _: Theme) -> None:
        self._wear_theme()

    def _wear_theme(self) -> None:
        worn: TextAreaTheme = theme.editor_theme(self.app)
        self.register_theme(worn)
        self.theme = worn.name
        self._colours = self._resolved_colours()
        self._strips.clear()
        self._look += 1

    def _resolved_colours(self) -> Colours:
        def named(name: str) -> RichColor:
            return RichColor.parse(theme.colour(self.app, name))

        return Colours(
            arrow=Style.from_color(named("run")),
            guide=Style.from_color(named("divider")),
            fault=Style(color=named("stop"), underline2=True, underline=True),
            found=Style.from_color(bgcolor=named("selection-inactive")),
            found_here=Style.from_color(named("editor"), named("amber")),
        )

    def notify_style_update(self) -> None:
        """Forget what was drawn: its colours changed."""
        self._strips.clear()
        self._look += 1
        super().notify_style_update()

    # ── marks on lines ──

    def show_faults(self, faults: Iterable[Fault]) -> None:
        """Underline syntax errors."""
        self.faults = tuple(faults)
        self.refresh()

    def show_found(self, found: dict[int, list[tuple[int, int]]], here: tuple[int, int, int] | None) -> None:
        """Mark the places found, and the one (row, start, end) the cursor is at."""
        self.found, self.found_here = found, here
        self.refresh()

    def _marks(self, row: int) -> tuple[tuple[int, int, int], ...]:
        """Return (start, end, kind) of a row: 0 a place found, 1 the one at the cursor, 2 a fault."""
        marks = [(start, end, int((row, start, end) == self.found_here)) for start, end in self.found.get(row, ())]
        marks += [(fault.start, fault.end, 2) for fault in self.faults if fault.row == row]
        return tuple(marks)

    def get_line(self, line_index: int) -> Text:
        """Return a line with its marks; the highlights are laid over it afterwards."""
        line = super().get_line(line_index)
        if (colours := self._colours) is not None:
            for start, end, kind in self._marks(line_index):
                line.stylize((colours.found, colours.found_here, colours.fault)[kind], start, end)
        return line

    # ── drawing ──

    @property
    def gutter_width(self) -> int:
        """Line numbers, and two columns for the run arrow."""
        return super().gutter_width + 2

    def _set_dirty(self, *regions: Region) -> None:
        """Put off "everything is dirty" until it is known which rows look different."""
        if regions or not self._drawn:
            super()._set_dirty(*regions)
        else:
            self._undecided = True

    def _exchange_repaint_regions(self) -> Collection[Region]:
        self._decide()
        return super()._exchange_repaint_regions()

    def _decide(self) -> None:
        """Mark the rows that look different from when they were drawn."""
        if not self._undecided:
            return
        self._undecided = False
        top, height = self.scroll_offset.y, self.size.height
        self._highlight_rows(top, top + height)
        width = self.size.width
        changed = [Region(0, y, width, 1) for y in range(height) if self._drawn.get(y) != self._appearance(y + top)]
        if len(changed) == height:
            self._drawn.clear()
            super()._set_dirty()
        elif changed:
            super()._set_dirty(*changed)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw the rows of a region of the widget."""
        top = self.scroll_offset.y
        self._highlight_rows(top, top + self.size.height)
        self._decide()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Draw a row, or return it as it was drawn last."""
        row = y + self.scroll_offset.y
        key = self._drawn[y] = self._appearance(row)
        strip = self._strips.get(key)
        if strip is None:
            strip = super()._render_line(y)
            if row < self.document.line_count:
                strip = self._decorated(strip, row)
            self._strips[key] = strip
        return strip

    def _appearance(self, row: int) -> tuple[object, ...]:
        """Return everything a row's look depends on."""
        if row >= self.document.line_count:
            return (None, self.size.width, self._look)
        start, end = self.selection
        here = end[0] == row
        bracket = self.matching_bracket_location if start == end else None
        cursor = here and self._draw_cursor
        return (
            row,
            self.document[row],
            tuple(self._highlights.get(row, ())),
            self._marks(row) if self.found or self.faults else (),
            here,
            cursor,
            end[1] if cursor or (here and bracket) else None,
            self.selection if start != end and self.selection.contains_line(row) else None,
            bracket[1] if bracket is not None and bracket[0] == row else None,
            here and bracket is not None,
            row == self.run_row,
            self.scroll_offset.x,
            self.size.width,
            self.gutter_width,
            self.suggestion if here else "",
            self._look,
        )

    def _decorated(self, strip: Strip, row: int) -> Strip:
        """Lay the run arrow and the indent guides over a drawn row."""
        colours = self._colours
        if colours is None:
            return strip
        gutter = self.gutter_width
        drawn = self._theme.cursor_line_gutter_style if row == self.cursor_location[0] else self._theme.gutter_style
        back = Style(bgcolor=drawn.bgcolor) if drawn else Style()
        arrow = ARROW if row == self.run_row and not marks.spoken() else " "
        # Textual writes the number at the right of the wider gutter; the arrow's two columns go behind it.
        icon = Strip([Segment(f"{arrow} ", colours.arrow + back)])
        strip = Strip.join([strip.crop(1, gutter - 1), icon, strip.crop(gutter)])
        return self._with_guides(strip, row, colours.guide + back)

    def _with_guides(self, strip: Strip, row: int, style: Style) -> Strip:
        text = self.document[row]
        blanks = len(text) - len(text.lstrip(" ")) if text.strip() else 0
        start, end = sorted(self.selection)
        if (
            marks.spoken()
            or blanks <= self.indent_width
            or self.scroll_offset.x
            or (start != end and start[0] <= row <= end[0])
        ):
            return strip
        gutter = self.gutter_width
        for column in range(self.indent_width, blanks, self.indent_width):
            if (row, column) != self.cursor_location:
                at = gutter + column
                strip = Strip.join([strip.crop(0, at), Strip([Segment(GUIDE, style)]), strip.crop(at + 1)])
        return strip
