"""Why something that was asked for wasn't done, in words for a person."""

from __future__ import annotations

from typing import Literal

from graders.sentences import Sentence, Words, sentence

Kind = Literal["no", "usage", "nothing", "fault", "offline", "early", "spent"]


class Error(Exception):
    """What was expected, what was found and what to do next; every failure that a person is told of is one of these.

    `kind` tells the caller how to answer: "no" (the answer is no), "usage" (asked wrongly), "nothing" (there is nothing
    to work on), "fault" (ours, or the machine's), "offline" (a network is needed, and there is none), "early" (to be
    asked again later), "spent" (done as often as it may be). `log` is the end of what a pack's own code printed.
    Subclasses exist for `except`.
    """

    def __init__(self, expected: Words, found: Words, advice: Words, *, kind: Kind = "no", log: str = "") -> None:
        self.expected = expected
        self.found = found
        self.advice = advice
        self.kind: Kind = kind
        self.log = log
        super().__init__(self.sentence.english)

    @property
    def sentence(self) -> Sentence:
        """All three parts."""
        return sentence(
            "Expected {expected}; found {found}. {advice}",
            expected=self.expected,
            found=self.found,
            advice=self.advice,
        )

    @property
    def brief(self) -> Sentence:
        """What was found and what to do, where a title says what was asked for."""
        return sentence("{found}. {advice}", found=self.found, advice=self.advice)

    @property
    def english(self) -> dict[str, str]:
        """Expected, found and advice for a file or another program."""
        return {"expected": str(self.expected), "found": str(self.found), "advice": str(self.advice)}


class RefusalError(Error):
    """Something that was asked for is refused; nothing has changed."""


class AttemptError(RefusalError):
    """An attempt can't be created, started or ended as asked."""


class SubmissionError(RefusalError):
    """A model can't be submitted: no file, a file that can't be copied, or no time left."""
