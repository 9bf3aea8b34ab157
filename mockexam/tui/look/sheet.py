"""A text that is laid out again whenever its width changes."""

from __future__ import annotations

from collections.abc import Callable

from textual.content import Content
from textual.widgets import Static


class Sheet(Static):
    """Draws itself with a function of its width in cells."""

    def __init__(self, content: Content | str = "", *, id: str | None = None) -> None:
        super().__init__(content, id=id)
        self._painter: Callable[[int], Content] | None = None
        self._drawn: tuple[Callable[[int], Content], int] | None = None

    def show(self, painter: Callable[[int], Content]) -> None:
        """Draw with `painter` from now on."""
        self._painter = painter
        self._fit()

    def on_resize(self) -> None:
        """Follow the width."""
        self._fit()

    def _fit(self) -> None:
        # Hidden or empty, it has no width and would never be told one.
        width = self.size.width or self.container_size.width
        if self._painter is None or not width or self._drawn == (self._painter, width):
            return
        self._drawn = (self._painter, width)
        self.update(self._painter(width))
