"""Where the focus of the exam screen goes, once the widget that is to have it is laid out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from textual.widget import Widget


class Stage(Protocol):
    """What a screen offers to whoever moves its focus."""

    @property
    def focused(self) -> Widget | None:
        """The widget that has it."""

    def set_focus(self, widget: Widget | None) -> None:
        """Give it to a widget."""

    def call_after_refresh(self, callback: Callable[..., Any], *args: Any) -> bool:
        """Call when the next layout is done."""


class Focus:
    """The focus, and the pending wish for it. `on_missed` is told who has it when a wish came too late."""

    def __init__(self, stage: Stage) -> None:
        self.on_missed: Callable[[Widget], None] = lambda widget: None
        self._stage = stage
        self._wished: Widget | None = None

    @property
    def owner(self) -> Widget | None:
        """The widget that has the focus."""
        return self._stage.focused

    def put(self, target: Widget) -> None:
        """Put it on a widget."""
        if target.focusable and target.is_on_screen:
            # Not after the next layout: what is typed next is meant for it.
            self._wished = None
            self._stage.set_focus(target)
        else:
            self.put_soon(target)

    def put_soon(self, target: Widget) -> None:
        """Put it on a widget once that is laid out; a wish that comes before that takes its place."""
        self._wished = target
        self._stage.call_after_refresh(self._fulfil, target)

    def is_settled(self, widget: Widget) -> bool:
        """Whether a widget has it and no other is to have it next; late messages about the one before don't count."""
        return widget is self._stage.focused and self._wished in (None, widget)

    def _fulfil(self, target: Widget) -> None:
        if self._wished is not target:
            return
        self._wished = None
        if target.is_attached:
            self._stage.set_focus(target)
        owner = self._stage.focused
        if owner not in (None, target) and owner is not None:  # the target was hidden again meanwhile
            self.on_missed(owner)
