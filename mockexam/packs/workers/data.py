"""The process in which generators run and hidden sets are made: `python -m mockexam.packs.workers.data`."""

from __future__ import annotations

import traceback
from pathlib import Path

import msgspec

from graders.sentences import sentence
from mockexam.packs.format.digest import content_files, file_digest
from mockexam.packs.workers import order
from mockexam.packs.workers.child import RefusedError, Report, run_file, serve
from mockexam.packs.workers.hidden_set import counted, decode, inspect, inspect_pictures
from mockexam.packs.workers.requests import (
    CompareFiles,
    CountLabels,
    DataRequest,
    Date,
    Dated,
    Decode,
    Decoded,
    Download,
    Downloaded,
    Drawn,
    DrawTwice,
    Generate,
    Inspect,
    Inspected,
    Inspection,
    Inspections,
    LookUpAnswers,
    ReadArrays,
    ReadNothing,
    ReadPictures,
    Refused,
)
from mockexam.packs.workers.rows import known_among, of_files


def work(request: DataRequest, report: Report) -> msgspec.Struct:
    """Generate, decode, download, compare rows, or inspect many hidden sets; the request's own kind of reply."""
    match request:
        case Inspect():
            return Inspections(tuple(inspected(job) for job in request.jobs))
        case CompareFiles():
            report(0.0, sentence("Comparing public and hidden rows"))
            return known_among(request.hidden, of_files(request.public, request.hidden))
        case LookUpAnswers():
            report(0.0, sentence("Looking answers up in other hidden rows"))
            return order.look_up(request.hidden, request.scoring)
        case CountLabels():
            report(0.0, sentence("Counting labels"))
            hidden = order.read(request.hidden)
            return counted(order.different_labels(hidden), len(hidden.labels), request.expected)
        case Date():
            report(0.0, sentence("Putting the hidden rows in order"))
            inspect(request.source, request.expected)
            return Dated(order.with_times(request.source, request.hidden))
        case Download():
            from mockexam.packs.workers.download import download

            return Downloaded(download(request.url, request.sha256, request.public, report))
        case Generate():
            values = generate(request.script, request.seed, request.public, request.hidden, report)
            drawn = Drawn(values, _checked(request, report))
            if request.dated:
                order.with_times(request.hidden, request.hidden)
            return drawn
        case Decode():
            decode(request.folder, request.hidden, request.expected.contract.input_shape, request.scale, report)
            return Decoded(_checked(request, report))


def _checked(request: Generate | Decode, report: Report) -> int:
    """The number of rows of the hidden set that was made; RefusedError when it doesn't fit."""
    report(0.95, sentence("Checking the hidden set"))
    return inspect(request.hidden, request.expected).rows or 0


def inspected(job: Inspection) -> Inspected | Refused:
    """One hidden set, or why it is refused, which includes whatever a generator raises."""
    script = job.script if isinstance(job, DrawTwice) else None
    try:
        return _looked_at(job)
    except RefusedError as error:
        return Refused.of(error)
    except (Exception, SystemExit) as error:
        said = f"{type(error).__name__}: {error}".removesuffix(": ")
        if script is None:
            return Refused(sentence("a hidden set that can be read"), said, sentence("Correct it."))
        advice = sentence("Correct {script}.", script=script.name)
        lines = [x.lineno for x in traceback.extract_tb(error.__traceback__) if x.filename == str(script)]
        return Refused(sentence("generate() to return"), said, advice, lines[-1] if lines else None)


def _looked_at(job: Inspection) -> Inspected:
    match job:
        case DrawTwice():
            once, again = (_drawn(job, job.scratch / name) for name in ("once", "again"))
            if once != again:
                advice = sentence("Draw everything from numpy.random.default_rng(seed), and write no times.")
                expected = sentence("the same files from the same seed")
                raise RefusedError(expected, sentence("different ones from a second run"), advice)
            found = inspect(job.scratch / "once" / "hidden.npz", job.expected)
            return msgspec.structs.replace(found, values=tuple(sorted(once[0])))
        case ReadArrays():
            return inspect(job.hidden, job.expected)
        case ReadPictures():
            return inspect_pictures(job.folder, job.expected)
        case ReadNothing():
            return Inspected()


def _drawn(job: DrawTwice, folder: Path) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """The values of one run of a generator with seed 1, and the digests of what it wrote."""
    (folder / "public").mkdir(parents=True)
    values = generate(job.script, 1, folder / "public", folder / "hidden.npz", lambda *_: None)
    return values, [(name, file_digest(path)) for name, path in content_files(folder)]


def generate(script: Path, seed: int, public: Path, hidden: Path, report: Report) -> dict[str, str]:
    """Run `generate` of the script; returns its values. RefusedError when it breaks its side of the contract."""
    report(0.0, sentence("Drawing the data"))
    values = run_file(script, "generate")(seed, public, hidden)
    if not isinstance(values, dict) or not all(isinstance(x, str) for pair in values.items() for x in pair):
        expected = sentence("generate() to return a dict of texts, {{}} when there is nothing to fill in")
        raise RefusedError(expected, repr(values)[:80], sentence("Return {{name: text}}."))
    if not hidden.is_file():
        advice = sentence("Write it with numpy.savez_compressed(hidden, inputs=…, labels=…).")
        expected = sentence("generate() to write the hidden set to its third argument")
        raise RefusedError(expected, sentence("no file there"), advice)
    if not any(path.is_file() for path in public.rglob("*")):
        advice = sentence("Write what the candidate trains on into the second argument.")
        raise RefusedError(sentence("generate() to write public files"), sentence("none"), advice)
    return values


if __name__ == "__main__":
    serve(work, DataRequest)
