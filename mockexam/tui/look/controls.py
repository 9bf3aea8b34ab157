"""The two controls of every screen: a button of one row, and a row of a menu."""

from __future__ import annotations

from typing import ClassVar, Literal

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Static

from graders.sentences import Words
from mockexam.language.catalogue import shown
from mockexam.tui.look import formatting

Kind = Literal["default", "primary", "danger"]


class Pressable(Static, can_focus=True):
    """A line of text that is pressed by Enter, Space or a click."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,space", "press", show=False)]

    class Pressed(Message):
        """It was pressed."""

        def __init__(self, control: Pressable) -> None:
            self.pressed = control
            super().__init__()

        @property
        def control(self) -> Pressable:
            """The pressed control, for `@on` selectors."""
            return self.pressed

    def action_press(self) -> None:
        """Say that it was pressed, unless it is disabled or not shown: a hidden one may still get the focus."""
        if not self.disabled and self.display:
            self.post_message(self.Pressed(self))

    def on_click(self) -> None:
        """Treat a click like the key."""
        self.action_press()


class PushButton(Pressable):
    """A button of one row, with its key printed beside the label."""

    DEFAULT_CSS = """
    PushButton {
        width: auto; height: 1; padding: 0 2; text-align: center; pointer: pointer;
        background: $divider; color: $text-strong;
        &:hover { background: $selection-inactive; }
        &:focus { background: $selection; text-style: bold; }
        &.-primary { background: $primary; color: $on-primary; text-style: bold; }
        &.-primary:hover { background: $link; }
        &.-primary:focus { text-style: bold underline; }
        &.-danger { background: $danger-background; color: $danger-text; }
        &.-danger:focus { background: $stop; color: $on-primary; }
        &:disabled { background: $divider; color: $text-faint; text-style: none; pointer: default; }
        &:ansi { text-style: bold; }
        &:ansi.-primary { background: ansi_blue; color: ansi_bright_white; }
        &:ansi:focus { text-style: reverse bold; }
        &:ansi:disabled { text-style: dim; }
        &:nocolor { text-style: underline; }
        &:nocolor:focus { text-style: reverse bold; }
    }
    """

    class Pressed(Pressable.Pressed):
        """The button was pressed."""

    def __init__(
        self, label: Words, *, key: str = "", kind: Kind = "default", id: str | None = None, disabled: bool = False
    ) -> None:
        super().__init__(id=id, classes=f"-{kind}", disabled=disabled)
        self.label = shown(label)
        self.key = key
        self.kind = kind

    def relabel(self, label: Words, key: str = "") -> None:
        """Print something else on it."""
        self.label, self.key = shown(label), key
        self.refresh(layout=True)

    def render(self) -> Content:
        """The label, and its key in a quieter colour."""
        if not self.key:
            return Content(self.label)
        quiet = "$text-faint" if self.disabled else "$on-primary-soft" if self.kind == "primary" else "$text-soft"
        style = f"not bold not underline {quiet}"  # untranslated: Textual reads it
        return Content.assemble(self.label, (f"   {self.key}", style))


class Choice(Pressable):
    """A row of a menu: a coloured mark, a title, and below it what it leads to."""

    DEFAULT_CSS = """
    Choice {
        width: 1fr; height: 2; padding: 0 2; color: $text-strong; pointer: pointer;
        &:hover { background: $hover; }
        &:focus { background: $selection; }
        &:disabled { color: $text-faint; pointer: default; }
        &:ansi:focus { color: ansi_bright_white; }
        &:ansi:disabled { text-style: dim; }
        &:nocolor:focus { text-style: reverse; }
    }
    """

    class Pressed(Pressable.Pressed):
        """The row was chosen."""

    title: reactive[str] = reactive("")
    hint: reactive[str] = reactive("")
    aside: reactive[str] = reactive("")

    def __init__(
        self,
        mark: str,
        title: Words,
        hint: Words,
        *,
        style: str = "$link",
        id: str | None = None,
        disabled: bool = False,
    ) -> None:
        super().__init__(id=id, disabled=disabled)
        self.mark, self.mark_style = mark, style
        self.set_reactive(Choice.title, shown(title))
        self.set_reactive(Choice.hint, shown(hint))

    def render(self) -> Content:
        """Mark, title and hint; `aside` is at the right end of the title's line."""
        faint = "$text-faint" if self.disabled else "$text-soft"
        room = max(0, self.size.width)
        gap = " " * max(2, room - 3 - len(self.title) - len(self.aside))
        hint = self.hint if len(self.hint) <= room - 3 else self.hint[: max(0, room - 4)] + "…"
        aside = (gap + self.aside, "bold $amber") if self.aside else ""
        mark = " " if formatting.spoken() else self.mark
        return Content.assemble(
            (f"{mark}  ", faint if self.disabled else self.mark_style),
            (self.title, "" if self.disabled else "bold"),
            aside,
            (f"\n   {hint}", faint),
        )
