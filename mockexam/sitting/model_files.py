"""Which file a candidate means by "my model of Category 3"."""

from __future__ import annotations

import os
from pathlib import Path

from graders.formats import FORMATS, listed
from mockexam.errors import SubmissionError
from mockexam.workspace.layout import category_folder
from mockexam.workspace.watch import ModelWatch

NAMES = tuple(each.file_name for each in FORMATS)
"""What is looked for in a category's folder when nothing there looks like a saved model yet."""


def find_model(project: Path, category: int) -> Path:
    """The newest saved model in the category's folder; raises SubmissionError when there is none."""
    folder = category_folder(project, category)
    found = ModelWatch(folder).known() or [path for name in NAMES if os.path.lexists(path := folder / name)]
    if found:
        return found[0]
    raise SubmissionError(
        f"a model saved as {folder / NAMES[0]}",
        f"no {listed(NAMES)} in {folder}" if folder.is_dir() else f"no folder {folder}",
        "Run starter.py so that it saves one, or name the file to submit.",
        kind="nothing",
    )
