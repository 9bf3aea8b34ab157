"""Each pattern is found in its own example, mended as the example says, and not found in what is right."""

from __future__ import annotations

import re

import pytest

from mockexam.inspections.edits import applied, fix_all
from mockexam.inspections.findings import Finding
from mockexam.inspections.inspection import inspect
from mockexam.inspections.pattern import Pattern
from mockexam.inspections.table import BY_ID, PATTERNS

IMPORTS = "import numpy as np\nimport tensorflow as tf\n"
NETS = """
def net(units=1, activation=None):
    return tf.keras.Sequential([tf.keras.layers.Dense(2), tf.keras.layers.Dense(units, activation=activation)])
one_number = picture_net = stateful = net
"""
FOUND_THROUGH_A_FUNCTION = NETS.replace(
    "one_number = picture_net = stateful = net",
    "".join(f"def {n}():\n    return net()\n" for n in ("one_number", "picture_net", "stateful")),
)


def found(source: str, keras: int) -> list[Finding]:
    return inspect(source, keras=3 if keras == 3 else 2, modules=None, project=None)


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.id)
def test_a_pattern_is_found_in_its_example_and_mended(pattern: Pattern) -> None:
    source = IMPORTS + FOUND_THROUGH_A_FUNCTION + pattern.example.before + "\n"
    for keras in pattern.since:
        findings = found(source, keras)
        assert {one.pattern for one in findings} == {pattern.id}
        for name, after in zip((one.name for one in findings[0].fixes), pattern.example.after, strict=True):
            edits = fix_all(source, pattern.id, name, keras=keras)
            mended = applied(source, edits, findings[0].digest)
            compile(mended, "starter.py", "exec")
            wanted = IMPORTS + FOUND_THROUGH_A_FUNCTION + after + "\n"
            assert re.sub("^import math\n", "", mended, flags=re.M) == re.sub("^import math\n", "", wanted, flags=re.M)
            assert "import math" in mended or "math." not in mended
            assert found(mended, keras) == []


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.id)
def test_nothing_is_told_under_a_keras_that_takes_it(pattern: Pattern) -> None:
    source = IMPORTS + FOUND_THROUGH_A_FUNCTION + pattern.example.before + "\n"
    if 2 not in pattern.since:
        assert found(source, 2) == []
        assert inspect(source, keras=None, modules=None, project=None) == []


def test_ids_are_told_apart() -> None:
    assert len(BY_ID) == len(PATTERNS)
    assert len(PATTERNS) >= 25


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.id)
def test_a_release_that_is_not_reached_yet_takes_it(pattern: Pattern) -> None:
    source = IMPORTS + FOUND_THROUGH_A_FUNCTION + pattern.example.before + "\n"
    keras = max(pattern.since)
    library = pattern.since[keras].library
    assert inspect(source, keras=keras, modules=None, project=None, versions={library: "1.0"}) == []
    assert inspect(source, keras=keras, modules=None, project=None, versions={library: "99.0"}) != []
