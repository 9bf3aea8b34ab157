"""Prepare a problem's data: what the candidate gets, and the hidden set that they don't."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import zipfile
from pathlib import Path
from typing import TypeVar

import msgspec

from graders.sentences import sentence
from mockexam.errors import Error
from mockexam.files.writing import AtomicFile, Promise, sweep
from mockexam.packs.data.prepared_cache import PreparedCache
from mockexam.packs.format.digest import content_files, file_digest
from mockexam.packs.format.model import DRAWN, ONLINE, Problem
from mockexam.packs.workers import client
from mockexam.packs.workers.client import ChildError, Progress
from mockexam.packs.workers.requests import Build, Date, Decode, Download, Generate, Request, Stock

Reply = TypeVar("Reply")

VERSION = 1  # of what is made from the same files; after a change every data set is prepared again
TEXTS = frozenset({"problem.toml", "starter.py", "solution.py", "weak.py", "hints.md"})
PROBE_SECONDS = 3.0
COPIED = Promise(lasting=False, mode=0o666, follow_links=False)


class PreparationError(Error):
    """The data can't be prepared."""


class OfflineError(PreparationError):
    """The data has to be downloaded, and the address can't be reached."""


class Prepared(msgspec.Struct, frozen=True):
    """The path of the hidden .npz, and the values of {{name}} that the seed drew."""

    hidden: Path
    values: dict[str, str]


def prepare(problem: Problem, *, seed: int, public: Path, cache: Path, progress: Progress) -> Prepared:
    """Fill `public` and return the hidden set; raises PreparationError.

    `progress` is called with a fraction 0 to 1 and what is being done. What takes time is kept in `cache`, keyed by
    content and seed; two processes may prepare the same data set in parallel. Files in `public` under other names stay.
    """
    try:
        return _prepare(problem, seed, public, cache, progress)
    except ChildError as error:
        where = f"{problem.id}: {error.expected}"
        raise PreparationError(where, error.found, error.advice, log=error.log) from None
    except OSError as error:
        raise _from_system(problem, error) from None


def _prepare(problem: Problem, seed: int, public: Path, cache: Path, progress: Progress) -> Prepared:
    source, hidden, values = problem.folder / "data", _shipped(problem), {}
    undated = problem.foretells and hidden.is_file() and not _dated(hidden)
    if problem.data.kind != "files" or not hidden.is_file() or undated:
        made = PreparedCache(cache / "prepared").get(
            _key(problem, seed),
            lambda folder, report: _make(problem, seed, folder, report),
            lambda fraction, detail: progress(0.8 * fraction, detail),
        )
        values = msgspec.json.decode((made / "values.json").read_bytes(), type=dict[str, str])
        source = source if problem.data.kind == "files" else made / "public"
        as_shipped = hidden.is_file() and not undated and problem.data.kind not in DRAWN
        hidden = hidden if as_shipped else made / "hidden.npz"
    files = list(content_files(source))
    if problem.data.notice:
        files.append((Path(problem.data.notice).name, problem.folder / problem.data.notice))
    _copy(files, public, lambda fraction, detail: progress(0.8 + 0.2 * fraction, detail))
    progress(1.0, sentence("{problem} is ready", problem=problem.title))
    return Prepared(hidden, values)


