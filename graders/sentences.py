"""What is told to people: a sentence is written once, in English, and translated where it is shown.

`sentence("{file} holds no model", file=name)` marks a sentence for translators and keeps its values apart from its
words, so that it can be told in another language later, out of a file or on another machine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from typing import Protocol

    class Catalogue(Protocol):
        """Translations, as `gettext.NullTranslations` has them."""

        def gettext(self, message: str, /) -> str: ...

        def ngettext(self, one: str, many: str, count: int, /) -> str: ...


PLACEHOLDER = re.compile(r"\{\{|\}\}|\{(\w+)\}")
"""`{name}` stands for a value, `{{` and `}}` for braces. There are no formats: values are written as they come."""

Value: TypeAlias = "str | int | Sentence"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, or a phrase that is shown by itself, not yet in any language.

    `template` is the English with `{name}` for each of the `values`; `many` is the template for all counts but one,
    `values["count"]` then says how many there are.
    """

    template: str
    values: Mapping[str, Value] = field(default_factory=dict)
    many: str | None = None

    def __hash__(self) -> int:
        return hash((self.template, self.many))

    def __str__(self) -> str:
        return self.english

    @property
    def english(self) -> str:
        """The sentence in English: for files, logs and other programs."""
        return self.told(None)

    def told(self, catalogue: Catalogue | None) -> str:
        """The sentence in the language of a catalogue, its values too where they are sentences; None is English."""
        values = {
            name: value.told(catalogue) if isinstance(value, Sentence) else str(value)
            for name, value in self.values.items()
        }
        return filled(self._template_in(catalogue), values)

    def _template_in(self, catalogue: Catalogue | None) -> str:
        if self.many is None:
            return self.template if catalogue is None else catalogue.gettext(self.template)
        count = self.values["count"]
        assert isinstance(count, int)
        if catalogue is None:
            return self.template if count == 1 else self.many
        return catalogue.ngettext(self.template, self.many, count)


Words: TypeAlias = Sentence | str
"""What a person reads. A plain `str` is the same in every language: a name, a path, what another program said."""


def sentence(template: str, /, **values: object) -> Sentence:
    """Mark a sentence: the template must be a literal, so that translators are given it."""
    return Sentence(template, _plain(values))


def sentences(one: str, many: str, /, *, count: int, **values: object) -> Sentence:
    """Mark a sentence that counts something: `one` when `count` is 1, else `many`; both may use `{count}`."""
    return Sentence(one, {"count": count, **_plain(values)}, many)


def joined(words: Sequence[Words], between: str) -> Words:
    """One after another, all told in one language; `between` has no words. For names alone, `str.join` will do."""
    places = {f"part{number}": part for number, part in enumerate(words)}
    return Sentence(between.join(f"{{{place}}}" for place in places), places) if places else ""


def each_text(words: Words, change: Callable[[str], str]) -> Words:
    """The same words with `change` made to every text that was put in; the templates stay."""
    if not isinstance(words, Sentence):
        return change(words)
    values = {
        name: value if isinstance(value, int) else each_text(value, change) for name, value in words.values.items()
    }
    return Sentence(words.template, values, words.many)


def to_builtins(words: Words) -> str | dict[str, Any]:
    """Words in a form that JSON can hold: a text, or the template and values of a sentence."""
    if not isinstance(words, Sentence):
        return words
    values = {name: value if isinstance(value, int) else to_builtins(value) for name, value in words.values.items()}
    plural = {} if words.many is None else {"many": words.many}
    return {"template": words.template, **plural, "values": values}


def filled(template: str, values: Mapping[str, str]) -> str:
    """The template with its values in place; a placeholder without a value stays as it is."""

    def found(match: re.Match[str]) -> str:
        name = match.group(1)
        return match.group()[0] if name is None else values.get(name, match.group())

    return PLACEHOLDER.sub(found, template)


def _plain(values: Mapping[str, object]) -> dict[str, Value]:
    """Values in a form that a file can hold: a path or an error becomes its text."""
    return {name: value if isinstance(value, Sentence | int) else str(value) for name, value in values.items()}
