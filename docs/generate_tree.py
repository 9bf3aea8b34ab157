"""Write the tree of packages in docs/design.md: `python docs/generate_tree.py`. A test proves that it is current.

A package's line is the first sentence of its `__init__`, so what belongs there is said once, where the code is read.
"""

from __future__ import annotations

import ast
from pathlib import Path

PAGE = Path(__file__).with_name("design.md")
ROOT = Path(__file__).parent.parent
BEGIN, END = "<!-- the tree: python docs/generate_tree.py -->\n", "<!-- end of the tree -->\n"
WIDTH = 26  # columns up to the sentence


def packages() -> dict[str, str]:
    """The sentence of each package, by its folder."""
    files = sorted(file for top in ("graders", "mockexam") for file in (ROOT / top).rglob("__init__.py"))
    return {file.parent.relative_to(ROOT).as_posix(): _sentence(file) for file in files}


def _sentence(file: Path) -> str:
    return (ast.get_docstring(ast.parse(file.read_text("utf-8"))) or "").partition("\n\n")[0].replace("\n", " ")


def tree() -> str:
    """The block between the two marks."""
    lines = []
    for folder, sentence in packages().items():
        depth, name = folder.count("/"), folder.rpartition("/")[2]
        lines.append(f"{'  ' * depth}{name}/".ljust(WIDTH) + sentence)
    return "```text\n" + "\n".join(lines) + "\n```\n"


def page(text: str) -> str:
    """`text` with its tree written anew."""
    before, _, rest = text.partition(BEGIN)
    return before + BEGIN + tree() + END + rest.partition(END)[2]


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
