"""The process in which generators run and hidden sets are made: `python -m mockexam.packs.data_process`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mockexam.packs.child import RefusedError, Report, run_file, serve
from mockexam.packs.hidden_set import decode, inspect


def work(request: dict[str, Any], report: Report) -> dict[str, Any]:
    """Do what `request["action"]` says: generate, decode or inspect."""
    hidden, contract = Path(request["hidden"]), request["contract"]
    values: dict[str, str] = {}
    if request["action"] == "generate":
        values = generate(Path(request["script"]), request["seed"], Path(request["public"]), hidden, report)
    elif request["action"] == "decode":
        decode(Path(request["folder"]), hidden, contract, request["scale"], report)
    report(0.95, "Checking the hidden set")
    return {"values": values, "found": inspect(hidden, contract)}


def generate(script: Path, seed: int, public: Path, hidden: Path, report: Report) -> dict[str, str]:
    """Run `generate` of the script; returns its values. RefusedError when it doesn't keep its side of the bargain."""
    report(0.0, "Drawing the data")
    values = run_file(script, "generate")(seed, public, hidden)
    if not isinstance(values, dict) or not all(isinstance(x, str) for pair in values.items() for x in pair):
        expected = "generate() to return a dict of texts, {} when there is nothing to fill in"
        raise RefusedError(expected, repr(values)[:80], "Return {name: text}.")
    if not hidden.is_file():
        advice = "Write it with numpy.savez_compressed(hidden, inputs=…, labels=…)."
        raise RefusedError("generate() to write the hidden set to its third argument", "no file there", advice)
    if not any(path.is_file() for path in public.rglob("*")):
        advice = "Write what the candidate trains on into the second argument."
        raise RefusedError("generate() to write public files", "none", advice)
    return values


if __name__ == "__main__":
    serve(work)
