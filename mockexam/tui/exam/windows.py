"""Which tool windows of the exam screen are open, how large they are, and which has the focus."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from textual.geometry import Size
from textual.widget import Widget

from mockexam.tui import tool_windows
from mockexam.tui.exam.focus import Focus
from mockexam.tui.exam.widgets.stripe import Stripe
from mockexam.tui.tool_windows import DOCKED, NARROW, TALL, WIDE, ToolWindow


@dataclass(frozen=True)
class Surroundings:
    """What windows must know about the rest of the screen."""

    size: Callable[[], Size]
    to_editor: Callable[[], None]
    page_shown: Callable[[], bool]
    """Whether the window that takes the place of the code is shown."""
    toggle_page: Callable[[], object]
    program_shown: Callable[[], bool]
    """Whether there is a program to watch in the window at the bottom."""


class Windows:
    """On a wide screen windows are beside the code; on a narrow one those at the sides lie over it, one at a time."""

    def __init__(self, panes: Mapping[str, Widget], stripe: Stripe, focus: Focus, surroundings: Surroundings) -> None:
        self.panes = panes
        self.opened = {window.id for window in DOCKED if window.opens}
        self.over: str | None = None
        self.below: str | None = None
        self.active: str | None = None
        self.last = "run"
        self.sizes: dict[str, int] = {}
        self._stripe = stripe
        self._focus = focus
        self._around = surroundings
        self._fitted: dict[str, int] = {}
        self._hidden: set[str] = set()
        self._was_narrow: bool | None = None
        focus.on_missed = self.note_focus

    @property
    def narrow(self) -> bool:
        """Whether side windows have no space of their own."""
        return self._around.size().width < NARROW

    def is_open(self, id: str) -> bool:
        """Whether a window can be seen."""
        side = tool_windows.find(id).side
        if side == "page":
            return self._around.page_shown()
        if not self.narrow:
            return id in self.opened
        if side == "bottom":
            # On a small screen the few rows go to a window that lies over the code.
            return self.below == id and (self.over is None or self._around.size().height >= TALL)
        return self.over == id

    def apply(self) -> None:
        """Show and hide, and light the stripe."""
        self._follow_width()
        for window in DOCKED:
            pane = self.panes[window.id]
            pane.display = self.is_open(window.id)
            self._fit(window, pane)
        self._stripe.show({window.id for window in tool_windows.WINDOWS if self.is_open(window.id)}, self.active)

    def _follow_width(self) -> None:
        """A program that is watched stays in view when the screen becomes narrow, or wide again."""
        if self._was_narrow is not None and self.narrow != self._was_narrow:
            if self.narrow:
                watched = [one.id for one in tool_windows.at("bottom") if one.id in self.opened]
                self.below = watched[0] if watched and self._around.program_shown() else None
            elif self.below is not None:
                self._open_docked(tool_windows.find(self.below))
        self._was_narrow = self.narrow

    def open(self, id: str, *, focus: bool = False) -> None:
        """Open a window."""
        window = tool_windows.find(id)
        if not self.narrow:
            self._open_docked(window)
        elif window.side == "bottom":
            self.below = id
        else:
            self.over = id
        self.apply()
        if focus:
            self.focus(id)

    def _open_docked(self, window: ToolWindow) -> None:
        self.opened -= {other.id for other in tool_windows.at(window.side)}
        self.opened.add(window.id)

    def close(self, id: str) -> None:
        """Close a window; the focus goes back to the code when it was there."""
        had_focus = self.active == id
        if not self.narrow:
            self.opened.discard(id)
        elif self.below == id:
            self.below = None
        elif self.over == id:
            self.over = None
        self.apply()
        if had_focus:
            self._around.to_editor()

    def toggle(self, id: str) -> None:
        """Open a closed window, go to an open one, close the one that has the focus."""
        if tool_windows.find(id).side == "page":
            self._around.toggle_page()
        elif not self.is_open(id):
            self.open(id, focus=True)
        elif self.active == id:
            self.close(id)
        else:
            self.focus(id)

    def toggle_shown(self, id: str) -> None:
        """Open or close, wherever the focus is: what a click on the stripe means."""
        if tool_windows.find(id).side == "page":
            self._around.toggle_page()
        elif self.is_open(id):
            self.close(id)
        else:
            self.open(id, focus=True)

    def close_over(self) -> None:
        """Take away what lies over the code."""
        if self.narrow and self.over is not None:
            self.over = None
            self.apply()

    def hide_all(self) -> None:
        """Give the code the whole screen, or bring back the windows that were open before."""
        if self.narrow:
            self.over = self.below = None
        elif self.opened:
            self._hidden, self.opened = self.opened, set()
        else:
            self.opened = self._hidden or {window.id for window in DOCKED if window.opens}
        self.apply()
        self._around.to_editor()

    # ── sizes ──

    def _key(self, id: str) -> str:
        """The key of a size: narrow, normal and wide screens each have their own."""
        width = self._around.size().width
        return f"{id}-{'narrow' if width < NARROW else 'wide' if width >= WIDE else 'normal'}"

    def _fit(self, window: ToolWindow, pane: Widget) -> None:
        columns, rows = self._around.size()
        size = self.sizes.get(self._key(window.id)) or window.sizes.fitting(columns, rows)
        if self._fitted.get(window.id) == size:  # setting it again would have the screen laid out again
            return
        self._fitted[window.id] = size
        if window.side == "bottom":
            pane.styles.height = size
        else:
            pane.styles.width = size

    def stretch(self, id: str, by_x: int, by_y: int) -> None:
        """Make a window larger: a left one to the right, a right one to the left, the bottom one upwards."""
        window, now = tool_windows.find(id), self.panes[id].outer_size
        columns, rows = self._around.size()
        if window.side == "bottom":
            size, most = now.height - by_y, rows - 10
        else:
            size = now.width + (by_x if window.side == "left" else -by_x)
            most = columns - 20 if self.narrow else columns // 2
        self.sizes[self._key(id)] = min(max(size, window.sizes.least), most)
        self.apply()

    def stretch_shown(self, by_x: int, by_y: int) -> None:
        """Move the bottom window's edge; sideways, the left window's if it has the focus, else the right one's."""
        if by_y:
            self.stretch(self._shown_at("bottom"), 0, by_y)
        else:
            left = self.active is not None and tool_windows.find(self.active).side == "left"
            self.stretch(self._shown_at("left" if left else "right"), by_x, 0)

    def _shown_at(self, side: tool_windows.Side) -> str:
        ids = [window.id for window in tool_windows.at(side)]
        return next((id for id in ids if self.is_open(id)), ids[0])

    # ── focus ──

    def focus(self, id: str) -> None:
        """Put the focus into an open window."""
        pane = self.panes[id]
        self._focus.put(next(iter(pane.query(tool_windows.find(id).focus)), pane))

    def cycle(self, step: int) -> None:
        """Go to the next open window in the order of the screen, the code among them."""
        shown = (window.id for window in tool_windows.at("right", "bottom", "left") if self.is_open(window.id))
        order: list[str | None] = [None, *shown]
        at = order.index(self.active) if self.active in order else 0
        target = order[(at + step) % len(order)]
        if target is None:
            self._around.to_editor()
        else:
            self.focus(target)

    def go_to_last(self) -> None:
        """Return to the window that had the focus last."""
        if self.is_open(self.last):
            self.focus(self.last)
        else:
            self.open(self.last, focus=True)

    def note_focus(self, widget: Widget) -> None:
        """Remember which window has the focus; late messages about the one before close nothing."""
        if not self._focus.is_settled(widget):
            return
        id = next((node.id for node in widget.ancestors_with_self if node.id in self.panes), None)
        if id is not None:
            self.last = id
        elif self.narrow and self.over is not None:
            self.over = None
        if id != self.active or id is None:
            self.active = id
            self.apply()
