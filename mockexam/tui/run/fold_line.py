"""The one line that stands for folded output."""

from __future__ import annotations

from graders.sentences import Sentence, sentence, sentences
from mockexam.language.catalogue import shown
from mockexam.running.output.folding import Fold
from mockexam.running.output.noise import Kind
from mockexam.tui.look.glyphs import sign


def text(fold: Fold) -> str:
    """A triangle that says whether the fold is open, and what is in it."""
    words = shown(_about(fold))
    triangle = sign("▾ " if fold.opened else "▸ ")
    if triangle:
        return triangle + words
    state = sentence("{lines} (shown)", lines=words) if fold.opened else sentence("{lines} (folded)", lines=words)
    return shown(state)


def _about(fold: Fold) -> Sentence:
    count = fold.count
    if not fold.kinds:
        return sentences(
            "{count} line on where the program was when it was stopped",
            "{count} lines on where the program was when it was stopped",
            count=count,
        )
    if fold.kinds == {Kind.START_UP}:
        return sentences("{count} line of TensorFlow's start-up", "{count} lines of TensorFlow's start-up", count=count)
    if fold.kinds == {Kind.INPUT_SHAPE}:
        return sentences(
            "{count} line of Keras about input_shape, which works as it is",
            "{count} lines of Keras about input_shape, which works as it is",
            count=count,
        )
    if fold.kinds == {Kind.HDF5}:
        return sentences(
            "{count} line of Keras about the .h5 format, which works as it is",
            "{count} lines of Keras about the .h5 format, which works as it is",
            count=count,
        )
    return sentences(
        "{count} line of TensorFlow and Keras that changes nothing",
        "{count} lines of TensorFlow and Keras that change nothing",
        count=count,
    )
