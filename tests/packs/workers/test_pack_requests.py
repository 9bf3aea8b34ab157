"""What is asked of a worker arrives as it was meant, and what neither side understands is a fault of ours."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import ClassVar

import msgspec
import numpy as np
import pytest

from graders.contract import Contract, Scoring, Threshold
from graders.sentences import Sentence
from mockexam.errors import RefusalError
from mockexam.packs.format.model import Expected
from mockexam.packs.workers import client, requests
from mockexam.packs.workers.client import ChildError
from mockexam.packs.workers.requests import (
    CompareExamples,
    CompareFiles,
    DataRequest,
    Decode,
    DrawTwice,
    Examples,
    Inspect,
    Measure,
    Overlap,
    ReadNothing,
    RunScript,
    TfdsRequest,
    plain,
    understood,
)

ODD = Path(os.fsdecode(b"/tmp/caf\xe9"))  # no text in UTF-8
EXPECTED = Expected(Contract(input_shape=(None, 2), output_shape=(3,), formats=("h5",)), classifies=True)
SCORING = Scoring(thresholds=(Threshold(metric="mae", at_most=0.5),))


@pytest.mark.parametrize(
    ("request_", "kind"),
    [
        (CompareFiles(public=ODD, hidden=ODD), DataRequest),
        (Decode(folder=ODD, hidden=ODD, expected=EXPECTED, scale=0.5), DataRequest),
        (Inspect(jobs=(DrawTwice(script=ODD, scratch=ODD, expected=EXPECTED), ReadNothing())), DataRequest),
        (CompareExamples(name="mnist", public=ODD, hidden=ODD, input_shape=(None, 2)), TfdsRequest),
        (RunScript(script=ODD, seed=7), RunScript),
        (RunScript(script=ODD, seed=7, hidden=ODD), RunScript),
        (Measure(model=ODD, hidden=ODD, scoring=SCORING, sets=3, key="x"), Measure),
    ],
)
def test_a_request_arrives_as_it_was_sent(request_: msgspec.Struct, kind: object) -> None:
    assert understood(json.loads(json.dumps(plain(request_)).encode()), kind) == request_


class Dance(requests._Data, frozen=True, kw_only=True, tag="dance"):
    """Nothing that the worker knows."""

    reply: ClassVar[type[Overlap]] = Overlap


class MisreadOverlap(CompareFiles, frozen=True, kw_only=True, tag="compare"):
    """Asks for one thing and expects another back."""

    reply: ClassVar[type[Examples]] = Examples  # type: ignore[assignment]


def asked(request: requests.Request[object]) -> object:
    return client.ask(request, seconds=30, progress=lambda *_: None)


def test_a_request_that_the_worker_does_not_know_is_a_fault_of_ours() -> None:
    with pytest.raises(RefusalError, match="dance") as caught:
        asked(Dance())
    assert caught.value.kind == "fault"


def test_an_answer_of_another_kind_is_a_fault_of_ours(tmp_path: Path) -> None:
    np.savez(tmp_path / "hidden.npz", inputs=np.zeros((3, 1)))
    (tmp_path / "data").mkdir()
    request = {"public": tmp_path / "data", "hidden": tmp_path / "hidden.npz"}
    assert asked(CompareFiles(**request)) == Overlap(known=0, hidden=3, public=0)
    with pytest.raises(RefusalError, match="splits") as caught:
        asked(MisreadOverlap(**request))
    assert caught.value.kind == "fault"


def test_what_a_person_can_mend_is_no_fault_of_ours(tmp_path: Path) -> None:
    script = tmp_path / "generator.py"
    script.write_text("")
    generate = requests.Generate(
        script=script, seed=1, public=tmp_path, hidden=tmp_path / "hidden.npz", expected=EXPECTED
    )
    with pytest.raises(ChildError, match="a function `generate`") as caught:
        asked(generate)
    expected = caught.value.expected
    assert isinstance(expected, Sentence), "it crossed the pipe as a text, which no one can translate any more"
    assert expected.values == {"function": "generate", "file": "generator.py"}
