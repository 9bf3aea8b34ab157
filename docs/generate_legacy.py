"""Write the table of docs/grading.md that says which releases' models agree: `python docs/generate_legacy.py`.

The table is between two comments and comes from tests/graders/legacy/outcomes.json. A test proves that it is current.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

DOCS = Path(__file__).parent
OUTCOMES = DOCS.parent / "tests" / "graders" / "legacy" / "outcomes.json"
BEGIN, END = (
    "<!-- Written by docs/generate_legacy.py from tests/graders/legacy. -->\n",
    "<!-- End of the table of releases. -->\n",
)
FORMS = (".h5", ".keras", "SavedModel")
ORDER = ("incomplete", "custom-object", "lambda")


def table() -> str:
    """One row a release: how many files of each format agree, and how many don't, by cause."""
    recorded: dict[str, dict[str, str]] = json.loads(OUTCOMES.read_text("utf-8"))
    rows = [_row(writer, found) for writer, found in recorded.items()]
    every = [outcome for found in recorded.values() for outcome in found.values()]
    agreeing = every.count("agrees")
    head = "| written by | .h5 | .keras | SavedModel | the others |\n|---|---|---|---|---|\n"
    return (
        f"{len(recorded)} releases, {len(every):,} files: {agreeing:,} agree with what their writer predicted, "
        f"{len(every) - agreeing} don't:\n\n" + head + "".join(rows)
    )


def _row(writer: str, found: dict[str, str]) -> str:
    cells = [
        _cell([each for name, each in found.items() if (Path(name).suffix or "SavedModel") == form]) for form in FORMS
    ]
    kinds = Counter(each for each in found.values() if each != "agrees")
    others = ", ".join(f"{count} {_cause(cause)}" for cause, count in sorted(kinds.items(), key=_place))
    return f"| {_title(writer)} | {' | '.join(cells)} | {others or 'none'} |\n"


def _cell(outcomes: list[str]) -> str:
    return f"{outcomes.count('agrees')} of {len(outcomes)}" if outcomes else "–"


def _place(pair: tuple[str, int]) -> tuple[int, str]:
    cause = pair[0]
    return (ORDER.index(cause) if cause in ORDER else len(ORDER), cause)


def _cause(cause: str) -> str:
    return cause if cause == "differs" else f"`{cause}`"


def _title(writer: str) -> str:
    if not writer.startswith("keras-"):
        return f"TensorFlow {writer}"
    version, _, backend = writer.removeprefix("keras-").partition("-")
    return f"Keras {version}" + (f" on {backend.upper()}" if backend else "")


def page() -> str:
    """The whole page, its table written anew."""
    text = (DOCS / "grading.md").read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError("docs/grading.md has no place for the table of releases")
    return before + BEGIN + table() + END + after


if __name__ == "__main__":
    (DOCS / "grading.md").write_text(page(), "utf-8")
