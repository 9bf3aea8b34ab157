"""What children are asked, so that it shows whether a model answers for one row at a time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from graders.contract import Memory
from graders.frames import Question
from graders.trusted.findings import Findings
from graders.trusted.hidden_set import HiddenSet
from graders.trusted.independence.comparison import Comparison
from graders.trusted.independence.sample import Sample
from graders.trusted.watchdog import Asked

REPEATS = 8
Predictions = NDArray[np.float32]


class _Interview:
    """What all of them have in common; `key` is that of the order in which all rows are shown.

    What a child says of itself goes to `findings`, where there are any.
    """

    def __init__(
        self, hidden: HiddenSet, key: str, output_shape: tuple[int | None, ...], findings: Findings | None = None
    ) -> None:
        self._hidden = hidden
        self._key = key
        self._output_shape = output_shape
        self._findings = findings

    def stage(self, body: bytes | bytearray) -> None:
        """See watchdog.Interview."""
        if self._findings is not None:
            self._findings.stage(body)

    def _all_rows(self, *, singly: bool = False) -> Asked:
        hidden = self._hidden
        question = Question(shape=hidden.shape, singly=singly)
        return Asked(question, hidden.open_inputs(self._key), hidden.expected(hidden.rows, self._output_shape))

    def _sampled(self, sample: Sample, *, singly: bool = False) -> Asked:
        hidden = self._hidden
        shape = (len(sample.rows), *hidden.shape[1:])
        question = Question(shape=shape, together=sample.together, singly=singly)
        expected = hidden.expected(len(sample.rows), self._output_shape)
        return Asked(question, hidden.inputs_of(sample.rows), expected)


def _array(shape: tuple[int, ...], values: memoryview) -> Predictions:
    return np.frombuffer(values, "<f4").reshape(shape)


class Whole(_Interview):
    """All rows; a model that can't remember is asked about the sample first, in the same process.

    `company` are the predictions for all rows, in the order of the labels.
    """

    def __init__(
        self,
        hidden: HiddenSet,
        key: str,
        output_shape: tuple[int | None, ...],
        findings: Findings,
        sample: Sample,
        on_loaded: Callable[[], None],
    ) -> None:
        super().__init__(hidden, key, output_shape, findings)
        self._sample = sample
        self._waiting = findings.waiting
        self._on_loaded = on_loaded
        self.memory: Memory = "anything"
        self.alone: Predictions | None = None
        self.company: Predictions | None = None

    def begin(self, body: bytes | bytearray) -> Asked | None:
        """See watchdog.Interview."""
        self.memory = self._waiting(body)
        self._on_loaded()
        return self._sampled(self._sample) if self.memory == "nothing" else self._all_rows()

    def answered(self, shape: tuple[int, ...], values: memoryview) -> Asked | None:
        """See watchdog.Interview."""
        if self.memory == "nothing" and self.alone is None:
            self.alone = _array(shape, values)
            return self._all_rows()
        self.company = self._hidden.in_order(_array(shape, values), self._key)
        return None


class Alone(_Interview):
    """The sample, and where the answers differ from those among others, the sample again and again, at last singly."""

    def __init__(
        self,
        hidden: HiddenSet,
        key: str,
        output_shape: tuple[int | None, ...],
        sample: Sample,
        company: Predictions,
        comparison: Comparison,
    ) -> None:
        super().__init__(hidden, key, output_shape)
        self._sample = sample
        self._company = company
        self._comparison = comparison
        self.answers: list[Predictions] = []
        self.single: Predictions | None = None

    def begin(self, body: bytes | bytearray) -> Asked | None:
        """See watchdog.Interview."""
        return self._sampled(self._sample)

    def answered(self, shape: tuple[int, ...], values: memoryview) -> Asked | None:
        """See watchdog.Interview."""
        answers = _array(shape, values)
        if len(self.answers) > REPEATS:
            self.single = answers
            return None
        self.answers.append(answers)
        if not self._comparison.differing(self.answers[0], self._company):
            return None
        return self._sampled(self._sample, singly=len(self.answers) > REPEATS)


class Singly(_Interview):
    """All rows, each by itself and from the state in which the model was loaded."""

    predictions: Predictions | None = None

    def begin(self, body: bytes | bytearray) -> Asked | None:
        """See watchdog.Interview."""
        return self._all_rows(singly=True)

    def answered(self, shape: tuple[int, ...], values: memoryview) -> Asked | None:
        """See watchdog.Interview."""
        self.predictions = self._hidden.in_order(_array(shape, values), self._key)
        return None
