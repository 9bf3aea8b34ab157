"""Write docs/keys.md from the one key table: `python docs/generate_keys.py`. A test proves that the page is current."""

from __future__ import annotations

from pathlib import Path

from mockexam.tui import keymap

PAGE = Path(__file__).with_name("keys.md")

HEAD = """\
# Keys

Written by `docs/generate_keys.py` from the table that the app itself uses (`mockexam/tui/keymap.py`).

Keys of the first column work in every terminal. Those of the second are PyCharm's; some terminals keep them for
themselves (GNOME Terminal opens a menu on Shift+F10, and only terminals with the kitty keyboard protocol tell
Ctrl+Shift+A from Ctrl+A). Everything, with a key or without, is in *Search Everywhere*: {search}.

Alt+digit in xterm needs `XTerm*metaSendsEscape: true`; on macOS, *Use Option as Meta key* in the terminal's settings.
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD.format(search=keymap.shown("search_everywhere"))]
    for group in keymap.GROUPS:
        parts.append(f"\n## {group}\n\n| Action | Key | PyCharm's | What it does |\n|---|---|---|---|\n")
        parts += [_row(row) for row in keymap.TABLE if row.group == group]
    return "".join(parts)


def _row(row: keymap.Action) -> str:
    always = [keymap.spelled(key) for key in row.keys if key not in keymap.SILENT]
    others = [key for key in keymap.spellings(row.name) if key not in always]
    return f"| {row.title!s} | {_cell(always)} | {_cell(others)} | {row.about!s} |\n"


def _cell(keys: list[str]) -> str:
    return ", ".join(dict.fromkeys(keys)) or "–"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
