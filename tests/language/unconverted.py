"""Tells what is left to mark: python -m tests.language.unconverted [MODULE...]"""

from __future__ import annotations

import sys

from tests.language.source import bypassing, modules


def main(names: list[str]) -> int:
    """The sentences of these modules and packages that aren't marked, or how many each module has."""
    left = {name: found for name, file in modules().items() if (found := bypassing(file.read_text("utf-8")))}
    for name, found in left.items():
        if not names:
            print(f"{len(found):4} {name}")
        elif any(f"{name}.".startswith(f"{asked}.") for asked in names):
            print(*(f"{modules()[name]}:{one.line}: {one.text!r}" for one in found), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
