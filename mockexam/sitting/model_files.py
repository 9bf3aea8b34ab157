"""Which file a candidate means by "my model of Category 3"."""

from __future__ import annotations

import os
from pathlib import Path

from graders.formats import FORMATS, listed
from graders.sentences import sentence
from mockexam.errors import SubmissionError
from mockexam.workspace.layout import category_folder
from mockexam.workspace.watch import ModelWatch

NAMES = tuple(each.file_name for each in FORMATS)
"""What to look for in a category's folder when nothing there looks like a saved model yet."""


def find_model(project: Path, category: int) -> Path:
    """The newest saved model in the category's folder; raises SubmissionError when there is none."""
    folder = category_folder(project, category)
    found = ModelWatch(folder).known() or [path for name in NAMES if os.path.lexists(path := folder / name)]
    if found:
        return found[0]
    if folder.is_dir():
        missing = sentence("no {names} in {folder}", names=listed(NAMES), folder=folder)
    else:
        missing = sentence("no folder {folder}", folder=folder)
    raise SubmissionError(
        sentence("a model saved as {file}", file=folder / NAMES[0]),
        missing,
        sentence("Run starter.py so that it saves one, or name the file to submit."),
        kind="nothing",
    )
