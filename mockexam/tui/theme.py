"""The colours: every hex value of the program lives here, as one small table per theme."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.theme import Theme

if TYPE_CHECKING:
    from textual.app import App
    from textual.widgets.text_area import TextAreaTheme

DEFAULT = "mockexam-dark"
PLAIN = "mockexam-ansi"
"""The theme for terminals of 16 colours and for NO_COLOR: it speaks in the terminal's own colours."""


@dataclass(frozen=True)
class Look:
    """A theme as colours by role: `chrome` for windows, `code` for the editor's syntax."""

    name: str
    title: str
    dark: bool
    chrome: dict[str, str]
    code: dict[str, str]
    ansi: bool = False


_DARK = Look(
    DEFAULT,
    "Dark",
    True,
    {
        "editor": "#1E1F22",
        "chrome": "#2B2D30",
        "divider": "#393B40",
        "hover": "#393B40",
        "caret-row": "#26282E",
        "selection": "#2E436E",
        "selection-inactive": "#43454A",
        "text-strong": "#DFE1E5",
        "text-body": "#BCBEC4",
        "text-soft": "#9DA0A8",
        "text-faint": "#6F737A",
        "primary": "#3574F0",
        "on-primary": "#FFFFFF",
        "on-primary-soft": "#B4CCFB",
        "progress": "#467FF2",
        "progress-rest": "#43454A",
        "link": "#6B9BFA",
        "run": "#5FAD65",
        "stop": "#DB5C5C",
        "amber": "#F2C55C",
        "purple": "#C77DBB",
        "danger-background": "#5E3838",
        "danger-text": "#F2B1AA",
        "thumb": "#36383D",
        "thumb-hover": "#4E5157",
    },
    {
        "text": "#BCBEC4",
        "keyword": "#CF8E6D",
        "string": "#6AAB73",
        "number": "#2AACB8",
        "comment": "#7A7E85",
        "function": "#56A8F5",
        "builtin": "#8888C6",
        "self": "#94558D",
        "decorator": "#B3AE60",
        "argument": "#C26A4A",
        "gutter": "#4B5059",
        "gutter-here": "#A1A3AB",
        "caret": "#CED0D6",
        "caret-row": "#26282E",
        "marked": "#214283",
        "brackets": "#43454A",
        "guide": "#313438",
    },
)

_LIGHT = Look(
    "mockexam-light",
    "Light",
    False,
    {
        "editor": "#FFFFFF",
        "chrome": "#F7F8FA",
        "divider": "#DFE1E5",
        "hover": "#EBECF0",
        "caret-row": "#F5F8FE",
        "selection": "#D4E2FF",
        "selection-inactive": "#DFE1E5",
        "text-strong": "#1E1F22",
        "text-body": "#27282E",
        "text-soft": "#5A5D6B",
        "text-faint": "#818594",
        "primary": "#3574F0",
        "on-primary": "#FFFFFF",
        "on-primary-soft": "#D4E2FF",
        "progress": "#3574F0",
        "progress-rest": "#DFE1E5",
        "link": "#2E55A3",
        "run": "#208A3C",
        "stop": "#C7222D",
        "amber": "#A46704",
        "purple": "#834DF0",
        "danger-background": "#FBE3E5",
        "danger-text": "#AD2B38",
        "thumb": "#D3D5DB",
        "thumb-hover": "#A8ADBD",
    },
    {
        "text": "#080808",
        "keyword": "#0033B3",
        "string": "#067D17",
        "number": "#1750EB",
        "comment": "#8C8C8C",
        "function": "#00627A",
        "builtin": "#000080",
        "self": "#94558D",
        "decorator": "#8A760A",
        "argument": "#660099",
        "gutter": "#AEB3C2",
        "gutter-here": "#5A5D6B",
        "caret": "#1E1F22",
        "caret-row": "#F5F8FE",
        "marked": "#A6D2FF",
        "brackets": "#D4E2FF",
        "guide": "#EBECF0",
    },
)

_DARCULA = Look(
    "mockexam-darcula",
    "Darcula",
    True,
    {
        **_DARK.chrome,
        "editor": "#2B2B2B",
        "chrome": "#3C3F41",
        "divider": "#515658",
        "hover": "#4B4F52",
        "caret-row": "#323232",
        "selection": "#2B5CB5",
        "selection-inactive": "#0D293E",
        "text-strong": "#D5D8DB",
        "text-body": "#A9B7C6",
        "text-soft": "#AFB1B3",
        "text-faint": "#888B8D",
        "primary": "#365880",
        "on-primary": "#E8EBED",
        "on-primary-soft": "#A9C3E0",
        "progress": "#4B8BCB",
        "progress-rest": "#5A5D5F",
        "link": "#589DF6",
        "run": "#62B543",
        "stop": "#E05555",
        "amber": "#F0A732",
        "thumb": "#55585A",
        "thumb-hover": "#6E7173",
    },
    {
        "text": "#A9B7C6",
        "keyword": "#CC7832",
        "string": "#6A8759",
        "number": "#6897BB",
        "comment": "#808080",
        "function": "#FFC66D",
        "builtin": "#8888C6",
        "self": "#94558D",
        "decorator": "#BBB529",
        "argument": "#C26A4A",
        "gutter": "#606366",
        "gutter-here": "#A4A3A3",
        "caret": "#BBBBBB",
        "caret-row": "#323232",
        "marked": "#214283",
        "brackets": "#3B514D",
        "guide": "#393B3D",
    },
)

