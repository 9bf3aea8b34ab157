"""Every fault of one TOML file at once, in words; used when the fast way to read it has failed."""

from __future__ import annotations

import copy
import difflib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import jsonschema

from mockexam.packs.format.faults import Fault
from mockexam.packs.format.model import ADVICE
from mockexam.packs.format.positions import Place, key_lines, line_of
from mockexam.packs.format.schema import Schema

# JSON has one kind of number, TOML two: 1.0 is no whole number there.
Validator = jsonschema.validators.extend(
    jsonschema.Draft202012Validator,
    type_checker=jsonschema.Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    ),
)

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

    def __init__(
        self,
        file: Path,
        text: str,
        raw: dict[str, Any],
        schema: Schema,
        sample: dict[str, Any],
        endless: Sequence[Place] = (),
    ) -> None:
        """`endless`: the places of numbers that aren't finite, which a schema can't tell."""
        self.file = file
        self.lines = key_lines(text)
        self.mended = copy.deepcopy(raw)
        self.touched: set[Place] = set()
        self.sample = sample
        errors = list(Validator(schema).iter_errors(raw))
        self.wrong_types = {tuple(error.absolute_path) for error in errors if error.validator == "type"}
        self.misspelt = {place for error in errors for place in _misspelt(error).values()}
        self.faults = [self._endless(raw, place) for place in endless]
        self.faults += [fault for error in errors for fault in self._faults(error)]
        self.faults.sort(key=lambda fault: fault.line or 0)

    def _faults(self, error: jsonschema.ValidationError) -> Iterator[Fault]:
        place: Place = tuple(error.absolute_path)
        if error.validator == "additionalProperties":
            known = list(error.schema["properties"])
            for key, meant in _misspelt(error).items():
                self._drop((*place, key))
                self._replace(meant)  # not missing, only misspelt
                yield self._unknown_key((*place, key), known, f"Did you mean `{meant[-1]}`?")
            for key in sorted(set(error.instance) - set(known) - set(_misspelt(error))):
                self._drop((*place, key))
                yield self._unknown_key((*place, key), known, "Remove it, or see docs/packs.md for the keys there are.")
        elif error.validator == "required" and error.parent is None:
            key = error.message.split("'")[1]
            self._replace((*place, key))
            if (*place, key) not in self.misspelt:
                yield self._missing_key(place, key)
        elif error.validator != "const" or place not in self.wrong_types:
            self._replace(place)
            yield self._bad_value(place, error)

    def _endless(self, raw: dict[str, Any], place: Place) -> Fault:
        self._replace(place)
        expected, found = f"{dotted(place)} to be a finite number", str(at(raw, place))
        return self._fault(place, "bad-value", expected, found, "Give a number.")

    def _unknown_key(self, place: Place, known: list[str], advice: str) -> Fault:
        return self._fault(place, "unknown-key", f"one of {', '.join(known)}", f"`{place[-1]}`", advice)

    def _missing_key(self, place: Place, key: str) -> Fault:
        where = f"in [{dotted(place)}]" if place else "at the top of the file"
        value = at(self.sample, (*place, key))
        example = "…" if value is None or isinstance(value, dict) else json.dumps(value)
        advice = f"Add [{dotted((*place, key))}]." if isinstance(value, dict) else f"Add it, as in `{key} = {example}`."
        return self._fault(place, "missing-key", f"`{key}` {where}", "nothing", advice)

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
            return _WORDS[rule], _brackets(rule, instance, error)
        case "const":
            return str(rule), "Change its value."
        case "minimum" | "exclusiveMinimum":
            return f"{'at least' if error.validator == 'minimum' else 'more than'} {rule}", "Give a larger number."
        case "maximum":
            return f"at most {rule}", "Give a smaller number."
        case "minLength" | "minItems":
            return "not empty", "Fill it in."
        case "uniqueItems":
            return "a list in which nothing is twice", "Remove what is there twice."
        case "maxLength":
            return f"at most {rule} characters", "Shorten it."
        case "pattern":
            return error.schema["description"], error.schema[ADVICE]  # a pattern has its words beside it
        case "oneOf":
            return "a bar with exactly one of at_most and at_least", "Give one of them and remove the other."
        case "anyOf":
            return 'a whole number from 1, or "any"', 'Write the length, or "any" when it may vary.'
        case _:
            return error.message, "See docs/packs.md."


def _misspelt(error: jsonschema.ValidationError) -> dict[str, Place]:
    """Of the unknown keys that an error speaks of, those that look like a key which isn't there: key → that place."""
    if error.validator != "additionalProperties":
        return {}
    known, place, found = error.schema["properties"], tuple(error.absolute_path), {}
    free = [key for key in known if key not in error.instance]
    for key in sorted(set(error.instance) - set(known)):
        if near := difflib.get_close_matches(key, free, n=1):
            free.remove(near[0])
            found[key] = (*place, near[0])
    return found


def _brackets(rule: str, instance: Any, error: jsonschema.ValidationError) -> str:
    """What to do about a value of the wrong type; tables and arrays of tables are easily mixed up."""
    name = dotted(tuple(error.absolute_path))
    if rule == "array" and isinstance(instance, dict):
        return f"Write [[{name}]], with two brackets."
    if rule == "object" and isinstance(instance, list):
        return f"Write [{name}], with one bracket."
    return "Change its value."


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
    text = text.lower() if isinstance(value, bool) else text
    return text if len(text) <= 60 else text[:57] + "…"
