"""The process in which generators run and hidden sets are made: `python -m mockexam.packs.data_process`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mockexam.packs.child import RefusedError, Report, run_file, serve
from mockexam.packs.hidden_set import decode, inspect, inspect_pictures


def work(request: dict[str, Any], report: Report) -> dict[str, Any]:
    """Do what `request["action"]` says: generate, decode, or survey many hidden sets."""
    if request["action"] == "survey":
        return {"results": [survey(job) for job in request["jobs"]]}
    hidden, contract = Path(request["hidden"]), request["contract"]
    values: dict[str, str] = {}
    if request["action"] == "generate":
        values = generate(Path(request["script"]), request["seed"], Path(request["public"]), hidden, report)
    elif request["action"] == "decode":
        decode(Path(request["folder"]), hidden, contract, request["scale"], report)
    report(0.95, "Checking the hidden set")
    return {"values": values, "found": inspect(hidden, contract)}


def survey(job: dict[str, Any]) -> dict[str, Any]:
    """Number of rows and names of values of one hidden set, or why it is refused; what a generator raises, too."""
    contract, values = job["contract"], None
    try:
        if job["kind"] == "generator":
            public = Path(job["scratch"], "public")
            public.mkdir(parents=True)
            job["hidden"] = str(public.with_name("hidden.npz"))
            values = sorted(generate(Path(job["script"]), 1, public, Path(job["hidden"]), lambda *_: None))
        if job["kind"] == "nothing":
            return {"rows": None, "values": None}
        look = inspect_pictures if job["kind"] == "pictures" else inspect
        return {"rows": look(Path(job["hidden"]), contract)["rows"], "values": values}
    except RefusedError as refused:
        return {"refused": refused.message}
    except Exception as error:
        found = f"{type(error).__name__}: {error}"
        return {"refused": {"expected": "generate() to return", "found": found, "advice": "Correct generator.py."}}


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
