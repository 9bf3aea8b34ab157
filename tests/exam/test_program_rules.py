"""The rules for programs: what they allow, and the words for them."""

from __future__ import annotations

from itertools import product

import msgspec
import pytest

from mockexam.exam.program_rules import Generation, ProgramRules, told
from mockexam.exam.rules import Rules

ALLOWED: list[tuple[ProgramRules, Generation | None, bool, bool]] = [
    (ProgramRules(), 3, True, True),
    (ProgramRules(), None, False, True),
    (ProgramRules(keras=2), 2, True, True),
    (ProgramRules(keras=2), 3, True, False),
    (ProgramRules(keras=2), None, False, False),
    (ProgramRules(others=False), 2, True, True),
    (ProgramRules(others=False), 2, False, False),
]


@pytest.mark.parametrize(("rules", "keras", "ours", "allowed"), ALLOWED)
def test_an_interpreter_is_allowed(rules: ProgramRules, keras: Generation | None, ours: bool, allowed: bool) -> None:
    assert rules.allows(keras, ours=ours) is allowed


def test_all_rules_have_words_of_their_own() -> None:
    generations: tuple[Generation | None, ...] = (None, 2, 3)
    said = {
        tuple(one.english for one in told(ProgramRules(keras=keras, others=others, rescue=rescue)))
        for keras, others, rescue in product(generations, (True, False), (True, False))
    }
    assert len(said) == 12
    advices = {tuple(one.english for one in told(ProgramRules(advice=one)))[1] for one in ("all", "api", "none")}
    assert len(advices) == 3


def test_rules_that_were_kept_without_them_are_read_with_the_usual_ones() -> None:
    kept = msgspec.json.decode(msgspec.json.encode(Rules()), type=dict)
    del kept["programs"]
    assert msgspec.json.decode(msgspec.json.encode(kept), type=Rules) == Rules()
