"""What Python says about a text, whatever the text."""

from __future__ import annotations

from mockexam.tui.code.knowledge import diagnosis
from mockexam.tui.code.marks import Fault


async def test_a_fault_has_its_place_in_characters() -> None:
    assert await diagnosis.find_faults(["x = 1", "한글 = = 1"]) == (Fault(1, 5, 6, "invalid syntax"),)


async def test_a_fault_has_words_even_where_python_has_none() -> None:
    # Versions of Python give up on this in different ways.
    (fault,) = await diagnosis.find_faults(["-" * 100_000 + "1"])
    assert fault.message
