"""The themes: what the colours of `palette` are used for, in style sheets, in the editor and in drawn segments."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from textual.theme import Theme

from mockexam.tui.look.palette import DARK, DEFAULT, LOOKS, PLAIN, Look

if TYPE_CHECKING:
    from textual.app import App
    from textual.widgets.text_area import TextAreaTheme

__all__ = ["DEFAULT", "LOOKS", "PLAIN", "Look"]

# untranslated: tree-sitter names what it captures
_SYNTAX = {
    "keyword": "keyword keyword.function keyword.return keyword.operator conditional repeat include exception boolean "
    "constant.builtin string.escape",
    "string": "string",
    "number": "number float",
    "comment": "comment",
    "function": "function method",
    "builtin": "function.builtin type.builtin",
    "self": "variable.builtin",
    "decorator": "attribute attribute.builtin",
    "argument": "parameter",
    "text": "constant operator",
}


def without_colour() -> bool:
    """Whether the user asked for no colour at all (no-color.org); as Textual reads it, an empty value counts."""
    return "NO_COLOR" in os.environ


def fitting(wanted: str | None, color_system: str | None) -> str:
    """The theme to use: the wanted one, unless this terminal would ruin any palette of ours."""
    if without_colour() or color_system in (None, "standard"):
        return PLAIN
    return wanted if wanted in LOOKS else DEFAULT


def app_theme(name: str) -> Theme:
    """Textual's theme for one of LOOKS. Raises KeyError for a name that isn't there."""
    look = LOOKS[name]
    role = look.chrome
    return Theme(
        name=look.name,
        dark=look.dark,
        ansi=look.ansi,
        primary=role["primary"],
        secondary=role["link"],
        accent=role["primary"],
        foreground=role["text-strong"],
        background=role["editor"],
        surface=role["chrome"],
        panel=role["divider"],
        boost=role["selection-inactive"],
        success=role["run"],
        warning=role["amber"],
        error=role["stop"],
        variables=variables(name),
    )


def variables(name: str) -> dict[str, str]:
    """The variables that style sheets of this theme may use with a dollar sign, besides Textual's own."""
    role = LOOKS[name].chrome
    own = {key: value for key, value in role.items() if key != "primary"}
    editor, strong = role["editor"], role["text-strong"]
    selected = role["on-primary"] if LOOKS[name].ansi else strong
    return own | {
        # Textual's own style sheets use these two, and only its own plain themes define them.
        "ansi-background": "ansi_black",
        "ansi-foreground": "ansi_white",
        "block-cursor-background": role["selection"],
        "block-cursor-foreground": selected,
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": role["selection-inactive"],
        "block-cursor-blurred-foreground": strong,
        "block-cursor-blurred-text-style": "none",
        "block-hover-background": role["hover"],
        "border": role["primary"],
        "border-blurred": role["divider"],
        "input-cursor-background": strong,
        "input-cursor-foreground": editor,
        "input-selection-background": role["selection"],
        "footer-key-foreground": role["link"],
        "button-focus-text-style": "b",
        "scrollbar": role["thumb"],
        "scrollbar-hover": role["thumb-hover"],
        "scrollbar-active": role["thumb-hover"],
        "scrollbar-background": editor,
        "scrollbar-background-hover": editor,
        "scrollbar-background-active": editor,
        "scrollbar-corner-color": editor,
    }


def colour(app: App[Any], role: str) -> str:
    """The present theme's colour for a role of `chrome` or `code`, as Rich spells it, for code that draws segments."""
    look = LOOKS.get(app.theme, DARK)
    value = look.chrome.get(role) or look.code[role]
    return value.removeprefix("ansi_")


def editor_theme(app: App[Any]) -> TextAreaTheme:
    """The editor's syntax colours in the present theme; its name is the theme's."""
    from rich.style import Style
    from textual.widgets.text_area import TextAreaTheme

    look = LOOKS.get(app.theme, DARK)
    code = look.code
    ground = look.chrome["editor"].removeprefix("ansi_")
    return TextAreaTheme(
        name=look.name,
        base_style=Style(color=code["text"], bgcolor=ground),
        gutter_style=Style(color=code["gutter"], bgcolor=ground),
        cursor_style=Style(reverse=True) if look.ansi else Style(color=ground, bgcolor=code["caret"]),
        cursor_line_style=Style(bgcolor=code["caret-row"]),
        cursor_line_gutter_style=Style(color=code["gutter-here"], bgcolor=code["caret-row"], bold=look.ansi),
        bracket_matching_style=Style(bgcolor=code["brackets"], bold=True, underline=look.ansi),
        selection_style=Style(bgcolor=code["marked"], color="bright_white" if look.ansi else None),
        syntax_styles={
            capture: Style(color=code[role]) for role, captures in _SYNTAX.items() for capture in captures.split()
        },
    )
