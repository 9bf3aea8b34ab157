"""The process in which generators run and hidden sets are made: `python -m mockexam.packs.workers.data`."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

from mockexam.packs.format.digest import content_files, file_digest
from mockexam.packs.workers.child import RefusedError, Report, run_file, serve
from mockexam.packs.workers.hidden_set import decode, inspect, inspect_pictures
from mockexam.packs.workers.rows import known_among, of_files


def work(request: dict[str, Any], report: Report) -> dict[str, Any]:
    """Do what `request["action"]` says: generate, decode, survey many hidden sets, compare rows."""
    if request["action"] == "survey":
        return {"results": [survey(job) for job in request["jobs"]]}
    if request["action"] == "compare":
        report(0.0, "Comparing public and hidden rows")
        public = of_files(Path(request["public"]), Path(request["hidden"]))
        return dict(known_among(Path(request["hidden"]), public))
    if request["action"] == "download":
        from mockexam.packs.workers.download import download

        return {"bytes": download(request["url"], request["sha256"], Path(request["public"]), report)}
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
            once, again = (_drawn(job, Path(job["scratch"], name)) for name in ("once", "again"))
            if once != again:
                advice = "Draw everything from numpy.random.default_rng(seed), and write no times."
                raise RefusedError("the same files from the same seed", "other ones at a second run", advice)
            job["hidden"] = str(Path(job["scratch"], "once", "hidden.npz"))
            values = sorted(once[0])
        if job["kind"] == "nothing":
            return {"rows": None, "missing": [], "values": None}
        look = inspect_pictures if job["kind"] == "pictures" else inspect
        found = look(Path(job["hidden"]), contract)
        return {"rows": found["rows"], "missing": found["missing"], "values": values}
    except RefusedError as refused:
        return {"refused": refused.message}
    except (Exception, SystemExit) as error:
        said = f"{type(error).__name__}: {error}".removesuffix(": ")
        where = "generate() to return" if job["kind"] == "generator" else "a hidden set that can be read"
        advice = f"Correct {'generator.py' if job['kind'] == 'generator' else 'it'}."
        lines = [
            frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == job.get("script")
        ]
        return {"refused": {"expected": where, "found": said, "advice": advice}, "line": lines[-1] if lines else None}


def _drawn(job: dict[str, Any], folder: Path) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """The values of one run of a generator with seed 1, and the digests of what it wrote."""
    (folder / "public").mkdir(parents=True)
    values = generate(Path(job["script"]), 1, folder / "public", folder / "hidden.npz", lambda *_: None)
    return values, [(name, file_digest(path)) for name, path in content_files(folder)]


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
