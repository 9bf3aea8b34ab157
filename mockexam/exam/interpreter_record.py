"""With which Python a candidate's programs were run: what an attempt keeps of it, which is never a path."""

from __future__ import annotations

from typing import Literal

import msgspec

from graders.sentences import Sentence, Words, sentence
from mockexam.exam.program_rules import Generation

PACKAGES = ("tensorflow", "keras", "tf-keras", "numpy")
"""The distributions whose versions bear on a model."""


class InterpreterRecord(msgspec.Struct, frozen=True, kw_only=True):
    """An interpreter as an attempt notes it: mockexam's own Python or another one.

    `keras` is the generation that programs got, None where there was none or it wasn't known; `versions` has those of
    PACKAGES that were installed.
    """

    kind: Literal["this", "other"]
    python: str
    keras: Generation | None = None
    versions: dict[str, str] = {}

    @property
    def use(self) -> Sentence:
        """That programs were run with it."""
        return sentence("Programs were run with {interpreter}.", interpreter=self.words)

    @property
    def words(self) -> Sentence:
        """Which Python it was, its Keras and its versions."""
        versions: Words = ", ".join(f"{name} {self.versions[name]}" for name in PACKAGES if name in self.versions)
        values = {"python": self.python, "versions": versions or sentence("without TensorFlow and NumPy")}
        if self.keras is None and self.kind == "this":
            return sentence("mockexam's own Python {python}: {versions}", **values)
        if self.keras is None:
            return sentence("another Python {python}: {versions}", **values)
        if self.kind == "this":
            return sentence("mockexam's own Python {python}, Keras {keras}: {versions}", keras=self.keras, **values)
        return sentence("another Python {python}, Keras {keras}: {versions}", keras=self.keras, **values)
