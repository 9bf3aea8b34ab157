"""Findings pass between processes as JSON, their sentences with them."""

from __future__ import annotations

from graders.sentences import sentence, sentences
from mockexam.inspections.findings import Edit, Finding, Fix, decode, digest, encode


def test_findings_survive_json() -> None:
    fix = Fix("rename", sentence("Write {name}", name="learning_rate"), (Edit(0, 3, 0, 5, "learning_rate", "lr"),))
    finding = Finding(
        pattern="optimizer-lr",
        row=0,
        column=3,
        end_row=0,
        end_column=5,
        message=sentence("한글 {inner}", inner=sentence("of {what}", what="Adam")),
        detail=sentences("{count} place", "{count} places", count=2),
        fixes=(fix, Fix("other", "`x`", ())),
        digest=digest("lr 😀\ud800"),
    )
    assert decode(encode([finding])) == [finding]
    assert b"\n" not in encode([finding])


def test_texts_that_differ_have_other_digests() -> None:
    assert digest("a\n") != digest("a\r\n")
