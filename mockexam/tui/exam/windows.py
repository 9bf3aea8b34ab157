"""Which tool windows of the exam screen are open, and where the focus goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widget import Widget

from mockexam.tui.exam.widgets.exam_panel import ProblemList
from mockexam.tui.exam.widgets.project_tree import ProjectTree
from mockexam.tui.exam.widgets.stripe import Stripe, Window

if TYPE_CHECKING:
    from mockexam.tui.exam.screen import ExamScreen

NARROW, WIDE = 100, 160
TALL = 40
SLIMMEST = {"project": 14, "exam": 36}
DOCKED: tuple[Window, ...] = ("project", "exam", "run")


class Windows:
    """Wide enough, windows stand beside the code; on a narrow screen Project and Exam lie over it, one at a time."""

    def __init__(self, screen: ExamScreen) -> None:
        self.screen = screen
        self.opened: set[Window] = {"project", "exam", "run"}
        self.over: Window | None = None
        self.run_below = False
        self.active: Window | None = None
        self.last: Window = "run"
        self.sizes: dict[str, int] = {}
        self._fitted: dict[str, int | None] = {}
        self._hidden: set[Window] = set()
        self._was_narrow: bool | None = None
        self._wished: Widget | None = None

    @property
    def narrow(self) -> bool:
        """Whether side windows have no room of their own."""
        return self.screen.app.size.width < NARROW

    def is_open(self, window: Window) -> bool:
        """Whether a window can be seen."""
        if window == "problem":
            return self.screen.files.showing_statement
        if not self.narrow:
            return window in self.opened
        if window == "run":
            # A window that lies over the code gets the few rows that a small screen has.
            return self.run_below and (self.over is None or self.screen.app.size.height >= TALL)
        return self.over == window

    def apply(self) -> None:
        """Show and hide, and light the stripe."""
        self._mind_width()
        for window in DOCKED:
            widget = self.screen.query_one(f"#{window}")
            widget.display = self.is_open(window)
            self._fit(window, widget)
        lit: set[Window] = {window for window in (*DOCKED, "problem") if self.is_open(window)}
        self.screen.query_one(Stripe).show(lit, self.active)

    def _mind_width(self) -> None:
        """A program that is watched stays in view when the screen becomes narrow, or wide again."""
        if self._was_narrow is not None and self.narrow != self._was_narrow:
            if self.narrow:
                self.run_below = "run" in self.opened and self.screen.run_window.shown is not None
            elif self.run_below:
                self.opened.add("run")
        self._was_narrow = self.narrow

    def open(self, window: Window, *, focus: bool = False) -> None:
        """Open a window."""
        if self.narrow:
            if window == "run":
                self.run_below = True
            else:
                self.over = window
        else:
            self.opened.add(window)
        self.apply()
        if focus:
            self.focus(window)

    def close(self, window: Window) -> None:
        """Close a window; the focus goes back to the code when it was there."""
        had_focus = self.active == window
        if self.narrow:
            if window == "run":
                self.run_below = False
            elif self.over == window:
                self.over = None
        else:
            self.opened.discard(window)
        self.apply()
        if had_focus:
            self.screen.files.focus()

    def toggle(self, window: Window) -> None:
        """Open a closed window, go to an open one, close the one that has the focus."""
        if not self.is_open(window):
            self.open(window, focus=True)
        elif self.active == window:
            self.close(window)
        else:
            self.focus(window)

    def toggle_shown(self, window: Window) -> None:
        """Open or close, whoever has the focus: what a click on the stripe means."""
        if self.is_open(window):
            self.close(window)
        else:
            self.open(window, focus=True)

    def close_over(self) -> None:
        """Take away what lies over the code."""
        if self.narrow and self.over is not None:
            self.over = None
            self.apply()

    def hide_all(self) -> None:
        """Give the code the whole screen, or bring back what was open before."""
        if self.narrow:
            self.over, self.run_below = None, False
        elif self.opened:
            self._hidden, self.opened = self.opened, set()
        else:
            self.opened = self._hidden or set(DOCKED)
        self.apply()
        self.screen.files.focus()

    # ── sizes ──

    def _key(self, window: str) -> str:
        """Sizes are remembered for narrow, normal and wide screens apart."""
        width = self.screen.app.size.width
        return f"{window}-{'narrow' if width < NARROW else 'wide' if width >= WIDE else 'normal'}"

    def _fit(self, window: Window, widget: Widget) -> None:
        size = self.sizes.get(self._key(window))
        if self._fitted.get(window) == size:  # set again, it would have the screen laid out anew
            return
        self._fitted[window] = size
        if window == "run":
            widget.styles.height = size
        else:
            widget.styles.width = size

    def stretch(self, window: str, by_x: int, by_y: int) -> None:
        """Make a window larger: Project to the right, Exam to the left, Run upwards; smaller the other way."""
        widget = self.screen.query_one(f"#{window}")
        whole = self.screen.app.size
        if window == "run":
            size = min(max(widget.outer_size.height - by_y, 4), whole.height - 10)
        else:
            size = widget.outer_size.width + (by_x if window == "project" else -by_x)
            size = min(max(size, SLIMMEST[window]), whole.width - 20 if self.narrow else whole.width // 2)
        self.sizes[self._key(window)] = size
        self.apply()

    # ── focus ──

    def focus(self, window: Window) -> None:
        """Put the focus into an open window."""
        target = self._target(window)
        if target is None:
            return
        if target.focusable and target.is_on_screen:
            # At once: what is typed next is meant for it.
            self._wished = None
            self.screen.set_focus(target)
        else:
            self.focus_soon(target)

    def focus_soon(self, target: Widget) -> None:
        """Put the focus on a widget once it is laid out; a wish that comes before that takes its place."""
        self._wished = target
        self.screen.call_after_refresh(self._fulfil, target)

    def _fulfil(self, target: Widget) -> None:
        if self._wished is target:
            self._wished = None
            if target.is_attached:
                self.screen.set_focus(target)
            if self.screen.focused not in (None, target):  # it was hidden again meanwhile
                self.note_focus(self.screen.focused)

    def _target(self, window: Window) -> Widget | None:
        if window == "project":
            return self.screen.query_one(ProjectTree)
        if window == "exam":
            return self.screen.query_one(ProblemList)
        if window == "run":
            view = self.screen.run_window.view
            return view.console if view is not None else self.screen.run_window
        return None

    def cycle(self, step: int) -> None:
        """Go to the next open window in the order of the screen, the code among them."""
        order: list[Window | None] = [None, *(window for window in ("exam", "run", "project") if self.is_open(window))]
        at = order.index(self.active) if self.active in order else 0
        target = order[(at + step) % len(order)]
        if target is None:
            self.screen.files.focus()
        else:
            self.focus(target)

    def go_to_last(self) -> None:
        """Return to the window that had the focus last."""
        if self.is_open(self.last):
            self.focus(self.last)
        else:
            self.open(self.last, focus=True)

    def note_focus(self, widget: Widget) -> None:
        """Remember which window has the focus; late word of what had it before closes nothing."""
        if widget is not self.screen.focused or self._wished not in (None, widget):
            return
        window = self._window_of(widget)
        if window is not None:
            self.last = window
        elif self.narrow and self.over is not None:
            self.over = None
        if window != self.active or window is None:
            self.active = window
            self.apply()

    def _window_of(self, widget: Widget) -> Window | None:
        for node in widget.ancestors_with_self:
            for window in DOCKED:
                if node.id == window:
                    return window
        return None
