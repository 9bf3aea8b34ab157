"""The published JSON Schemas: current, and of one mind with the reader."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import jsonschema
import pytest

from mockexam.packs import samples, schema
from mockexam.packs.model import PackFile, ProblemFile
from mockexam.packs.reading import _convert

DOCS = Path(__file__).parents[2] / "docs"


def test_the_published_schemas_are_current(tmp_path: Path) -> None:
    schema.write(tmp_path)
    for name in ("pack.schema.json", "problem.schema.json"):
        assert (DOCS / name).read_text("utf-8") == (tmp_path / name).read_text("utf-8"), (
            f"docs/{name} is out of date: run python -m mockexam.packs.schema in the repository"
        )


def test_the_examples_of_the_documentation_are_right() -> None:
    examples = re.findall(r"```toml\n(format = 1.*?)```", (DOCS / "packs.md").read_text("utf-8"), re.DOTALL)
    pack, problem = (tomllib.loads(text) for text in examples[:2])
    jsonschema.validate(pack, schema.pack_schema())
    jsonschema.validate(problem, schema.problem_schema())
    assert _convert(pack, PackFile).id == "tensorflow-developer"
    assert _convert(problem, ProblemFile).contract.output_shape == (10,)


@pytest.mark.parametrize(("struct", "sample"), [(PackFile, samples.PACK), (ProblemFile, samples.PROBLEM)])
def test_the_stand_ins_are_right(struct: type[PackFile] | type[ProblemFile], sample: dict[str, object]) -> None:
    rules = schema.pack_schema() if struct is PackFile else schema.problem_schema()
    jsonschema.validate(sample, rules)
    assert _convert(sample, struct).format == 1
