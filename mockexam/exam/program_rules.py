"""What an exam allows the candidate's programs: which Keras and Pythons, what advice, and a rescue of their models."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from graders.sentences import Sentence, sentence

Generation = Literal[2, 3]
"""Of Keras: 2 is the one that the original exam had, 3 is today's."""


class ProgramRules(msgspec.Struct, frozen=True, kw_only=True):
    """The rules for programs that candidates run; a pack states them in `[programs]` of pack.toml.

    `keras` fixes the generation, None leaves it to the candidate (3 first); `others` allows a Python other than
    mockexam's own; `advice` is what may stand under a traceback: everything, only what has changed in TensorFlow and
    Keras, or nothing; `rescue` saves a trained model whose program fails before it does.
    """

    keras: Generation | None = None
    others: bool = True
    advice: Literal["all", "api", "none"] = "all"
    rescue: bool = True

    def allows(self, keras: Generation | None, *, ours: bool) -> bool:
        """Whether an interpreter may be chosen; `keras` is what its programs get, None if that isn't known."""
        return (ours or self.others) and self.keras in (None, keras)


_INTERPRETER: dict[tuple[Generation | None, bool], Sentence] = {
    (None, True): sentence(
        "Programs run under Keras 3, under Keras 2 as in the original exam, or with another Python of this machine: "
        "you choose."
    ),
    (None, False): sentence(
        "Programs run with mockexam's own Python, under Keras 3 or under Keras 2 as in the original exam: you choose."
    ),
    (2, True): sentence(
        "Programs run under Keras 2, as in the original exam, with mockexam's own Python or another one that has it."
    ),
    (2, False): sentence("Programs run under Keras 2, as in the original exam, with mockexam's own Python only."),
    (3, True): sentence("Programs run under Keras 3, with mockexam's own Python or another one that has it."),
    (3, False): sentence("Programs run under Keras 3, with mockexam's own Python only."),
}
_ADVICE = {
    "all": sentence("When a program fails, advice stands under its traceback."),
    "api": sentence(
        "When a program fails, advice stands under its traceback only about what TensorFlow and Keras have changed."
    ),
    "none": sentence("When a program fails, no advice stands under its traceback."),
}
_RESCUE = {
    True: sentence("A model whose program fails after training, before saving it, is saved beside the program."),
    False: sentence("A model whose program fails after training, before saving it, is lost."),
}


def told(rules: ProgramRules) -> Iterator[Sentence]:
    """The rules in words: one sentence on the interpreter, one on advice, one on the trained model."""
    yield _INTERPRETER[rules.keras, rules.others]
    yield _ADVICE[rules.advice]
    yield _RESCUE[rules.rescue]
