"""Takes the deeds-or-things problem's definitions out of WordNet 3.0, with the tools of glosses.py.

apt-get download wordnet-base                   # 1:3.0-37, WordNet licence
dpkg-deb -x wordnet-base_*.deb UNPACKED
python making/deeds.py UNPACKED/usr/share/wordnet/data.noun
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
from glosses import UNWELCOME, Gloss, encode, vocabulary, write_json

PROBLEM = Path(__file__).parent.parent / "problems" / "tensorflow_developer" / "deeds"
SEED = 41
KINDS = {4: "deed", 6: "thing"}  # by WordNet's lexicographer file: noun.act, noun.artifact
NAMES = ("deed", "thing")
PUBLIC_PER_KIND = 3000
HIDDEN_PER_KIND = 900
WORDS = range(5, 31)


def read_glosses(nouns: Path) -> list[Gloss]:
    """The definitions of both kinds, without examples, doubles and unwelcome ones, in WordNet's order."""
    glosses: dict[str, Gloss] = {}
    for line in nouns.read_text(encoding="latin-1").splitlines():
        left, bar, right = line.partition(" | ")
        fields = left.split()
        if line.startswith("  ") or not bar or int(fields[1]) not in KINDS:
            continue
        text = re.split(r';\s*"', right)[0].strip().strip(";").strip()
        if text.isascii() and '"' not in text and len(text.split()) in WORDS and not UNWELCOME.search(text):
            glosses.setdefault(text, Gloss(text, KINDS[int(fields[1])]))
    return list(glosses.values())


def build(nouns: Path, problem: Path) -> None:
    """Writes data/definitions.json, data/vocabulary.json and hidden/hidden.npz (encoded) below `problem`."""
    rng = np.random.default_rng(SEED)
    glosses = read_glosses(nouns)
    shuffled = [glosses[index] for index in rng.permutation(len(glosses))]
    by_kind = {name: [gloss for gloss in shuffled if gloss.category == name] for name in NAMES}
    public = [gloss for name in NAMES for gloss in by_kind[name][:PUBLIC_PER_KIND]]
    public = [public[index] for index in rng.permutation(len(public))]
    listed = vocabulary(public)
    numbers = {word: number for number, word in enumerate(listed)}
    taken = {encode(gloss.text, numbers) for gloss in public}
    inputs, labels = [], []
    for label, name in enumerate(NAMES):
        left = HIDDEN_PER_KIND
        for gloss in by_kind[name][PUBLIC_PER_KIND:]:
            row = encode(gloss.text, numbers)
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
    write_json(problem / "data" / "definitions.json", [{"text": g.text, "kind": g.category} for g in public])
    write_json(problem / "data" / "vocabulary.json", listed)
    np.savez_compressed(
        problem / "hidden" / "hidden.npz",
        inputs=np.array(inputs, np.int32)[order],
        labels=np.array(labels, np.int64)[order],
    )


if __name__ == "__main__":
    build(Path(sys.argv[1]), PROBLEM)
