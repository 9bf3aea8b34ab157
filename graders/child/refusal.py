"""The answer of the locked child to a model that breaks its contract."""

from __future__ import annotations

from graders.sentences import Words
from graders.verdict import Link


class Refusal(Exception):  # noqa: N818 - an answer, not an error of ours
    """A broken link of the chain, in words for a person; the trusted side turns it into a verdict's reason."""

    def __init__(self, link: Link, code: str, expected: Words, found: Words, advice: Words) -> None:
        super().__init__(f"{link}/{code}: {found}")
        self.link: Link = link
        self.code = code
        self.expected = expected
        self.found = found
        self.advice = advice
