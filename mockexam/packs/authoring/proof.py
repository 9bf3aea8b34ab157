"""Proofs: what was tried with a problem, what came of it, and which parts of that still hold."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Literal, get_args

import msgspec

from graders.sentences import Sentence, Words, sentence
from mockexam.files import writing
from mockexam.packs.format.digest import content_files, file_digest
from mockexam.packs.format.model import Problem

VERSION = 2  # of what is proven; after a change everything is proven again
Kind = Literal["data", "hints", "starter", "control", "contract", "weak", "reference"]
KINDS: tuple[Kind, ...] = get_args(Kind)
# What each part of a proof depends on besides the data, the contract and the scoring: scripts, and how long the
# solution may take. Hints are not among them: they are read again every time.
SCRIPTS: dict[Kind, tuple[str, ...]] = {
    "data": (),
    "starter": ("starter.py",),
    "control": (),
    "contract": (),
    "weak": ("solution.py", "weak.py"),
    "reference": ("solution.py", "train_minutes"),
}


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was tried: what was expected of it, what came of it, and whether that is right.

    Words are English once they have been written to a file.
    """

    kind: Kind
    name: Words
    expected: Words
    found: Words
    right: bool
    values: dict[str, float] = {}  # metric → mean over the tests

    @property
    def english(self) -> Finding:
        """The same, with its words in English, as files have them."""
        words = {"name": str(self.name), "expected": str(self.expected), "found": str(self.found)}
        return msgspec.structs.replace(self, **words)


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What was tried with one problem. `parts` has a digest of all that the findings of each kind depend on."""

    problem: str
    mockexam: str
    seed: int
    seconds: float
    parts: dict[str, str]
    findings: tuple[Finding, ...]

    @property
    def right(self) -> bool:
        """Whether everything was tried and turned out as expected."""
        return not self.lacking and all(finding.right for finding in self.findings)

    @property
    def lacking(self) -> tuple[Kind, ...]:
        """The kinds that have no findings for the problem as it is now."""
        return tuple(kind for kind in SCRIPTS if kind not in self.parts)

    @property
    def english(self) -> Proof:
        """The same, with its words in English, as files have them."""
        return msgspec.structs.replace(self, findings=tuple(finding.english for finding in self.findings))


def parts_of(problem: Problem, seed: int) -> dict[str, str]:
    """For each kind of finding, a digest of all that it depends on; none depends on statements or other texts."""
    shared = hashlib.sha256(_facts(problem, seed))
    scripts = {
        "starter.py": hashlib.sha256(problem.starter.encode()).hexdigest(),
        "train_minutes": str(problem.train_minutes),
    }
    for name, path in content_files(problem.folder):
        if name in ("solution.py", "weak.py"):
            scripts[name] = file_digest(path)
        elif not _is_text(problem, name) and name != "starter.py":
            shared.update(f"{name}\0{file_digest(path)}\n".encode())
    return {
        kind: _joined([shared.hexdigest(), *(scripts.get(name, "") for name in own)]) for kind, own in SCRIPTS.items()
    }


def content_of(problem: Problem, seed: int) -> str:
    """One digest of everything that the proof of a problem depends on."""
    return _joined(parts_of(problem, seed).values())


def kept(problem: Problem, seed: int, hints: Iterable[Finding]) -> Proof | None:
    """What still holds of the proof beside the problem, with `hints` as given; None when there is no proof."""
    try:
        proof = msgspec.json.decode((problem.folder / "proof.json").read_bytes(), type=Proof)
    except (OSError, msgspec.MsgspecError):
        return None
    now = parts_of(problem, seed)
    parts = {kind: digest for kind, digest in now.items() if proof.parts.get(kind) == digest and proof.seed == seed}
    findings = [finding for finding in proof.findings if finding.kind in parts]
    return msgspec.structs.replace(proof, seed=seed, parts=parts, findings=ordered([*findings, *hints]))


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings by kind."""
    return tuple(sorted(findings, key=lambda finding: KINDS.index(finding.kind)))


def write(proof: Proof, folder: Path) -> None:
    """Write proof.json and proof.txt beside the problem, unless they already say the same."""
    text = msgspec.json.format(msgspec.json.encode(proof.english), indent=2) + b"\n"
    for name, content in (("proof.json", text), ("proof.txt", report(proof).encode())):
        if (folder / name).is_file() and (folder / name).read_bytes() == content:
            continue
        writing.write(folder / name, content, writing.WHOLE)


def report(proof: Proof, told: Callable[[Words], str] = str) -> str:
    """The proof as a text, its sentences rendered by `told`; by default as proof.txt has them."""
    return "\n".join(map(told, _lines(proof))) + "\n"


def _lines(proof: Proof) -> Iterator[Words]:
    yield _head(proof)
    yield ""
    for finding in proof.findings:
        values = "".join(f", {name} {value:.4g}" for name, value in finding.values.items())
        parts = {"kind": f"{finding.kind:<9}", "name": finding.name, "found": finding.found, "values": values}
        if finding.right:
            yield sentence("ok  {kind} {name}: {found}{values}", **parts)
        else:
            yield sentence("NO  {kind} {name}: {found}{values}", **parts)
            yield sentence("              expected {expected}", expected=finding.expected)


def _head(proof: Proof) -> Sentence:
    parts = {"problem": proof.problem, "seed": proof.seed, "version": proof.mockexam, "seconds": f"{proof.seconds:.0f}"}
    if proof.right:
        return sentence("{problem}: proven, seed {seed}, mockexam {version}, {seconds} s", **parts)
    return sentence("{problem}: NOT proven, seed {seed}, mockexam {version}, {seconds} s", **parts)


def _facts(problem: Problem, seed: int) -> bytes:
    data = problem.data
    source = (data.kind, data.name, data.scale, data.hidden_split)
    return msgspec.json.encode((VERSION, seed, problem.uuid, problem.contract, problem.scoring, problem.limits, source))


def _is_text(problem: Problem, name: str) -> bool:
    """Whether the file is only read by people, or (problem.toml) enters the digests fact by fact."""
    return name in ("problem.toml", problem.data.notice) or name.startswith(("statement.", "hints."))


def _joined(digests: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(digests).encode()).hexdigest()
