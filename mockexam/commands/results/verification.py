"""What `mockexam results verify` does and says."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click
import msgspec

import mockexam
from graders.sentences import Sentence, Words, sentence, sentences
from graders.texts import one_line
from graders.verdict import Verdict
from mockexam.commands import context
from mockexam.errors import RefusalError
from mockexam.exam import allowance, program_rules
from mockexam.language.catalogue import shown
from mockexam.packs.catalogue import Catalogue
from mockexam.store.home import Home
from mockexam.transfer import bundle, regrading, signed_result, signing
from mockexam.transfer.bundle import Bundle
from mockexam.transfer.consistency import check_plausible
from mockexam.transfer.regrading import Regraded
from mockexam.transfer.signed_result import SignedResult

MOST_BYTES = 64 << 20
MOST_NAME = 80
MOST_FACT = 1000
"""Characters of a name, and of a line of the report."""


@dataclass
class Findings:
    """What was checked of one file, and what was found."""

    said: SignedResult
    key: str
    mine: bool
    faults: list[Sentence] = field(default_factory=list)
    regraded: list[Regraded] | None = None

    @property
    def unconfirmed(self) -> list[Regraded]:
        """Models that another version of the grader tested, and that today's refuses."""
        return [one for one in self.regraded or () if one.is_refused_now]


def verify(file: Path, attempt: Path | None, key: str | None, *, as_json: bool) -> int:
    """Check the file and print what was found; returns the exit code. Raises RefusalError if it isn't a result."""
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
            found.faults.append(
                sentence("the key {key} where {asked} was asked for", key=signing.fingerprint(signer), asked=key)
            )
        if box is not None and not found.faults:
            _regrade(found, box, home, quiet=as_json)
    click.echo(_as_json(found) if as_json else "\n".join(_lines(found)))
    if found.faults or found.unconfirmed:
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
        found.faults.append(sentence("the attempt signed with another key than the result"))
    try:
        regrading.check_fit(found.said, box)
        with context.grader() as grader:
            catalogue = Catalogue(home.packs, cache=home.cache)
            for one in regrading.regrade(found.said, box, home, catalogue, grader):
                found.regraded.append(one)
                if not quiet:
                    again = sentence(
                        "Tested category {category}, number {number} again", category=one.category, number=one.number
                    )
                    click.echo(shown(again), err=True)
    except RefusalError as refusal:
        if refusal.kind != "no":
            raise
        found.faults.append(
            sentence("{found} where {expected} was expected", found=refusal.found, expected=refusal.expected)
        )
    found.faults += [
        sentence(
            "category {category}, number {number}: {then} then, {now} now",
            category=one.category,
            number=one.number,
            then=_said(one.then),
            now=_said(one.now),
        )
        for one in found.regraded
        if not (one.agrees or one.now.outcome == "unable" or one.is_refused_now)
    ]


def _said(verdict: Verdict) -> Sentence:
    if verdict.outcome == "scored":
        return sentences("{count} test passed", "{count} tests passed", count=verdict.passed)
    return context.OUTCOMES[verdict.outcome]


def _content(file: Path) -> bytes:
    if not file.is_file():
        expected = sentence("a result file at {file}", file=file)
        found = sentence("something that isn't a file") if file.exists() else sentence("nothing there")
        raise RefusalError(expected, found, sentence("Write one: mockexam results export."), kind="nothing")
    try:
        if (size := file.stat().st_size) > MOST_BYTES:
            raise RefusalError(
                sentence("a result file of at most {size} MB", size=MOST_BYTES >> 20),
                sentence("{size} bytes", size=f"{size:,}"),
                sentence("Check the name."),
            )
        return file.read_bytes()
    except OSError as error:
        raise RefusalError(
            sentence("to read {file}", file=file),
            error.strerror or str(error),
            sentence("Check who owns it."),
            kind="nothing",
        ) from None


def _digits(fingerprint: str) -> str:
    return "".join(fingerprint.split()).lower()


