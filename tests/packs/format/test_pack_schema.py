"""The published JSON Schemas: current, and of one mind with the reader."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from mockexam.packs.format import samples, schema
from mockexam.packs.format.model import ADVICE, PackFile, ProblemFile, sentence_of
from mockexam.packs.format.reading import _convert, endless
from mockexam.packs.format.validation import Validator, at

DOCS = Path(__file__).parents[3] / "docs"


def test_the_published_schemas_are_current(tmp_path: Path) -> None:
    schema.write(tmp_path)
    for name in ("pack.schema.json", "problem.schema.json"):
        assert (DOCS / name).read_text("utf-8") == (tmp_path / name).read_text("utf-8"), (
            f"docs/{name} is out of date: run python -m mockexam.packs.format.schema in the repository"
        )


def test_every_pattern_has_its_words_beside_it() -> None:
    found = [one for rules in (schema.pack_schema(), schema.problem_schema()) for one in patterns(rules)]
    assert len(found) >= 12
    assert [one["pattern"] for one in found if not (one.get("description") and one.get(ADVICE))] == []
    for one in found:
        assert (sentence_of(one["description"]).english, sentence_of(one[ADVICE]).english) == (
            one["description"],
            one[ADVICE],
        )


def patterns(node: Any) -> Iterator[dict[str, Any]]:
    """Every schema of a text that must match a pattern."""
    if isinstance(node, dict) and isinstance(node.get("pattern"), str):
        yield node
    for item in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from patterns(item)


def test_the_examples_of_the_documentation_are_right() -> None:
    examples = re.findall(r"```toml\n(format = 1.*?)```", (DOCS / "packs.md").read_text("utf-8"), re.DOTALL)
    pack, problem = (tomllib.loads(text) for text in examples[:2])
    jsonschema.validate(pack, schema.pack_schema())
    jsonschema.validate(problem, schema.problem_schema())
    assert _convert(pack, PackFile).id == "tensorflow-developer"
    assert _convert(problem, ProblemFile).contract.output_shape == (10,)


VALUES = ["", "x", "en", 0, -1, 1, 2.0, 0.5, 10**20, math.nan, True, [], ["x"], ["x", "x"], [1], {}, {"x": 1}]


def places(node: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place below the root."""
    for key, item in node.items() if isinstance(node, dict) else enumerate(node):
        yield (*place, key)
        if isinstance(item, dict | list):
            yield from places(item, (*place, key))


@pytest.mark.parametrize("number", [0, 1], ids=["pack", "problem"])
def test_the_reader_takes_what_the_schema_allows_and_nothing_else(number: int) -> None:
    """Each value of the documented examples, replaced by each of many, left out, and joined by a strange key."""
    struct: type[Any] = (PackFile, ProblemFile)[number]
    examples = re.findall(r"```toml\n(format = 1.*?)```", (DOCS / "packs.md").read_text("utf-8"), re.DOTALL)
    rules = Validator((schema.pack_schema, schema.problem_schema)[number]())
    tried = 0
    for place in places(tomllib.loads(examples[number])):
        for value in [*VALUES, "drop", "add"]:
            raw = tomllib.loads(examples[number])
            parent = at(raw, place[:-1])
            if value == "drop":
                del parent[place[-1]]
            elif value == "add" and isinstance(parent, dict):
                parent["strange"] = 1
            else:
                parent[place[-1]] = value
            allowed = rules.is_valid(raw)
            if place == ("format",) or list(endless(raw)):
                continue  # the reader has words of its own for other formats, and for what is no number
            try:
                _convert(raw, struct)
                taken = True
            except (msgspec.ValidationError, ValueError):
                taken = False
            assert taken == allowed, (place, value)
            tried += 1
    assert tried > 200


@pytest.mark.parametrize(("struct", "sample"), [(PackFile, samples.PACK), (ProblemFile, samples.PROBLEM)])
def test_the_stand_ins_are_right(struct: type[Any], sample: dict[str, object]) -> None:
    rules = schema.pack_schema() if struct is PackFile else schema.problem_schema()
    jsonschema.validate(sample, rules)
    assert _convert(sample, struct).format == 1
