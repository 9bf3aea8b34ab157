"""Every fault of one TOML file in one go, in words; used when the fast way to read it has failed."""

from __future__ import annotations

import copy
import difflib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import jsonschema

from graders.sentences import Sentence, Words, each_text, sentence
from mockexam import __version__
from mockexam.packs.format.faults import Fault
from mockexam.packs.format.model import ADVICE, sentence_of
from mockexam.packs.format.positions import Place, key_lines, line_of
from mockexam.packs.format.schema import Schema

# JSON has one kind of number, TOML two: there, 1.0 isn't a whole number.
Validator = jsonschema.validators.extend(
    jsonschema.Draft202012Validator,
    type_checker=jsonschema.Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    ),
)

MOST_TOLD = 400
"""Characters of a text in a message: more than all keys of a table have together."""
MOST_FAULTS = 200
"""Of one file: enough to see that it is another kind of file."""

_WORDS = {
    "object": sentence("a table"),
    "array": sentence("an array"),
    "string": sentence("a text"),
    "integer": sentence("a whole number"),
    "number": sentence("a number"),
    "boolean": sentence("true or false"),
}


class Examination:
    """The faults of one file against its schema, and the file's content with the faulty parts made good.

    `mended` is that content, for the checks of meaning; `touched` has the places whose values were made up for it.
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
        """`endless`: the places of numbers that aren't finite, which a schema can't find."""
        self.file = file
        self.lines = key_lines(text)
        self.mended = _copied(raw)
        self.touched: set[Place] = set()
        self.sample = sample
        errors = list(Validator(schema).iter_errors(raw))
        self.wrong_types = {tuple(error.absolute_path) for error in errors if error.validator == "type"}
        self.misspelt = {place for error in errors for place in _misspelt(error).values()}
        self.faults = [self._endless(raw, place) for place in endless]
        self.faults += [fault for error in errors for fault in self._faults(error)]
        self.faults.sort(key=lambda fault: fault.line or 0)
        del self.faults[MOST_FAULTS:]

    def _faults(self, error: jsonschema.ValidationError) -> Iterator[Fault]:
        place: Place = tuple(error.absolute_path)
        if error.validator == "additionalProperties":
            known = list(error.schema["properties"])
            for key, meant in _misspelt(error).items():
                self._drop((*place, key))
                self._replace(meant)  # not missing, only misspelt
                yield self._unknown_key((*place, key), known, sentence("Did you mean `{key}`?", key=meant[-1]))
            for number, key in enumerate(sorted(set(error.instance) - set(known) - set(_misspelt(error)))):
                self._drop((*place, key))
                if number < MOST_FAULTS:
                    advice = sentence(
                        "Remove it, see docs/packs.md for the keys there are, or, if the pack was made for a newer "
                        "mockexam than this one ({version}), update mockexam.",
                        version=__version__,
                    )
                    yield self._unknown_key((*place, key), known, advice)
        elif error.validator == "required" and error.parent is None:
            key = error.message.split("'")[1]
            self._replace((*place, key))
            if (*place, key) not in self.misspelt:
                yield self._missing_key(place, key)
        elif error.validator not in ("const", "enum") or place not in self.wrong_types:
            self._replace(place)
            yield self._bad_value(place, error)

    def _endless(self, raw: dict[str, Any], place: Place) -> Fault:
        self._replace(place)
        expected = sentence("{key} to be a finite number", key=dotted(place))
        return self._fault(place, "bad-value", expected, str(at(raw, place)), sentence("Give a number."))

    def _unknown_key(self, place: Place, known: list[str], advice: Words) -> Fault:
        expected = sentence("one of {keys}", keys=", ".join(known))
        return self._fault(place, "unknown-key", expected, f"`{place[-1]}`", advice)

    def _missing_key(self, place: Place, key: str) -> Fault:
        expected = sentence("`{key}` at the top of the file", key=key)
        if place:
            expected = sentence("`{key}` in [{table}]", key=key, table=dotted(place))
        value = at(self.sample, (*place, key))
        example = "…" if value is None else json.dumps(value)
        advice = sentence("Add it, as in `{key} = {example}`.", key=key, example=example)
        if isinstance(value, dict):
            advice = sentence("Add [{table}].", table=dotted((*place, key)))
        return self._fault(place, "missing-key", expected, sentence("nothing"), advice)

    def _bad_value(self, place: Place, error: jsonschema.ValidationError) -> Fault:
        expected, advice = expectation(error)
        wanted = sentence("the file to be {what}", what=expected)
        if place:
            wanted = sentence("{key} to be {what}", key=dotted(place), what=expected)
        return self._fault(place, "bad-value", wanted, brief(error.instance), advice)

    def _fault(self, place: Place, code: str, expected: Words, found: Words, advice: Words) -> Fault:
        line = line_of(self.lines, place)
        expected, found, advice = (each_text(words, visible) for words in (expected, found, advice))
        return Fault(file=self.file, line=line, code=code, expected=expected, found=found, advice=advice)

    def _drop(self, place: Place) -> None:
        parent = at(self.mended, place[:-1])
        if isinstance(parent, dict):
            parent.pop(str(place[-1]), None)

    def _replace(self, place: Place) -> None:
        """Put the sample's value at `place`, or remove the place when the sample has none."""
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


