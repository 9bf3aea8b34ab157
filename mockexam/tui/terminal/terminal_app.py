"""What any app of ours does about terminals: signs that fonts lack, pictures, late keys, faults while it ends."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from textual import events
from textual.app import App, ReturnType
from textual.css.query import NoMatches
from textual.driver import Driver
from textual.filter import LineFilter
from textual.reactive import reactive
from textual.screen import Screen, ScreenResultType

from mockexam.tui.dismissal import Dismissible
from mockexam.tui.terminal.console_font import ConsoleFont, on_console
from mockexam.tui.terminal.graphics import Graphics
from mockexam.tui.terminal.pictures import Pictures
from mockexam.tui.terminal.plain_signs import PlainSigns


class TerminalApp(App[ReturnType]):
    """An app in which a key is meant for the screen that it was pressed on.

    A key goes to the focused widget first and comes back to the app when nothing there wants it; only then are its
    bindings looked up, by Textual on whatever screen is on top by now. Escape and Ctrl+P in quick succession would open
    Search Everywhere and have the Escape close it. Unnecessary once Textual remembers the screen.
    """

    graphics: reactive[Graphics | None] = reactive(None)
    """How pictures are drawn; None until the terminal has been asked."""

    def __init__(self, *, ansi_color: bool | None = None) -> None:
        super().__init__(ansi_color=ansi_color)
        self.pictures = Pictures()
        self._signs: list[LineFilter] = [PlainSigns(), *([ConsoleFont()] if on_console() else [])]
        self._pressed_on: WeakKeyDictionary[events.Event, Screen[object]] = WeakKeyDictionary()

    def get_driver_class(self) -> type[Driver]:
        """Our own driver where Textual would use its own for terminals."""
        chosen = super().get_driver_class()
        if chosen.__name__ != "LinuxDriver":
            return chosen
        from mockexam.tui.terminal.driver import TerminalDriver

        return TerminalDriver

    def hung_up(self) -> None:
        """The terminal is gone, with or without a signal that says so."""
        self.exit(return_code=1)

    def ask_graphics(self) -> None:
        """Find out what the terminal can draw; a browser and a test have no terminal to ask."""
        ask = getattr(self._driver, "ask_graphics", None)
        if ask is not None:
            ask()
        elif self.graphics is None:
            self.graphics = Graphics()

    def graphics_found(self, graphics: Graphics) -> None:
        """Draw in this way from now on."""
        self.graphics = graphics

    def write_picture(self, sequence: str) -> None:
        """Send a picture, or a command about one, to the terminal as it is."""
        if self._driver is not None and not self.is_headless:
            with contextlib.suppress(AssertionError):  # the terminal was given back
                self._driver.write(sequence)

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        super()._display(screen, self.pictures.over(self.screen, renderable))

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's own, what leaves out signs that steer, and on the Linux console signs that its fonts have."""
        return [*super().get_line_filters(), *self._signs]

    async def on_event(self, event: events.Event) -> None:
        """Note the screen of a key that was just pressed."""
        if isinstance(event, events.Key) and not event.is_forwarded and self.screen_stack:
            self._pressed_on[event] = self.screen
        await super().on_event(event)

    async def _on_key(self, event: events.Key) -> None:
        screen = self._pressed_on.pop(event, None)
        if screen is None or [screen] == self.screen_stack[-1:]:
            return
        event.prevent_default()
        if screen not in self.screen_stack:
            return
        for namespace, bindings in screen._modal_binding_chain:
            for binding in bindings.key_to_bindings.get(event.key, ()):
                if not binding.priority and await self.run_action(binding.action, namespace):
                    return

    async def push_screen_wait(
        self, screen: Screen[ScreenResultType] | str, *, mode: str | None = None
    ) -> ScreenResultType | Any:
        """Put up a screen and wait for its answer; if the waiting is cancelled, take the screen away."""
        try:
            return await super().push_screen_wait(screen, mode=mode)
        except asyncio.CancelledError:
            if self.is_running and isinstance(screen, Dismissible):
                screen.withdraw()
            raise

    def _handle_exception(self, error: Exception) -> None:
        """Pass over a screen that is still being put up while the app ends and finds its widgets gone."""
        if not (self._exit and isinstance(error, NoMatches)):
            super()._handle_exception(error)
