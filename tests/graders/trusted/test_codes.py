"""What a model can tell once it has seen the rows: with codes only, nothing that it chose itself."""

from __future__ import annotations

import random
import re
import string
from pathlib import Path
from typing import Any

import msgspec
import pytest

from graders.contract import Limits
from graders.trusted import codes
from graders.trusted.findings import Findings
from graders.trusted.watchdog import Answer
from graders.verdict import Receipt

LIMITS = Limits()


def _refusal(code: str, text: str, raised: str = "") -> bytes:
    parts = {part: {"template": f"{{{text}}}", "values": {text: text}} for part in ("expected", "found", "advice")}
    return msgspec.json.encode({"link": text, "code": code, "raised": raised, **parts})


def _texts(count: int) -> list[str]:
    chosen = random.Random(7)
    return ["".join(chosen.choices(string.ascii_letters, k=20)) for _ in range(count)]


@pytest.mark.parametrize("code", [*codes.REFUSALS, "of-its-own"])
def test_a_refusal_says_no_word_of_the_models(code: str) -> None:
    reasons = {
        msgspec.json.encode(Findings(b"m.h5").refusal(_refusal(code, text, text), in_codes=True)) for text in _texts(50)
    }

    assert len(reasons) == 1


def test_a_refusal_in_its_own_words_is_told_where_nobody_minds() -> None:
    assert "abc" in Findings(b"m.h5").refusal(_refusal("call-failed", "abc"), in_codes=False).found


def test_all_that_a_model_can_say_in_codes_is_a_short_list() -> None:
    raised = [*codes.ERRORS, *_texts(50)]
    refusals = {
        msgspec.json.encode(Findings(b"m.h5").refusal(_refusal(code, "abc", kind), in_codes=True))
        for code in [*codes.REFUSALS, *_texts(50)]
        for kind in raised
    }
    errors = {
        msgspec.json.encode(
            Findings(b"m.h5").error(msgspec.json.encode({"type": kind, "message": kind * 9}), LIMITS, in_codes=True)
        )
        for kind in raised
    }

    assert len(refusals) == len(codes.REFUSALS) + len(codes.ERRORS) + 1
    assert len(errors) <= len(codes.ERRORS) + 1


def test_what_was_said_before_any_row_was_seen_is_told_with_the_same_error() -> None:
    findings = Findings(b"m.h5")
    findings.waiting(msgspec.json.encode({"memory": "nothing", "trouble": "ValueError: axes don't match"}))

    same, other = (
        findings.refusal(_refusal("call-failed", "abc", kind), in_codes=True) for kind in ("ValueError", "KeyError")
    )

    assert same.found == "ValueError: axes don't match"
    assert "KeyError" in other.found
    assert "axes" not in other.found


@pytest.mark.parametrize("body", [b"", b"[]", b'{"code": 3}', b"\xff", b'{"type": 1, "message": []}'])
def test_what_makes_no_sense_tells_nothing(body: bytes) -> None:
    findings = Findings(b"m.h5")

    assert findings.refusal(body, in_codes=True).code == "unreadable"
    assert findings.error(body, LIMITS, in_codes=True).code == "forged"


def _received(**answer: Any) -> Receipt:
    findings = Findings(b"m.h5")
    findings.answered(Answer(**answer))
    return findings.receipt()


def test_a_receipt_says_little_of_how_long_a_model_took_and_how_much_it_used() -> None:
    moments = {"ready": 0.0, "loaded": 0.31}
    receipts = [
        _received(peak=peak, moments={**moments, "answered": 0.51 + second})
        for peak in range(200 << 20, 250 << 20, 999_999)
        for second in (0.0, 0.011, 0.029)
    ]

    assert {receipt.peak_bytes for receipt in receipts} == {256 << 20}
    assert {receipt.timings["testing"] for receipt in receipts} == {0.2}


def test_each_refusal_of_a_called_model_has_words_of_ours() -> None:
    """The codes are read from the sources: importing them would import TensorFlow."""
    child = Path(codes.__file__).parents[1] / "child"
    sources = [child / "checking/interface.py", child / "prediction.py", child / "loading/explanations.py"]
    found = {
        code
        for source in sources
        for code in re.findall(r'Refusal\(\s*"(?:input|output|finite|load)",\s*"([a-z-]+)"', source.read_text("utf-8"))
    }
    before_rows = {"several-inputs", "input-shape", "damaged", "incomplete", "not-loadable"}

    assert {"call-failed", "activation", "not-finite", "output-shape"} <= found
    assert found - before_rows <= set(codes.REFUSALS)
