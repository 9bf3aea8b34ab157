"""Cuts the downloaded headlines: 20,000 for the candidate with a vocabulary, the rest encoded for the hidden set."""

import collections
import json
import re

import numpy as np

PUBLIC = 20_000
VOCABULARY_SIZE = 1000
LENGTH = 120


def words(text):
    return re.findall(r"[a-z0-9']+", text.lower())


def encode(text, numbers):
    found = [numbers.get(word, 1) for word in words(text)][:LENGTH]
    return found + [0] * (LENGTH - len(found))


def generate(seed, public, hidden):
    """Replace sarcasm.json by headlines.json and vocabulary.json; write the hidden set. Nothing is drawn."""
    source = public / "sarcasm.json"
    records = [(item["headline"], int(item["is_sarcastic"])) for item in json.loads(source.read_text("utf-8"))]
    if len(records) < 26_000:
        raise ValueError(f"expected 26,709 headlines, found {len(records):,}")
    counted = collections.Counter(word for text, _ in records[:PUBLIC] for word in words(text))
    common = sorted(counted, key=lambda word: (-counted[word], word))[: VOCABULARY_SIZE - 2]
    vocabulary = ["", "<OOV>", *common]
    numbers = {word: number for number, word in enumerate(vocabulary)}
    shown = {tuple(encode(text, numbers)) for text, _ in records[:PUBLIC]}
    # A headline that is encoded like a public one would be no unseen one.
    unseen = {}
    for text, sarcastic in records[PUBLIC:]:
        if (row := tuple(encode(text, numbers))) not in shown:
            unseen.setdefault(row, sarcastic)
    headlines = [{"text": text, "sarcastic": sarcastic} for text, sarcastic in records[:PUBLIC]]
    (public / "headlines.json").write_text(json.dumps(headlines, ensure_ascii=False, indent=0), "utf-8")
    (public / "vocabulary.json").write_text(json.dumps(vocabulary, ensure_ascii=False, indent=0), "utf-8")
    np.savez(hidden, inputs=np.array(list(unseen), np.int32), labels=np.array(list(unseen.values()), np.int32))
    source.unlink()
    return {}
