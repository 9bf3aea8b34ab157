"""A stored verdict is told in another language; one that 0.1.0 stored keeps its English."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from graders.child.checking.rules import refuse_lambdas
from graders.child.locked_process import _told
from graders.child.refusal import Refusal
from graders.sandbox import report
from graders.sentences import sentence, sentences, to_builtins
from graders.trusted import findings, foreign_formats
from graders.verdict import Reason, Verdict
from mockexam.language.catalogue import choose, shown
from mockexam.language.verdicts import shown_reason
from tests.language.german import catalogue_of

GERMAN = catalogue_of(
    {
        "a model without Lambda layers": "ein Modell ohne Lambda-Schichten",
        "Lambda layer {names}\0Lambda layers {names}": "die Lambda-Schicht {names}\0die Lambda-Schichten {names}",
        "{names} and {count} more": "{names} und {count} weitere",
        "(28, 28)": "nie",
        "{count} output too many\0{count} outputs too many": "{count} Ausgabe zu viel\0{count} Ausgaben zu viel",
        "isolation level {level}: {why}": "Stufe {level}: {why}",
        "files": "Dateien",
        "none: this kernel has no Landlock, or it is switched off": "fehlt",
        "open a file": "eine Datei öffnen",
        "broken: a locked process could {acts}": "hält nicht: {acts}",
        "a whole model saved by Keras ({any})": "ein ganzes, von Keras gespeichertes Modell ({any})",
        "{first}, {second} or {last}": "{first}, {second} oder {last}",
        "an .h5 file": "eine .h5-Datei",
        "a .keras file": "eine .keras-Datei",
        "a SavedModel folder": "ein SavedModel-Ordner",
        "{file} is {kind}": "{file} ist {kind}",
        "a web page": "eine Webseite",
    }
)
WRITTEN_BY_0_1_0 = Path(__file__).parents[1] / "compatibility" / "v0_1_0" / "frames.txt"


@pytest.fixture(autouse=True)
def in_english_again() -> Iterator[None]:
    yield
    choose(None)


def refused(names: list[str]) -> Reason:
    """The reason for a model with Lambda layers of those names, as it comes out of the child."""
    with pytest.raises(Refusal) as caught:
        refuse_lambdas(names)
    return findings.refusal(json.dumps(_told(caught.value)).encode())


def stored(reason: Reason) -> Reason:
    """The reason after a life in a file."""
    verdict = msgspec.json.encode(Verdict(outcome="refused", reason=reason))
    read = msgspec.json.decode(verdict, type=Verdict).reason
    assert read is not None
    return read


def body(**found: Any) -> bytes:
    parts = {"expected": "a model", "advice": "Save it."}
    return json.dumps({"link": "load", "code": "odd", **parts, "found": {"template": "{a}", **found}}).encode()


@pytest.mark.parametrize(
    ("names", "english", "german"),
    [
        (["a"], "Lambda layer a", "die Lambda-Schicht a"),
        (["a", "b"], "Lambda layers a, b", "die Lambda-Schichten a, b"),
        (list("abcde"), "Lambda layers a, b, c and 2 more", "die Lambda-Schichten a, b, c und 2 weitere"),
    ],
)
def test_a_stored_verdict_is_told_in_another_language(names: list[str], english: str, german: str) -> None:
    reason = stored(refused(names))
    assert (reason.code, reason.found, shown_reason(reason).found) == ("lambda", english, english)
    choose(GERMAN)
    assert shown_reason(reason).found == german
    assert shown_reason(reason).expected == "ein Modell ohne Lambda-Schichten"
    assert shown_reason(reason).advice == reason.advice, "what the catalogue doesn't know stays English"


def test_a_lock_that_is_missing_is_told_in_another_language() -> None:
    reason = stored(findings.isolation_missing(report._linux(0, False)))
    assert reason.found.startswith("isolation level none: files none: this kernel has no Landlock")
    choose(GERMAN)
    assert shown_reason(reason).found.startswith("Stufe none: Dateien fehlt; calls none: no seccomp filter")


def test_what_got_through_the_lock_is_told_in_another_language() -> None:
    isolation = report.after_trial(report.unlocked(), {"files": ("open a file", "list a folder", "fly")})
    found = isolation.to_builtins()["layers"]["files"]
    assert found == "broken: a locked process could open a file, list a folder, fly"
    choose(GERMAN)
    assert shown(isolation.layers["files"]) == "hält nicht: eine Datei öffnen, list a folder, fly"


def test_phrases_within_a_stored_verdict_are_told_too(tmp_path: Path) -> None:
    (tmp_path / "{any}.h5").write_text("<html>Sign in</html>")
    reason = stored(foreign_formats.refusal_of_file(tmp_path / "{any}.h5", "{any}.h5").reason)
    assert reason.found == "{any}.h5 is a web page"
    choose(GERMAN)
    told = shown_reason(reason)
    assert told.found == "{any}.h5 ist eine Webseite"
    listed = "eine .h5-Datei, eine .keras-Datei oder ein SavedModel-Ordner"
    assert told.expected == f"ein ganzes, von Keras gespeichertes Modell ({listed})"


def test_a_stored_note_is_told_in_another_language() -> None:
    noted = findings.Findings(b"model.h5")
    note = sentences("{count} output too many", "{count} outputs too many", count=2)
    noted.waiting(json.dumps({"memory": "nothing", "notes": [to_builtins(note), "as \x1b[2Jit was"]}).encode())
    verdict = Verdict(outcome="scored", notes=("older",)).with_notes(noted.notes)
    read = msgspec.json.decode(msgspec.json.encode(verdict), type=Verdict)
    assert read.notes == ("older", "2 outputs too many", "as it was")
    choose(GERMAN)
    assert [shown(words) for words in read.notes_in_words] == ["older", "2 Ausgaben zu viel", "as it was"]


def test_a_hostile_note_spoils_what_came_with_it() -> None:
    noted = findings.Findings(b"model.h5")
    told = {"memory": "nothing", "notes": [{"template": "{a}", **nested(300)}]}
    assert noted.waiting(json.dumps(told).encode()) == "anything"
    assert noted.notes == ()


def test_a_verdict_without_sentences_is_written_as_0_1_0_wrote_it() -> None:
    assert "sentences" not in msgspec.to_builtins(Verdict(outcome="scored").with_notes(["a note"]))


def test_what_0_1_0_stored_keeps_its_english() -> None:
    frames = dict(line.split("\t") for line in WRITTEN_BY_0_1_0.read_text("utf-8").splitlines())
    reason = msgspec.json.decode(frames["reason"], type=Reason)
    choose(GERMAN)
    assert shown_reason(reason) == ("(28, 28)", "(28, 28, 1)", "Drop an axis.")


def test_a_reason_of_texts_alone_is_written_as_0_1_0_wrote_it() -> None:
    reason = Reason(link="load", code="odd", expected="a", found="b", advice="c")
    assert set(msgspec.to_builtins(reason)) == {"link", "code", "expected", "found", "advice"}


def test_a_text_that_was_changed_is_shown_as_it_is() -> None:
    reason = msgspec.structs.replace(refused(["a"]), found="nothing at all")
    choose(GERMAN)
    assert shown_reason(reason).found == "nothing at all"


def nested(depth: int) -> dict[str, Any]:
    return {"values": {"a": {"template": "{a}", **nested(depth - 1)}}} if depth else {"values": {"a": "b"}}


@pytest.mark.parametrize(
    "odd",
    [
        {"values": {"a": 1 << 80}},
        {"values": {"a": 1.5}},
        {"template": "{a}" * 17, "values": {"a": "b"}},
        {"many": "{count}", "values": {"count": "three"}},
        {"many": "{count}", "values": {}},
        {"template": "\x1b[2J{a}", "values": {"a": "b"}},
        nested(3),
        nested(300),
    ],
    ids=["large number", "fraction", "many parts", "no number", "no count", "steering", "deep", "deepest"],
)
def test_what_a_hostile_child_sends_for_a_sentence_is_not_believed(odd: dict[str, Any]) -> None:
    assert findings.refusal(body(**odd)).code == "unreadable"


def test_values_of_a_child_are_made_fit_to_be_shown() -> None:
    reason = findings.refusal(body(values={"a": "\x1b[2Jx\x00y{b}"}))
    assert reason.found == "x�y{b}"
    assert str(reason.words("found")) == reason.found


def test_a_sentence_too_long_to_be_shown_is_cut() -> None:
    reason = findings.refusal(body(template="{a}{a}{a}", values={"a": "b" * 500}))
    assert len(reason.found) == 600
    assert reason.words("found") == reason.found


def test_a_refusal_too_large_for_its_frame_is_sent_in_english() -> None:
    values = {f"v{number}": "ä" * 2000 for number in range(3)}
    refusal = Refusal("load", "odd", "a model", sentence("{v0}{v1}{v2}", **values), "Save it.")
    assert _told(refusal)["found"] == "ä" * 600