def _lines(found: Findings) -> list[str]:
    said = found.said
    head = sentence(
        "{candidate}, {time}, attempt {attempt}",
        candidate=one_line(said.candidate, MOST_NAME),
        time=f"{said.ended_at.astimezone():%Y-%m-%d %H:%M}",
        attempt=one_line(said.attempt, MOST_NAME),
    )
    total = sentence(
        "{points} of 100 points, {pass_mark} pass",
        points=context.plain(said.total),
        pass_mark=context.plain(said.rules.pass_mark),
    )
    lines = [shown(head), shown(total)]
    lines += context.columns([(shown(label), one_line(shown(words), MOST_FACT)) for label, words in _facts(found)])
    lines += map(one_line, said.remarks)
    for fault in found.faults:
        lines.append(
            click.style(one_line(shown(sentence("Does not hold: found {fault}.", fault=fault)), MOST_FACT), fg="red")
        )
    for refused in found.unconfirmed:
        lines.append(click.style(one_line(shown(_refused_now(refused)), MOST_FACT), fg="yellow"))
    if not found.faults:
        lines.append(click.style(shown(_verdict(found)), fg="yellow" if found.unconfirmed else "green"))
    return lines


def _facts(found: Findings) -> Iterator[tuple[Sentence, Words]]:
    """What a result was made from, and who signed it."""
    said, key = found.said, signing.fingerprint(found.key)
    pack, version, digest = said.pack.id, said.pack.version, said.pack.digest
    yield (
        sentence("pack"),
        sentence("{pack} {version}, digest {digest}", pack=pack, version=version, digest=digest),
    )
    yield sentence("seed"), str(said.seed)
    yield sentence("isolation"), ", ".join(said.isolation) or sentence("nothing was tested")
    yield sentence("versions"), ", ".join(f"{name} {number}" for name, number in said.versions.items())
    if len(limits := list(allowance.told(said.rules))) > 1:
        for rule in limits:
            yield sentence("submissions"), rule
    for rule in program_rules.told(said.rules.programs):
        yield sentence("programs"), rule
    for one in said.interpreters:
        yield sentence("were run with"), one.words
    if found.mine:
        yield sentence("signed by"), sentence("{key} (this user's own)", key=key)
    else:
        yield sentence("signed by"), sentence("{key} (ask whoever signed whether it is theirs)", key=key)


def _verdict(found: Findings) -> Sentence:
    if found.regraded is None:
        return sentence("The signature and the sums hold. Give --attempt to test the models again.")
    if unable := sum(one.now.outcome == "unable" for one in found.regraded):
        return sentences(
            "{count} model could not be tested here: see `mockexam doctor`.",
            "{count} models could not be tested here: see `mockexam doctor`.",
            count=unable,
        )
    if count := len(found.unconfirmed):
        return sentences(
            "The signature and the sums hold. {count} model can be neither confirmed nor contradicted here.",
            "The signature and the sums hold. {count} models can be neither confirmed nor contradicted here.",
            count=count,
        )
    return sentences(
        "The signature and the sums hold, and {count} model, tested again, gives the same score.",
        "The signature and the sums hold, and {count} models, tested again, give the same score.",
        count=len(found.regraded),
    )


def _refused_now(one: Regraded) -> Sentence:
    """What is to be said of a model that was tested then and is refused today: by rules, not by anybody's fault."""
    return sentence(
        "Category {category}, number {number}: {then} by {grader}; today's grader ({today}) refuses the model:"
        " {reason}. That is a change of the grader, and no sign of a change of the file.",
        category=one.category,
        number=one.number,
        then=_said(one.then),
        grader=sentence("grader {version}", version=one.grader_then)
        if one.grader_then
        else sentence("an older grader"),
        today=mockexam.__version__,
        reason=one.now.reason.words("found") if one.now.reason is not None else "",
    )


def _as_json(found: Findings) -> str:
    again = None
    if found.regraded is not None:
        again = [
            {"category": one.category, "number": one.number, "then": one.then.passed, "now": one.now.passed,
             "agrees": one.agrees, **({"refused_now": True, "grader": one.grader_then} if one.is_refused_now else {})}
            for one in found.regraded
        ]  # fmt: skip
    fields = {
        "attempt": found.said.attempt,
        "candidate": found.said.candidate,
        "total": found.said.total,
        "passed": found.said.passed,
        "key": signing.fingerprint(found.key),
        "own_key": found.mine,
        "faults": [fault.english for fault in found.faults],
        "regraded": again,
        "programs": msgspec.to_builtins(found.said.rules.programs),
        "interpreters": msgspec.to_builtins(found.said.interpreters),
    }
    return json.dumps(fields, ensure_ascii=False, indent=2)
