"""The JSON Schemas of pack.toml and problem.toml: editors complete with them, and faults are found with them.

`python -m mockexam.packs.format.schema` writes them to docs/.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from graders.sentences import sentence
from mockexam.exam import form
from mockexam.packs.format.model import ADVICE, CEILINGS, FORMAT, LARGEST, PackFile, ProblemFile, written
from mockexam.packs.format.skills import SKILLS

Schema = dict[str, Any]


def pack_schema() -> Schema:
    """The schema of pack.toml."""
    # untranslated: editors show it
    schema = _published(PackFile, "pack.toml of a mockexam problem pack")
    first, last = form.FIRST, form.LAST
    schema["$defs"]["Form"]["properties"]["weights"]["propertyNames"] = {
        "pattern": form.PATTERN,
        "description": written(sentence("a table of the categories {first} to {last}", first=first, last=last)),
        ADVICE: written(sentence("Use the numbers {first} to {last} as keys.", first=first, last=last)),
    }
    schema["$defs"]["Programs"]["properties"]["keras"]["type"] = "integer"  # an enum alone would take 2.0
    return schema


def problem_schema() -> Schema:
    """The schema of problem.toml."""
    # untranslated: editors show it
    schema = _published(ProblemFile, "problem.toml of a mockexam problem pack")
    parts = schema["$defs"]
    length = {"anyOf": [{"type": "integer", "minimum": 1, "maximum": LARGEST["length"]}, {"const": "any"}]}
    contract = parts["Contract"]["properties"]
    for shape in ("input_shape", "output_shape"):
        # untranslated: editors show it
        contract[shape] = {"type": "array", "items": length, "description": 'Without the batch axis; "any" length.'}
    contract["formats"]["minItems"] = 1
    for name in ("max_bytes", "max_parameters", "max_layers"):
        contract[name] |= {"minimum": 1, "maximum": LARGEST[name]}
    scoring = parts["Scoring"]["properties"]
    scoring["bars"]["minItems"] = 1
    scoring["tests"] |= {"minimum": 1, "maximum": 20}
    del scoring["precision"]  # the pack's [form] states it
    scoring["draw_size"] |= {"minimum": 1, "maximum": LARGEST["draw_size"]}
    schema["properties"]["languages"]["uniqueItems"] = True
    schema["properties"]["skills"]["items"]["examples"] = list(SKILLS)  # editors complete with them
    parts["Threshold"]["oneOf"] = [{"required": ["at_most"]}, {"required": ["at_least"]}]
    for name, ceiling in CEILINGS.items():
        parts["Limits"]["properties"][name] |= {"exclusiveMinimum": 0, "maximum": ceiling}
    return schema


def write(folder: Path) -> None:
    """Write both schemas into `folder`."""
    for name, schema in (("pack", pack_schema()), ("problem", problem_schema())):
        (folder / f"{name}.schema.json").write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n", "utf-8")


def _published(struct: type[msgspec.Struct], title: str) -> Schema:
    schema = _without_null(msgspec.json.schema(struct))
    root = schema["$defs"].pop(struct.__name__)
    root["title"] = title
    root["properties"]["format"]["const"] = FORMAT
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return {**head, **root, "$defs": {name: _tidy(part) for name, part in sorted(schema["$defs"].items())}}


def _without_null(node: Any) -> Any:
    """TOML has no null: what may be null in Python is left out instead."""
    if isinstance(node, list):
        return [_without_null(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: value for key, value in node.items() if value is not None}
    if None in node.get("enum", ()):
        node["enum"] = [choice for choice in node["enum"] if choice is not None]
    choices = [choice for choice in node.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) == 1:
        node = {**choices[0], **{key: value for key, value in node.items() if key != "anyOf"}}
    return {key: _without_null(value) for key, value in node.items()}


def _tidy(part: Schema) -> Schema:
    if "description" in part:
        part["description"] = " ".join(part["description"].split())
    return part


if __name__ == "__main__":
    write(Path("docs"))