def expectation(error: jsonschema.ValidationError) -> tuple[Words, Words]:
    """What the schema wanted at the place of `error`, and what to do, both in words."""
    rule, instance = error.validator_value, error.instance
    match error.validator:
        case "enum":
            near = difflib.get_close_matches(str(instance), [str(item) for item in rule], n=1)
            meant = sentence('Did you mean "{value}"?', value=near[0]) if near else sentence("Use one of them.")
            return sentence("one of {values}", values=", ".join(map(brief, rule))), meant
        case "type":
            return _WORDS[rule], _brackets(rule, instance, error)
        case "const":
            return str(rule), sentence("Change its value.")
        case "minimum":
            return sentence("at least {number}", number=str(rule)), sentence("Give a larger number.")
        case "exclusiveMinimum":
            return sentence("more than {number}", number=str(rule)), sentence("Give a larger number.")
        case "maximum":
            return sentence("at most {number}", number=str(rule)), sentence("Give a smaller number.")
        case "minLength" | "minItems":
            return sentence("not empty"), sentence("Fill it in.")
        case "uniqueItems":
            return sentence("a list without repetitions"), sentence("Remove what is there twice.")
        case "maxLength":
            return sentence("at most {count} characters", count=rule), sentence("Shorten it.")
        case "pattern":  # the schema has its words beside it
            return sentence_of(error.schema["description"]), sentence_of(error.schema[ADVICE])
        case "oneOf":
            expected = sentence("a bar with exactly one of at_most and at_least")
            return expected, sentence("Give one of them and remove the other.")
        case "anyOf" if ADVICE in error.schema:
            return sentence_of(error.schema["description"]), sentence_of(error.schema[ADVICE])
        case "anyOf":
            expected = sentence('a whole number from 1, or "any"')
            return expected, sentence('Write the length, or "any" when it may vary.')
        case _:
            return error.message, sentence("See docs/packs.md.")


def _misspelt(error: jsonschema.ValidationError) -> dict[str, Place]:
    """Of the unknown keys in an error, those that look like a misspelt missing key: key → place of the missing one."""
    if error.validator != "additionalProperties":
        return {}
    known, place, found = error.schema["properties"], tuple(error.absolute_path), {}
    free = [key for key in known if key not in error.instance]
    for key in sorted(set(error.instance) - set(known))[:MOST_FAULTS]:
        if near := difflib.get_close_matches(key, free, n=1):
            free.remove(near[0])
            found[key] = (*place, near[0])
    return found


def _brackets(rule: str, instance: Any, error: jsonschema.ValidationError) -> Sentence:
    """What to do about a value of the wrong type; tables and arrays of tables are easily confused."""
    name = dotted(tuple(error.absolute_path))
    if rule == "array" and isinstance(instance, dict):
        return sentence("Write [[{table}]], with two brackets.", table=name)
    if rule == "object" and isinstance(instance, list):
        return sentence("Write [{table}], with one bracket.", table=name)
    return sentence("Change its value.")


def _copied(node: Any) -> Any:
    """Tables and arrays copied, and values not: the parser's time zones can't be."""
    if isinstance(node, dict):
        return {key: _copied(value) for key, value in node.items()}
    return [_copied(value) for value in node] if isinstance(node, list) else node


def at(node: Any, place: Place) -> Any:
    """The value at `place` in nested tables and arrays; None when there is none."""
    for step in place:
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            return None
    return node


def dotted(place: Place) -> str:
    """`("scoring", "bars", 0, "metric")` as "scoring.bars[0].metric"."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place).lstrip(".")


def visible(text: str) -> str:
    """A text of the author's, cut, with `\\x1b` for each character that a terminal would obey."""
    text = text if len(text) <= MOST_TOLD else f"{text[:MOST_TOLD]}…"
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def brief(value: Any) -> str:
    """`value` as one short line."""
    text = f'"{value}"' if isinstance(value, str) else str(value).replace("'", '"')
    text = text.lower() if isinstance(value, bool) else text
    return text if len(text) <= 60 else text[:57] + "…"