_CONTRAST = Look(
    "mockexam-contrast",
    "High contrast",
    True,
    {
        "editor": "#000000",
        "chrome": "#0A0A0A",
        "divider": "#8C8C8C",
        "hover": "#303030",
        "caret-row": "#1A1A1A",
        "selection": "#0050C8",
        "selection-inactive": "#3C3C3C",
        "text-strong": "#FFFFFF",
        "text-body": "#FFFFFF",
        "text-soft": "#E0E0E0",
        "text-faint": "#B8B8B8",
        "primary": "#1AEBFF",
        "on-primary": "#000000",
        "on-primary-soft": "#00303A",
        "progress": "#1AEBFF",
        "progress-rest": "#606060",
        "link": "#7FC7FF",
        "run": "#50E85C",
        "stop": "#FF8080",
        "amber": "#FFE14D",
        "purple": "#F5A8FF",
        "danger-background": "#8C0000",
        "danger-text": "#FFFFFF",
        "thumb": "#8C8C8C",
        "thumb-hover": "#FFFFFF",
    },
    {
        "text": "#FFFFFF",
        "keyword": "#ED864A",
        "string": "#54D33E",
        "number": "#33CCFF",
        "comment": "#7EC3E6",
        "function": "#FFCF40",
        "builtin": "#B8B8FF",
        "self": "#F59BE8",
        "decorator": "#E6E600",
        "argument": "#FFA27A",
        "gutter": "#B8B8B8",
        "gutter-here": "#FFFFFF",
        "caret": "#FFFFFF",
        "caret-row": "#1A1A1A",
        "marked": "#0050C8",
        "brackets": "#5A5A00",
        "guide": "#404040",
    },
)

_PLAIN = Look(
    PLAIN,
    "Terminal colours",
    True,
    {
        "editor": "ansi_default",
        "chrome": "ansi_default",
        "divider": "ansi_default",
        "hover": "ansi_default",
        "caret-row": "ansi_default",
        "selection": "ansi_blue",
        "selection-inactive": "ansi_default",
        "text-strong": "ansi_default",
        "text-body": "ansi_default",
        "text-soft": "ansi_default",
        "text-faint": "ansi_default",
        "primary": "ansi_blue",
        "on-primary": "ansi_bright_white",
        "on-primary-soft": "ansi_bright_white",
        "progress": "ansi_blue",
        "progress-rest": "ansi_default",
        "link": "ansi_cyan",
        "run": "ansi_green",
        "stop": "ansi_red",
        "amber": "ansi_yellow",
        "purple": "ansi_magenta",
        "danger-background": "ansi_red",
        "danger-text": "ansi_bright_white",
        "thumb": "ansi_blue",
        "thumb-hover": "ansi_bright_blue",
    },
    {
        "text": "default",
        "keyword": "yellow",
        "string": "green",
        "number": "cyan",
        "comment": "bright_black",
        "function": "bright_blue",
        "builtin": "magenta",
        "self": "magenta",
        "decorator": "yellow",
        "argument": "red",
        "gutter": "default",
        "gutter-here": "default",
        "caret": "default",
        "caret-row": "default",
        "marked": "blue",
        "brackets": "default",
        "guide": "default",
    },
    ansi=True,
)

LOOKS = {look.name: look for look in (_DARK, _LIGHT, _DARCULA, _CONTRAST, _PLAIN)}

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
    """Textual's theme for one of LOOKS; KeyError for a name that isn't there."""
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
    """What style sheets of this theme may name with a dollar sign, beside Textual's own."""
    role = LOOKS[name].chrome
    own = {key: value for key, value in role.items() if key != "primary"}
    editor, strong = role["editor"], role["text-strong"]
    selected = role["on-primary"] if LOOKS[name].ansi else strong
    return own | {
        # Textual's own style sheets name these two, and only its own plain themes give them.
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
    look = LOOKS.get(app.theme, _DARK)
    value = look.chrome.get(role) or look.code[role]
    return value.removeprefix("ansi_")


def editor_theme(app: App[Any]) -> TextAreaTheme:
    """The editor's syntax colours in the present theme; its name is the theme's."""
    from rich.style import Style
    from textual.widgets.text_area import TextAreaTheme

    look = LOOKS.get(app.theme, _DARK)
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
