"""What `mockexam results verify` does and says."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click

from graders.verdict import Verdict
from mockexam.commands import context
from mockexam.errors import RefusalError
from mockexam.packs.catalogue import Catalogue
from mockexam.store.home import Home
from mockexam.transfer import bundle, regrading, signed_result, signing
from mockexam.transfer.bundle import Bundle
from mockexam.transfer.consistency import check_plausible
from mockexam.transfer.regrading import Regraded
from mockexam.transfer.signed_result import SignedResult

MOST_BYTES = 64 << 20


@dataclass
class Findings:
    """What was checked of one file, and what was found."""

    said: SignedResult
    key: str
    mine: bool
    faults: list[str] = field(default_factory=list)
    regraded: list[Regraded] | None = None


def verify(file: Path, attempt: Path | None, key: str | None, *, as_json: bool) -> int:
    """Check the file and print what was found; the exit code. Raises RefusalError for what is no result."""
    home = Home.default()
    box: Bundle | None = None
    with ExitStack() as stack:
        if file.is_file() and zipfile.is_zipfile(file):
            box = stack.enter_context(_plausible(file))
            said, signer = signed_result.signed_result_of(box.label.kept, box.label.submissions), box.key
        else:
            said, signer = signed_result.verified(_content(file), file.name)
            if attempt is not None:
                box = stack.enter_context(_plausible(attempt))
        found = Findings(said, signer, signing.public_key(home.signing_key) == signer)
        found.faults += signed_result.contradictions(said)
        if key is not None and _digits(key) != _digits(signing.fingerprint(signer)):
            found.faults.append(f"the key {signing.fingerprint(signer)} where {key} was asked for")
        if box is not None and not found.faults:
            _regrade(found, box, home, quiet=as_json)
    click.echo(_as_json(found) if as_json else "\n".join(_lines(found)))
    if found.faults:
        return 1
    return 4 if any(one.now.outcome == "unable" for one in found.regraded or ()) else 0


@contextmanager
def _plausible(file: Path) -> Iterator[Bundle]:
    with bundle.opened(file) as box:
        check_plausible(box.label)
        yield box


def _regrade(found: Findings, box: Bundle, home: Home, *, quiet: bool) -> None:
    found.regraded = []
    if box.key != found.key:
        found.faults.append("the attempt signed with another key than the result")
    try:
        regrading.check_fit(found.said, box)
        with context.grader() as grader:
            catalogue = Catalogue(home.packs, cache=home.cache)
            for one in regrading.regrade(found.said, box, home, catalogue, grader):
                found.regraded.append(one)
                if not quiet:
                    click.echo(f"Tested category {one.category}, number {one.number} again", err=True)
    except RefusalError as refusal:
        if refusal.kind != "no":
            raise
        found.faults.append(f"{refusal.found} where {refusal.expected} was expected")
    found.faults += [
        f"category {one.category}, number {one.number}: {_said(one.then)} then, {_said(one.now)} now"
        for one in found.regraded
        if not one.agrees and one.now.outcome != "unable"
    ]


def _said(verdict: Verdict) -> str:
    return f"{verdict.passed} tests passed" if verdict.outcome == "scored" else verdict.outcome


def _content(file: Path) -> bytes:
    if not file.is_file():
        found = "something that is no file" if file.exists() else "nothing there"
        raise RefusalError(f"a result file at {file}", found, "Write one: mockexam results export.", kind="nothing")
    try:
        if (size := file.stat().st_size) > MOST_BYTES:
            raise RefusalError(f"a result file of at most {MOST_BYTES >> 20} MB", f"{size:,} bytes", "Check the name.")
        return file.read_bytes()
    except OSError as error:
        raise RefusalError(
            f"to read {file}", error.strerror or str(error), "Check who owns it.", kind="nothing"
        ) from None


def _digits(fingerprint: str) -> str:
    return "".join(fingerprint.split()).lower()


def _lines(found: Findings) -> list[str]:
    said = found.said
    whose = "this user's own" if found.mine else "ask whoever signed whether it is theirs"
    ended = f"{said.ended_at.astimezone():%Y-%m-%d %H:%M}"
    lines = [
        f"{said.candidate}, {ended}, attempt {said.attempt}",
        f"{context.plain(said.total)} of 100 points, {context.plain(said.rules.pass_mark)} pass",
        f"pack       {said.pack.id} {said.pack.version}, digest {said.pack.digest}",
        f"seed       {said.seed}",
        f"isolation  {', '.join(said.isolation) or 'nothing was tested'}",
        f"versions   {', '.join(f'{name} {number}' for name, number in said.versions.items())}",
        f"signed by  {signing.fingerprint(found.key)} ({whose})",
        *said.remarks,
    ]
    lines += [click.style(f"Does not hold: found {fault}.", fg="red") for fault in found.faults]
    if not found.faults:
        lines.append(click.style(_verdict(found), fg="green"))
    return lines


def _verdict(found: Findings) -> str:
    if found.regraded is None:
        return "The signature and the sums hold. Give --attempt to test the models again."
    unable = sum(one.now.outcome == "unable" for one in found.regraded)
    if unable:
        return f"{unable} models could not be tested here: see `mockexam doctor`."
    return f"The signature and the sums hold, and {len(found.regraded)} models, tested again, give the same score."


def _as_json(found: Findings) -> str:
    again = None
    if found.regraded is not None:
        again = [
            {"category": one.category, "number": one.number, "then": one.then.passed, "now": one.now.passed,
             "agrees": one.agrees}
            for one in found.regraded
        ]  # fmt: skip
    fields = {
        "attempt": found.said.attempt,
        "candidate": found.said.candidate,
        "total": found.said.total,
        "passed": found.said.passed,
        "key": signing.fingerprint(found.key),
        "own_key": found.mine,
        "faults": found.faults,
        "regraded": again,
    }
    return json.dumps(fields, ensure_ascii=False, indent=2)
