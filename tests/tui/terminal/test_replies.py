"""A terminal's answers, found in what is typed: whole, in pieces, late, broken off; and no key is lost for them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockexam.tui.terminal.replies import LONGEST, PATIENCE, Replies

ANSWERS = [
    "\x1b[?62;4;22c",
    "\x1b[?6c",
    "\x1bP>|XTerm(379)\x1b\\",
    "\x1b_Gi=31;OK\x1b\\",
    "\x1b_Gi=31;ENOTSUPPORTED:no\x1b\\",
    "\x1b[6;20;10t",
    "\x1b[4;600;1000t",
    "\x1b[?1;0;1024S",
    "\x1b[?2;0;1000;1000S",
]
KEYS = ["a", "한", "\x1b[A", "\x1bOP", "\x1b[5~", "\x1b[4~", "\x1b[6~", "\x1b[<35;4;5M", "\x1b[48;36;120;720;960t"]
KEYS += [
    "\x1b[?2026;2$y",
    "\x1b[200~pasted\x1b[201~",
    "\x1bp",
    "\x1b[1;5P",
    "\x1b[97;5u",
    "\x1b[I",
    "\x1b[12;40R",
    "\r",
]


def awaiting() -> Replies:
    replies = Replies()
    replies.awaited = True
    return replies


def sifted(replies: Replies, *pieces: str) -> tuple[str, list[str]]:
    """What comes through when pieces come one after the other, and then nothing for a long time."""
    typed, answers = "", []
    for at, piece in enumerate(pieces):
        keys, found = replies.sift(piece, at / 1000)
        typed += keys
        answers += found
    return typed + replies.let_go(1000.0), answers


@given(st.lists(st.sampled_from(ANSWERS + KEYS)), st.data())
def test_answers_are_taken_out_wherever_the_input_is_cut(parts: list[str], data: st.DataObject) -> None:
    text = "".join(parts)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=8)))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    typed, answers = sifted(awaiting(), *pieces)
    assert typed == "".join(part for part in parts if part in KEYS)
    assert answers == [part for part in parts if part in ANSWERS]


@given(st.text(alphabet=list("\x1b[]?P>|_G;0123456789ctS\\a~"), max_size=30))
def test_whatever_comes_nothing_is_held_for_ever(text: str) -> None:
    replies = awaiting()
    replies.sift(text, 0.0)
    replies.let_go(PATIENCE + 1)
    assert replies.deadline is None
    assert replies.sift("x", 9.0) == ("x", [])


def test_nothing_is_looked_at_before_something_was_asked() -> None:
    assert Replies().sift(ANSWERS[0] + "\x1b", 0.0) == (ANSWERS[0] + "\x1b", [])


@pytest.mark.parametrize("start", ["\x1b", "\x1b[", "\x1b_", "\x1bP", "\x1b[4", "\x1bP>"])
def test_what_may_be_a_key_waits_no_longer_than_escape(start: str) -> None:
    replies = awaiting()
    assert replies.sift(start, 5.0) == ("", [])
    assert replies.deadline == pytest.approx(5.1)
    assert replies.let_go(5.05) == ""
    assert replies.let_go(5.11) == start


@pytest.mark.parametrize("answer", ANSWERS)
def test_the_stump_of_an_answer_is_dropped(answer: str) -> None:
    stump = answer[: 4 if answer.startswith("\x1bP") else 3]
    if stump[:3] not in ("\x1b[4", "\x1b[6"):
        assert sifted(awaiting(), stump) == ("", [])
        assert sifted(awaiting(), stump, "a" if stump[1] == "[" else "\x1b[A")[0] in ("\x1b[A", stump + "a")


def test_an_answer_without_an_end_is_not_waited_for() -> None:
    replies = awaiting()
    replies.sift("\x1b_G", 0.0)
    typed, _ = replies.sift("a" * LONGEST, 0.1)
    assert len(typed) > LONGEST
