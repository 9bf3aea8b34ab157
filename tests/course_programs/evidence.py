"""The page with what became of each program: docs/evidence/course-programs.md, a row for each."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).parents[2] / "docs" / "evidence" / "course-programs.md"
HEAD = """# Programs of the courses

Thirty programs in the manner of the courses (`tests/course_programs/programs`; the year is that of the interface that
they are written for) were sat through on the real screen with Keras 3: run with F5, mended by what the advice under the
traceback offered (Shift+F8 makes its fix, Shift+F7 runs once with Keras 2), until they ended well; then the model was
submitted. *Offered* is what was followed, in its order, by its section on the page about the courses' code. *Kept*
counts the failures after an epoch that left a trained model; no failure lost one, else the test fails. The scores are
those of a few epochs: what counts is that there is one.

    MOCKEXAM_COURSE_PROGRAMS=1 pytest --reruns 0 -m "soak or slow" tests/course_programs

| program | offered | fixes | kept | submitted | score |
|---|---|---|---|---|---|
"""


class Row(NamedTuple):
    """What a program took: steps that were offered, failures that left a model, what was submitted, its score."""

    name: str
    steps: tuple[str, ...]
    kept: int
    model: str
    score: str


def record(row: Row) -> None:
    """Write a program's row; the rows of others stay."""
    lines = PAGE.read_text("utf-8").splitlines() if PAGE.is_file() else []
    rows = {line.split(" | ")[0]: line for line in lines if line.startswith("| `")}
    first = f"| `{row.name}`"
    steps = ", ".join(f"`{one}`" if one != "Keras 2" else one for one in row.steps) or "–"
    rows[first] = f"{first} | {steps} | {len(row.steps)} | {row.kept or '–'} | `{row.model}` | {row.score} |"
    PAGE.write_text(HEAD + "".join(f"{rows[key]}\n" for key in sorted(rows)), "utf-8")
