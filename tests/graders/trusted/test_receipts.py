"""What a receipt names, and what older ones lack."""

from __future__ import annotations

import msgspec

import mockexam
from graders.trusted.findings import Findings
from graders.verdict import Receipt
from graders.version import __version__


def test_a_receipt_names_the_graders_version() -> None:
    assert Findings(b"mymodel.h5").receipt().grader == __version__ == mockexam.__version__


def test_receipts_of_0_1_0_are_read() -> None:
    receipt = msgspec.json.decode(b'{"file": "mymodel.h5", "bytes": 4, "sha256": "00", "format": "h5"}', type=Receipt)
    assert receipt.grader is msgspec.UNSET
