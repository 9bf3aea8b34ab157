"""How a screen closes: once, wherever it is in the stack, and deaf to keys and clicks from then on."""

from __future__ import annotations

from textual.await_complete import AwaitComplete
from textual.events import InputEvent, Mount, Resize
from textual.message import Message
from textual.screen import ModalScreen, Screen, ScreenResultType

FOR_STANDING = (InputEvent, Mount, Resize)
"""What a screen receives only while it is in the stack."""


class Dismissible(Screen[ScreenResultType]):
    """A screen that can be dismissed at any time and any number of times; only the first counts.

    Keys travel through the queues of several widgets. Escape may arrive after another screen was put on top, or after
    an earlier Escape closed this one. Textual would then take away the screen on top, and answer somebody who already
    has an answer.
    """

    @property
    def standing(self) -> bool:
        """Whether it is in the stack of screens, on top or below others."""
        return self in self.app.screen_stack

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Give `result` to whoever waits for it and close; do nothing once closed."""
        if not self.standing:
            return AwaitComplete()
        if self.app.screen is self:
            return super().dismiss(result)
        if self._result_callbacks:
            self._result_callbacks[-1](result)
        return self.withdraw()

    def withdraw(self) -> AwaitComplete:
        """Close without an answer, since nobody waits for one any more; do nothing once closed."""
        app = self.app
        if not self.standing:
            return AwaitComplete()
        if app.screen is self:
            return app.pop_screen()
        app._screen_stack.remove(self)
        self._pop_result_callback()
        return AwaitComplete(app._replace_screen(self)).call_next(app)

    async def _dispatch_message(self, message: Message) -> None:
        """Drop keys, clicks and the messages they cause once it has closed; it may not be fully made yet."""
        if (isinstance(message, FOR_STANDING) or message.control is not None) and not self.standing:
            return
        await super()._dispatch_message(message)


class Dialog(ModalScreen[ScreenResultType], Dismissible[ScreenResultType]):
    """What lies over another screen until it is answered or closed. Every modal screen is one."""
