"""Takes definitions of a few kinds of thing out of WordNet 3.0 as Debian packages it, public ones and hidden ones.

apt-get download wordnet-base                   # 1:3.0-37, WordNet licence
dpkg-deb -x wordnet-base_*.deb UNPACKED
python making/glosses.py UNPACKED/usr/share/wordnet/data.noun        (or making/deeds.py)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from texts import UNWELCOME, encode, vocabulary, write_json

PROBLEMS = Path(__file__).parent.parent / "problems" / "tensorflow_developer"
WORDS = range(5, 31)
VOCABULARY = 2000  # with padding and the unknown word
LENGTH = 32


@dataclass(frozen=True)
class Selection:
    """What one problem takes: kinds by the number of WordNet's lexicographer file, and how many of each."""

    problem: str
    seed: int
    kinds: dict[int, str]
    public_per_kind: int
    hidden_per_kind: int
    file: str
    field: str

    @property
    def names(self) -> tuple[str, ...]:
        """The kinds in the order of their labels."""
        return tuple(sorted(self.kinds.values()))


@dataclass(frozen=True)
class Gloss:
    """A definition and the kind of the thing defined."""

    text: str
    kind: str


def read_glosses(nouns: Path, kinds: dict[int, str]) -> list[Gloss]:
    """The definitions of these kinds, without examples, duplicates and unwelcome ones, in WordNet's order."""
    glosses: dict[str, Gloss] = {}
    for line in nouns.read_text(encoding="latin-1").splitlines():
        left, bar, right = line.partition(" | ")
        fields = left.split()
        if line.startswith("  ") or not bar or int(fields[1]) not in kinds:
            continue
        text = re.split(r';\s*"', right)[0].strip().strip(";").strip()
        if text.isascii() and '"' not in text and len(text.split()) in WORDS and not UNWELCOME.search(text):
            glosses.setdefault(text, Gloss(text, kinds[int(fields[1])]))
    return list(glosses.values())


def build(nouns: Path, selection: Selection) -> None:
    """Writes the definitions and data/vocabulary.json (public), and hidden/hidden.npz (encoded) into the problem."""
    problem = PROBLEMS / selection.problem
    rng = np.random.default_rng(selection.seed)
    glosses = read_glosses(nouns, selection.kinds)
    shuffled = [glosses[index] for index in rng.permutation(len(glosses))]
    by_kind = {name: [gloss for gloss in shuffled if gloss.kind == name] for name in selection.names}
    public = [gloss for name in selection.names for gloss in by_kind[name][: selection.public_per_kind]]
    public = [public[index] for index in rng.permutation(len(public))]
    listed = vocabulary((gloss.text for gloss in public), VOCABULARY)
    numbers = {word: number for number, word in enumerate(listed)}
    # Rare words become the unknown one: two definitions may differ as texts but look the same to a model.
    taken = {encode(gloss.text, numbers, LENGTH) for gloss in public}
    inputs, labels = [], []
    for label, name in enumerate(selection.names):
        left = selection.hidden_per_kind
        for gloss in by_kind[name][selection.public_per_kind :]:
            row = encode(gloss.text, numbers, LENGTH)
            if left and row not in taken:
                taken.add(row)
                inputs.append(row)
                labels.append(label)
                left -= 1
        if left:
            raise SystemExit(f"{name}: {left} hidden definitions are missing")
    order = rng.permutation(len(inputs))
    (problem / "data").mkdir(parents=True, exist_ok=True)
    (problem / "hidden").mkdir(exist_ok=True)
    rows = [{"text": gloss.text, selection.field: gloss.kind} for gloss in public]
    write_json(problem / "data" / selection.file, rows)
    write_json(problem / "data" / "vocabulary.json", listed)
    np.savez_compressed(
        problem / "hidden" / "hidden.npz",
        inputs=np.array(inputs, np.int32)[order],
        labels=np.array(labels, np.int64)[order],
    )
