"""Every fault of one TOML file at once, in words; used when the fast way to read it has failed."""

from __future__ import annotations

import copy
import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema

from mockexam.packs.faults import Fault
from mockexam.packs.places import Place, key_lines, line_of
from mockexam.packs.schema import Schema

_WORDS = {
    "object": "a table",
    "array": "an array",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}


class Examination:
    """The faults of one file against its schema, and the file's content with the faulty parts made good.

    `mended` lets the checks of meaning run on what is left; `touched` has the places that were made up for it.
    """

    def __init__(self, file: Path, text: str, raw: dict[str, Any], schema: Schema, sample: dict[str, Any]) -> None:
        self.file = file
        self.lines = key_lines(text)
        self.mended = copy.deepcopy(raw)
        self.touched: set[Place] = set()
        self.sample = sample
        found = jsonschema.Draft202012Validator(schema).iter_errors(raw)
        self.faults = [fault for error in found for fault in self._faults(error)]
        self.faults.sort(key=lambda fault: fault.line or 0)

    def _faults(self, error: jsonschema.ValidationError) -> Iterator[Fault]:
        place: Place = tuple(error.absolute_path)
        if error.validator == "additionalProperties":
            for key in sorted(set(error.instance) - set(error.schema["properties"])):
                self._drop((*place, key))
                yield self._unknown_key((*place, key), list(error.schema["properties"]))
        elif error.validator == "required" and error.parent is None:
            key = error.message.split("'")[1]
            self._replace((*place, key))
            yield self._missing_key(place, key)
        else:
            self._replace(place)
            yield self._bad_value(place, error)

    def _unknown_key(self, place: Place, known: list[str]) -> Fault:
        near = difflib.get_close_matches(str(place[-1]), known, n=1)
        advice = f"Did you mean `{near[0]}`?" if near else "Remove it, or see docs/packs.md for the keys there are."
        return self._fault(place, "unknown-key", f"one of {', '.join(known)}", f"`{place[-1]}`", advice)

    def _missing_key(self, place: Place, key: str) -> Fault:
        where = f"in [{dotted(place)}]" if place else "at the top of the file"
        return self._fault(place, "missing-key", f"`{key}` {where}", "nothing", f"Add `{key} = …`.")

    def _bad_value(self, place: Place, error: jsonschema.ValidationError) -> Fault:
        expected, advice = expectation(error)
        name = dotted(place) or "the file"
        return self._fault(place, "bad-value", f"{name} to be {expected}", brief(error.instance), advice)

    def _fault(self, place: Place, code: str, expected: str, found: str, advice: str) -> Fault:
        line = line_of(self.lines, place)
        return Fault(file=self.file, line=line, code=code, expected=expected, found=found, advice=advice)

    def _drop(self, place: Place) -> None:
        parent = at(self.mended, place[:-1])
        if isinstance(parent, dict):
            parent.pop(str(place[-1]), None)

    def _replace(self, place: Place) -> None:
        """Put the sample's value at `place`, or leave the place out when the sample has none."""
        self.touched.add(place)
        value, parent = at(self.sample, place), at(self.mended, place[:-1])
        if not place or parent is None:
            return
        if value is None:
            if isinstance(parent, dict):
                parent.pop(str(place[-1]), None)
            else:
                self._replace(place[:-1])
        elif isinstance(parent, dict):
            parent[str(place[-1])] = copy.deepcopy(value)
        else:
            parent[int(place[-1])] = copy.deepcopy(value)


def expectation(error: jsonschema.ValidationError) -> tuple[str, str]:
    """What the schema wanted at the place of `error`, and what to do, both in words."""
    rule, instance = error.validator_value, error.instance
    match error.validator:
        case "enum":
            near = difflib.get_close_matches(str(instance), [str(item) for item in rule], n=1)
            advice = f'Did you mean "{near[0]}"?' if near else "Use one of them."
            return "one of " + ", ".join(f'"{item}"' for item in rule), advice
        case "type":
            return _WORDS[rule], "Change its value."
        case "const":
            return str(rule), "Change its value."
        case "minimum" | "exclusiveMinimum":
            return f"{'at least' if error.validator == 'minimum' else 'more than'} {rule}", "Give a larger number."
        case "maximum":
            return f"at most {rule}", "Give a smaller number."
        case "minLength" | "minItems":
            return "not empty", "Fill it in."
        case "maxLength":
            return f"at most {rule} characters", "Shorten it."
        case "pattern":
            return _pattern(rule)
        case "oneOf":
            return "a bar with exactly one of at_most and at_least", "Give one of them and remove the other."
        case "anyOf":
            return 'a whole number from 1, or "any"', 'Write the length, or "any" when it may vary.'
        case _:
            return error.message, "See docs/packs.md."


def _pattern(rule: str) -> tuple[str, str]:
    if rule.startswith(r"^\d+"):
        return "a semantic version", 'Write three numbers, as in "1.0.0".'
    if rule == "^[1-5]$":
        return "a table of the categories 1 to 5", "Use the numbers 1 to 5 as keys."
    if rule.startswith("^[a-z0-9]+([-_]"):
        return "an id of lower-case letters, digits and single hyphens or underscores", 'Rename it, as in "my-problem".'
    return f"a text like {rule}", "See docs/packs.md for an example."


def at(node: Any, place: Place) -> Any:
    """What stands at `place` in nested tables and arrays; None when nothing does."""
    for step in place:
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            return None
    return node


def dotted(place: Place) -> str:
    """`("scoring", "bars", 0, "metric")` as "scoring.bars[0].metric"."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place).lstrip(".")


def brief(value: Any) -> str:
    """`value` as one short line."""
    text = f'"{value}"' if isinstance(value, str) else str(value).replace("'", '"')
    return text if len(text) <= 60 else text[:57] + "…"
