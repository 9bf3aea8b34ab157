"""Opens a model without any lock and prints its first prediction: proof that an attack is real.

    python -m tests.graders.hostile.unlocked MODEL KIND TASK.json

Only tests can do this: the product has no switch that leaves the lock off.
"""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import numpy as np

from graders.contract import Task
from graders.inside.examination import examine


def main() -> None:
    """Examine the model in this very process."""
    task = msgspec.json.decode(Path(sys.argv[3]).read_bytes(), type=Task)
    with np.load(task.hidden) as arrays:
        inputs = arrays["inputs"]
    predictions = examine(sys.argv[1], sys.argv[2], task.contract, inputs, lambda *_: None)  # type: ignore[arg-type]
    print(f"\nprediction {float(predictions[0, 0])}")


if __name__ == "__main__":
    main()
