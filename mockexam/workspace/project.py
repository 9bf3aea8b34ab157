"""The candidate's project: an ordinary folder that any editor and shell can work in."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from graders.sentences import sentence
from mockexam.files.writing import write
from mockexam.workspace import layout
from mockexam.workspace.draft import Draft
from mockexam.workspace.editors import editor_files
from mockexam.workspace.fault import from_os
from mockexam.workspace.readme import limits_foot, readme, statement_foot

FORMAT = 1


class Sitting(Protocol):
    """What a project needs to know about an attempt."""

    @property
    def id(self) -> str: ...
    @property
    def candidate(self) -> str: ...
    @property
    def pack_id(self) -> str: ...
    @property
    def pack_version(self) -> str: ...
    @property
    def minutes(self) -> int: ...


@dataclass(frozen=True)
class ProjectProblem:
    """One problem as it goes into a project; texts in the language wanted.

    `values` fill the {{name}} places of statement and starter. `data` is a folder to copy the public data from; None
    when it was prepared in `Draft.data_folder` or when there is none. `cooldown` is in seconds.
    """

    category: int
    problem_id: str
    title: str
    target: str
    statement: str
    starter: str
    values: Mapping[str, str] = field(default_factory=dict)
    data: Path | None = None
    max_submissions: int | None = None
    cooldown: int = 0


def write_project(
    folder: Path,
    attempt: Sitting,
    problems: Sequence[ProjectProblem],
    language: str = "en",
    *,
    interpreter: str = sys.executable,
    home: Path | None = None,
    progress: Callable[[float, str], None] = lambda fraction, detail: None,
) -> None:
    """Write the project of `attempt` to `folder`, whole or not at all; does nothing when it is there already.

    Takes up a Draft of the same attempt, with the data prepared in it. `interpreter` and `home` are what the files for
    editors name; `progress` is called with a fraction 0 to 1 and what was just written. Raises WorkspaceError;
    a folder that held anything is left as it was.
    """
    draft = Draft.begin(folder, attempt.id, needed=sum(_size(problem.data) for problem in problems))
    if draft.finished:
        return
    try:
        for number, problem in enumerate(problems):
            limits = limits_foot(language, problem.max_submissions, problem.cooldown)
            _write_problem(draft, problem, limits + statement_foot(language))
            progress((number + 1) / (len(problems) + 1), f"Category{problem.category}")
        categories = [problem.category for problem in problems]
        files = {"README.md": readme(attempt.candidate, attempt.minutes, problems, language, interpreter)}
        for name, text in (files | editor_files(categories, interpreter, home)).items():
            draft.write(name, text)
        marker = json.dumps(_marker(attempt, problems, language), indent=2, ensure_ascii=False)
        draft.write(layout.marker(draft.content), marker + "\n")
        draft.publish()
    except OSError as error:
        draft.discard()
        raise from_os(error, folder, sentence("to write a project to {folder}", folder=folder)) from error
    except BaseException:
        draft.discard()
        raise
    progress(1.0, "project")


def _write_problem(draft: Draft, problem: ProjectProblem, foot: str) -> None:
    data = draft.data_folder(problem.category)
    if problem.data is not None and problem.data != data:
        copy_data(problem.data, data)
    starter = substitute(problem.starter, problem.values)
    draft.write(layout.stub(draft.content, problem.category), starter)
    draft.write(layout.starter(draft.content, problem.category), starter)
    statement = substitute(problem.statement, problem.values)
    draft.write(layout.statement(draft.content, problem.category), statement + foot)


def _marker(attempt: Sitting, problems: Sequence[ProjectProblem], language: str) -> dict[str, object]:
    return {
        "format": FORMAT,
        "attempt": attempt.id,
        "pack": attempt.pack_id,
        "pack_version": attempt.pack_version,
        "language": language,
        "categories": {str(p.category): {"problem": p.problem_id, "title": p.title} for p in problems},
    }


def substitute(text: str, values: Mapping[str, str]) -> str:
    """`text` with {{name}} replaced for the names in `values`; other braces stay, since Python uses them too."""
    for name, value in values.items():
        text = text.replace("{{" + name + "}}", value)
    return text


def copy_data(source: Path, into: Path) -> None:
    """Copy a tree's files without their modes: a read-only pack must not make a read-only project.

    A file of the right size counts as copied, so that a killed copy can be continued.
    """
    for parent, folders, names in os.walk(source):
        target = into / Path(parent).relative_to(source)
        target.mkdir(parents=True, exist_ok=True)
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(names):
            original, copy = Path(parent, name), target / name
            if copy.exists() and copy.stat().st_size == original.stat().st_size:
                continue
            shutil.copyfile(original, copy)


def _size(folder: Path | None) -> int:
    if folder is None:
        return 0
    return sum(Path(parent, name).stat().st_size for parent, _, names in os.walk(folder) for name in names)


def reset_starter(project: Path, category: int) -> Path | None:
    """Put the stub back in place of a starter; returns where the candidate's text was kept, if there was one.

    Raises WorkspaceError.
    """
    stub, starter = layout.stub(project, category), layout.starter(project, category)
    try:
        original = stub.read_bytes()
        kept = _keep(project, category) if starter.exists() else None
        starter.parent.mkdir(exist_ok=True)
        write(starter, original)
    except OSError as error:
        raise from_os(error, starter, sentence("to reset {path}", path=starter)) from error
    return kept


def _keep(project: Path, category: int) -> Path:
    folder = layout.backup_folder(project)
    folder.mkdir(parents=True, exist_ok=True)
    number = 1
    while (copy := folder / f"Category{category}-starter-{number:03}.py").exists():
        number += 1
    write(copy, layout.starter(project, category).read_bytes())
    return copy
