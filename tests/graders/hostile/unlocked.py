"""Opens models without any lock, and graphs without any rule, to prove that the attacks are real.

It prints the models' first predictions:

    python -m tests.graders.hostile.unlocked TASK.json MODEL KIND [MODEL KIND ...]

Only tests can do this: the product has no switch that leaves the lock off.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import cast
from unittest import mock

import msgspec
import numpy as np

from graders.child.examination import Refusal, prepare
from graders.contract import Task
from graders.formats import Format
from graders.frames import Question


def main() -> None:
    """Examine the models in this very process."""
    task = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Task)
    with np.load(task.hidden) as arrays:
        inputs = arrays["inputs"]
    found: dict[str, float | None] = {}
    for model, kind in zip(sys.argv[2::2], sys.argv[3::2], strict=True):
        try:
            with mock.patch("graders.child.loading.saved_models.check_graphs"):
                made = prepare(
                    model, cast(Format, kind), task.contract, inputs.shape, inputs.dtype.str, lambda *_: None
                )
            found[Path(model).name] = float(made.answer(inputs, Question(shape=inputs.shape))[0, 0])
        except Refusal:
            found[Path(model).name] = None
    print("\n" + json.dumps(found))


if __name__ == "__main__":
    main()
