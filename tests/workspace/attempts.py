"""An attempt and problems to write projects from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mockexam.workspace.project import ProjectProblem


@dataclass(frozen=True)
class FakeAttempt:
    id: str = "a1"
    candidate: str = "Ada {name}"
    pack_id: str = "pack"
    pack_version: str = "1.2.3"
    minutes: int = 300


def problems(data: Path | None = None) -> list[ProjectProblem]:
    return [
        ProjectProblem(
            category=number,
            problem_id=f"p{number}",
            title=f"Problem | {number}",
            target="mae < .1",
            statement="Slope {{slope}}, not {{other}}.\n",
            starter='SLOPE = {{slope}}\nprint(f"{{kept}}")\n',
            values={"slope": str(number)},
            data=data,
        )
        for number in (1, 2, 3)
    ]


def tree(folder: Path) -> dict[str, bytes]:
    """Every file under a folder with its content."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
