"""A process with TensorFlow in it, for tests: builds models and examines them, one JSON line per request."""

from __future__ import annotations

import json
import os
import sys
import traceback
import warnings
from pathlib import Path
from typing import Any

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="", KERAS_BACKEND="tensorflow")
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

import keras  # noqa: E402
import models  # type: ignore[import-not-found]  # noqa: E402
import msgspec  # noqa: E402
import numpy as np  # noqa: E402

from graders.child.examination import Refusal, prepare  # noqa: E402
from graders.child.rehearsal import rehearse  # noqa: E402
from graders.contract import Contract  # noqa: E402
from graders.frames import Question  # noqa: E402
from tests.graders.child import foreign_graphs  # noqa: E402
from tests.graders.child.allowed import listing  # noqa: E402


def answer(request: dict[str, Any]) -> dict[str, Any]:
    if "build" in request:
        (models.BUILDERS | foreign_graphs.BUILDERS)[request["build"]](Path(request["path"]))
        return {}
    if "rehearse" in request:
        rehearse(lambda: False)
        return {"next name": keras.layers.Dense(1).name}
    if "allowed" in request:
        return {"lists": listing.lists(), "absent": listing.absent()}
    reports: dict[str, Any] = {}
    inputs = np.load(request["inputs"])
    inputs.flags.writeable = False
    try:
        prepared = prepare(
            request["model"],
            request["kind"],
            msgspec.json.decode(request["contract"], type=Contract),
            inputs.shape,
            inputs.dtype.str,
            lambda name, fields: reports.update({name: fields}),
        )
        reports["waiting"] = prepared.told()
        reports["waiting"]["notes"] = [str(note) for note in prepared.notes]
        predictions = prepared.answer(inputs, Question(shape=inputs.shape))
    except Refusal as refusal:
        names = ("link", "code", "expected", "found", "advice")
        return {"refusal": {name: str(getattr(refusal, name)) for name in names}, "reports": reports}
    np.save(request["outputs"], predictions)
    return {"reports": reports}


warnings.simplefilter("ignore")
for line in sys.stdin:
    try:
        reply = answer(json.loads(line))
    except Exception:
        reply = {"broken": traceback.format_exc()}
    answers.write(json.dumps(reply, default=str) + "\n")
    answers.flush()
