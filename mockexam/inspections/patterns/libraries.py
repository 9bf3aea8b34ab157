"""NumPy and tensorflow_datasets: names that their later releases took away."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from graders.sentences import sentence
from mockexam.inspections.names.uses import Import
from mockexam.inspections.names.values import Text
from mockexam.inspections.pattern import Example, Pattern, Sighting, both, look
from mockexam.inspections.patterns.recognition import makers_of, paths_in, renamed, seen, written
from mockexam.inspections.program import Program

PYTHONS = {
    "float": "float", "int": "int", "object": "object", "str": "str", "complex": "complex", "unicode": "str",
}  # fmt: skip
"""What NumPy 1.24 took away: other names of Python's own types. (`np.bool` came back.)"""

NUMPY_2 = {
    "Inf": "inf", "Infinity": "inf", "infty": "inf", "PINF": "inf", "NaN": "nan", "NAN": "nan", "float_": "float64",
    "complex_": "complex128", "cfloat": "complex128", "singlecomplex": "complex64", "longfloat": "longdouble",
    "unicode_": "str_", "string_": "bytes_", "product": "prod", "cumproduct": "cumprod", "sometrue": "any",
    "alltrue": "all", "round_": "round", "mat": "asmatrix", "bool8": "bool_",
}  # fmt: skip
"""What NumPy 2.0 took away, and the name for the same."""

NUMPY_2_4 = {"in1d": "isin", "trapz": "trapezoid"}
_SUBWORDS = re.compile(r"/(subwords\d+k|bytes)$")


def _numpy(names: Mapping[str, str], *, python: bool) -> Pattern:
    def find(program: Program) -> Iterator[Sighting]:
        for path, leaf, use in paths_in(program, lambda path: path.startswith("numpy.") and path[6:] in names):
            old = path[6:]
            new = names[old]
            message = renamed(f"np.{old}", new if python else f"np.{new}")
            if isinstance(use, Import):
                text = f"{new} as {old}"  # untranslated: Python code
                plain = not python and (leaf, None) in use.names
                yield seen(leaf, message, written("renamed", text, program.replaced(leaf, text)) if plain else ())
            elif not python:
                yield seen(leaf, message, written("renamed", new, program.replaced(leaf, new)))
            elif not program.binds(new):
                edit = program.edit(use.start.start_pos, leaf.end_pos, new)
                yield seen(leaf, message, written("renamed", new, edit))

    release = "1.24" if python else "2.4" if names is NUMPY_2_4 else "2.0"
    old, new = next(iter(names.items()))
    return Pattern(
        id=f"numpy-{release.replace('.', '-')}",
        title=", ".join(f"np.{name}" for name in list(names)[:3]),
        fails=sentence("NumPy {release} removed this name.", release=release),
        replacement=sentence("Write Python's own type: float, int, bool, object or str.")
        if python
        else sentence("Write the name that NumPy has kept, as in np.inf and np.nan."),
        since=both("numpy", release),
        example=Example(f"value = np.zeros(2, dtype=np.{old})", (f"value = np.zeros(2, dtype={new})",))
        if python
        else Example(f"value = callable(np.{old}) or np.{old}", (f"value = callable(np.{new}) or np.{new}",)),
        find=find,
        looks=(
            look("AttributeError", rf"^module 'numpy' has no attribute '({'|'.join(names)})'"),
            look("AttributeError", rf"^`np\.({'|'.join(names)})` was removed"),
        ),
    )


def _text_features(program: Program) -> Iterator[Sighting]:
    for _, leaf, use in paths_in(program, lambda path: path == "tensorflow_datasets.features.text"):
        message = sentence("tfds.features.text is called tfds.deprecated.text now.")
        if isinstance(use, Import):
            yield seen(leaf, message)
            continue
        first = leaf.parent.get_previous_sibling().children[-1]
        yield seen(leaf, message, written("moved", "deprecated.text", program.replaced(first, "deprecated")))


def _subwords(program: Program) -> Iterator[Sighting]:
    for call, _ in makers_of(program, lambda path: path in ("tensorflow_datasets.load", "tensorflow_datasets.builder")):
        name = call.argument("name", 0)
        if name is not None and isinstance(name.value, Text) and _SUBWORDS.search(name.value.end):
            message = sentence(
                "tensorflow_datasets has no encoded texts any more: take plain_text and a TextVectorization."
            )
            yield seen(name.expression, message)


LIBRARIES = (
    _numpy(PYTHONS, python=True),
    _numpy(NUMPY_2, python=False),
    _numpy(NUMPY_2_4, python=False),
    Pattern(
        id="tfds-text",
        title="tfds.features.text",
        fails=sentence("tensorflow_datasets 4 moved tfds.features.text to tfds.deprecated.text."),
        replacement=sentence("Write tfds.deprecated.text."),
        since=both("tensorflow-datasets", "4.0"),
        example=Example(
            "import tensorflow_datasets as tfds\nvalue = tfds.features.text.Tokenizer().tokenize('one two')",
            ("import tensorflow_datasets as tfds\nvalue = tfds.deprecated.text.Tokenizer().tokenize('one two')",),
        ),
        find=_text_features,
        looks=(look("AttributeError", r"features' has no attribute 'text'"),),
    ),
    Pattern(
        id="tfds-subwords",
        title='tfds.load("imdb_reviews/subwords8k")',
        fails=sentence("tensorflow_datasets no longer has the versions of its texts that were encoded as subwords."),
        replacement=sentence('Load "imdb_reviews/plain_text" and encode with keras.layers.TextVectorization.'),
        since=both("tensorflow-datasets", "4.0"),
        example=Example(
            "import tensorflow_datasets as tfds\ntfds.load('imdb_reviews/subwords8k', download=False)", ()
        ),
        find=_subwords,
        looks=(look("ValueError", r"BuilderConfig (subwords\d+k|bytes) not found"),),
    ),
)  # fmt: skip