def _make(problem: Problem, seed: int, folder: Path, report: Progress) -> None:
    """Make in `folder` what the problem's kind of data calls for: public/, hidden.npz and values.json."""
    data, public, hidden = problem.data, folder / "public", folder / "hidden.npz"
    public.mkdir()
    shipped = _shipped(problem)
    pictures = data.kind not in DRAWN and not data.hidden_split and not shipped.is_file()

    def ask(request: Request[Reply]) -> Reply:
        goes_on = isinstance(request, Download) or (
            (pictures or problem.foretells) and isinstance(request, Build | Stock)
        )
        share = 0.7 if goes_on else 1.0
        return client.ask(
            request, seconds=data.seconds, progress=lambda fraction, detail: report(share * fraction, detail)
        )

    values: dict[str, str] = {}
    if data.kind in ONLINE:
        _probe(problem)
    if data.kind == "builder":
        script, source = problem.folder / "builder.py", problem.folder / "data"
        ask(Build(script=script, source=source, data_dir=public, name=_written(data.name)))
    elif data.kind == "tfds":
        ask(
            Stock(
                name=_written(data.name),
                data_dir=public,
                hidden_split=data.hidden_split,
                hidden=hidden,
                expected=problem.expected,
                scale=data.scale,
            )
        )
    elif data.kind == "download":
        ask(Download(url=_written(data.url), sha256=data.sha256, public=public))
    if data.kind in DRAWN:
        script, drawn = problem.folder / "generator.py", seed if data.kind == "generator" else 0
        generate = Generate(
            script=script,
            seed=drawn,
            public=public,
            hidden=hidden,
            expected=problem.expected,
            dated=problem.foretells,
        )
        values = ask(generate).values
    elif pictures:
        ask(Decode(folder=shipped.parent, hidden=hidden, expected=problem.expected, scale=data.scale))
    elif problem.foretells:
        ask(Date(source=hidden if data.hidden_split else shipped, hidden=hidden, expected=problem.expected))
    (folder / "values.json").write_bytes(msgspec.json.encode(values))


def _written(text: str | None) -> str:
    """The text itself, which `semantics` has made sure is there for the problem's kind of data."""
    assert text is not None
    return text


def _probe(problem: Problem) -> None:
    """Raise PreparationError within seconds when the data set's address can't be reached."""
    from mockexam.packs.data.reachability import reachable

    address = problem.data.probe or problem.data.url
    if address is not None and (found := reachable(address, PROBE_SECONDS)) is not None:
        advice = sentence(
            "Connect to the network and try again, or take an exam whose data comes with it: "
            "`mockexam pack list` shows which packs work offline."
        )
        expected = sentence("{problem}: to reach {address} for its data", problem=problem.id, address=address)
        raise OfflineError(expected, found, advice, kind="offline")


def _shipped(problem: Problem) -> Path:
    """Where a problem that ships its hidden set as arrays has it."""
    return problem.folder / "hidden" / "hidden.npz"


def _dated(hidden: Path) -> bool:
    """Whether a hidden set says when its rows are. What can't be read is left to those who read it."""
    try:
        with zipfile.ZipFile(hidden) as archive:
            return "time.npy" in archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return True


def _key(problem: Problem, seed: int) -> str:
    """Everything that the prepared data depends on, as one SHA-256."""
    total = hashlib.sha256()
    drawn = seed if problem.data.kind == "generator" else None
    facts = (VERSION, problem.data, problem.contract, drawn)
    total.update(msgspec.json.encode(facts))
    for name, path in content_files(problem.folder):
        if name not in TEXTS and not name.startswith("statement."):
            total.update(f"{name}\0{file_digest(path)}\n".encode())
    return total.hexdigest()


def _copy(files: list[tuple[str, Path]], public: Path, progress: Progress) -> None:
    """Copy each file under its name below `public`, whole or not at all."""
    total = sum(path.stat().st_size for _, path in files) or 1
    done = 0
    public.mkdir(parents=True, exist_ok=True)
    for name, path in files:
        target = public / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with AtomicFile(target, COPIED) as copy:
            shutil.copyfile(path, copy.draft)
        done += path.stat().st_size
        progress(done / total, sentence("Copying the data"))
    _sweep(public)


def _sweep(public: Path) -> None:
    """Remove what a killed copy left behind."""
    for folder, _, _ in os.walk(public):
        sweep(Path(folder))


def _from_system(problem: Problem, error: OSError) -> PreparationError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        expected = sentence("{problem}: room for the data", problem=problem.id)
        advice = sentence("Free some space, then try again: what is there is kept.")
        return PreparationError(expected, sentence("the disk is full"), advice)
    found = f"{error.strerror or error}{f' ({error.filename})' if error.filename else ''}"
    expected = sentence("{problem}: to read and write files", problem=problem.id)
    advice = sentence("Check that the folder is there and that you may write in it.")
    return PreparationError(expected, found, advice)
