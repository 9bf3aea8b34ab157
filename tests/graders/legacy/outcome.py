"""What becomes of one file of the archives in an examination."""

from __future__ import annotations

import numpy as np

from tests.graders.child.conftest import Examiner
from tests.graders.legacy.archives import AGREES, DIFFERS, NEAR, Writer


def outcome(examiner: Examiner, wrote: Writer, name: str) -> str:
    """ "agrees", "differs", or the code of the refusal."""
    inputs, outputs = wrote.inputs(name), wrote.outputs(name)
    result = examiner.examine(wrote.folder / name, wrote.contract(name), inputs)
    if result.reason is not None:
        return result.reason.code
    assert np.ptp(outputs) > NEAR  # so that equal predictions mean something
    return AGREES if np.abs(result.outputs - outputs).max() <= NEAR else DIFFERS
