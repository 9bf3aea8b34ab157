"""The page about code from the courses: the table in words, for the screen and for the documentation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from graders.sentences import Sentence, Words, sentence
from mockexam.inspections.pattern import Pattern, Release
from mockexam.inspections.table import PATTERNS

TITLE = sentence("Code from the courses on today's TensorFlow")
INTRODUCTION = (
    sentence(
        "The courses were made for the TensorFlow of the exam's own time. TensorFlow 2.16 brought Keras 3, which has "
        "dropped some of what they taught. This is what fails today, and what to write instead."
    ),
    sentence(
        "To run such code as it is, choose Keras 2 as the project interpreter (F7), where the exam's rules allow it. "
        "Whatever fails under Keras 2 too says so."
    ),
    sentence(
        "In the editor these places are underlined before anything runs, and F8 offers the fix. After a failure advice "
        "stands under the traceback."
    ),
    sentence(
        "Input shapes in a layer (input_shape=…) and models in .h5 files bring warnings and go on working: leave them."
    ),
)
BEFORE, AFTER, OR = sentence("As it was written:"), sentence("Write:"), sentence("Or:")


class Section(NamedTuple):
    """What the page says of a pattern; `before` and each of `after` are code."""

    id: str
    title: Words
    words: tuple[Sentence, ...]
    before: str
    after: tuple[str, ...]


def sections() -> Iterator[Section]:
    """One for each entry of the table, in its order."""
    for pattern in PATTERNS:
        yield Section(
            pattern.id,
            pattern.title,
            (pattern.fails, pattern.replacement, _since(pattern)),
            pattern.example.before,
            pattern.example.after,
        )


NAMES = {"tensorflow": "TensorFlow", "keras": "Keras", "numpy": "NumPy", "tensorflow-datasets": "tensorflow_datasets"}


def _since(pattern: Pattern) -> Sentence:
    """Under which Keras it fails, and since when."""
    two, three = pattern.since.get(2), pattern.since.get(3)
    if two is not None and three is not None:
        if two == three:
            return sentence("Fails under Keras 2 and 3, since {release}.", release=_release(three))
        return sentence(
            "Fails under Keras 3 since {three}, under Keras 2 since {two}.", three=_release(three), two=_release(two)
        )
    if three is not None:
        return sentence("Fails under Keras 3, since {release}; Keras 2 takes it.", release=_release(three))
    return sentence("Fails under Keras 2, since {release}; Keras 3 takes it.", release=_release(two) if two else "")


def _release(release: Release) -> str:
    return f"{NAMES.get(release.library, release.library)} {release.version}"


def markdown(told: Callable[[Words], str] = str) -> str:
    """The whole page; `told` turns sentences into text."""
    parts = [f"# {told(TITLE)}", *(told(words) for words in INTRODUCTION)]
    for section in sections():
        parts.append(f'<a id="{section.id}"></a>\n\n## {_plain(told(section.title))}')
        parts.append(" ".join(_plain(told(words)) for words in section.words))
        parts.append(f"{told(BEFORE)}\n\n{_code(section.before)}")
        parts += [f"{told(OR if number else AFTER)}\n\n{_code(code)}" for number, code in enumerate(section.after)]
    return "\n\n".join(parts) + "\n"


def _code(code: str) -> str:
    # untranslated: it is code
    return f"```python\n{code.rstrip()}\n```"


def _plain(text: str) -> str:
    """A text whose stars, underscores and brackets Markdown shows as they are."""
    return "".join(f"\\{character}" if character in "*_[]<>`" else character for character in text)
