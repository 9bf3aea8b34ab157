"""Proofs: what was tried with a problem, what came of it, and which parts of that still hold."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Literal, get_args

import msgspec
from msgspec import NODEFAULT
from msgspec.structs import FieldInfo, fields

from graders.sentences import Sentence, Words, sentence
from mockexam.files import writing
from mockexam.packs.format.digest import content_files, file_digest
from mockexam.packs.format.model import Problem

VERSION = 2  # of what is proven; after a change everything is proven again
Kind = Literal["data", "hints", "starter", "control", "order", "contract", "weak", "reference", "oracle"]
KINDS: tuple[Kind, ...] = get_args(Kind)
# What each part of a proof depends on besides the data, the contract and the scoring: scripts, and how long the
# solution may take. Hints, and the rules of the exam, are not among them: they are read again every time.
SCRIPTS: dict[Kind, tuple[str, ...]] = {
    "data": (),
    "starter": ("starter.py",),
    "control": (),
    "order": (),
    "contract": (),
    "weak": ("solution.py", "weak.py"),
    "reference": ("solution.py", "train_minutes"),
    "oracle": (),
}
# What contract, scoring and limits said when VERSION was last raised. Their other fields enter a digest only where a
# pack sets them: an older proof still holds for a pack that leaves them alone.
FIRST_FIELDS = frozenset(
    {"input_shape", "output_shape", "input_dtype", "activation", "formats", "max_bytes", "max_parameters", "max_layers"}
    | {"lambda_allowed", "bars", "mode", "tests", "draw_size", "ladder"}
    | {"wall_seconds", "cpu_seconds", "resident_bytes", "address_bytes"}
)


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
    def settled(self) -> Proof:
        """The same without the kinds of which something isn't right: they are to be tried again."""
        wrong = {finding.kind for finding in self.findings if not finding.right}
        parts = {kind: digest for kind, digest in self.parts.items() if kind not in wrong}
        return msgspec.structs.replace(self, parts=parts)

    @property
    def english(self) -> Proof:
        """The same, with its words in English, as files have them."""
        return msgspec.structs.replace(self, findings=tuple(finding.english for finding in self.findings))


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a problem stands: the kinds of findings whose subject has changed since, and those that came later.

    States: "none" has no proof of what it is now, "changed" one of a part of it, "wrong" findings that aren't right.
    """

    state: Literal["none", "changed", "wrong", "proven"]
    changed: tuple[Kind, ...] = ()
    newer: tuple[Kind, ...] = ()

    @property
    def words(self) -> Sentence:
        """In a few words."""
        stands = {
            "none": sentence("no proof of what it is now"),
            "changed": sentence("no proof of what it is now ({lacking})", lacking=", ".join(self.changed)),
            "wrong": sentence("NOT proven"),
            "proven": sentence("proven"),
        }[self.state]
        if not self.newer:
            return stands
        return sentence("{standing}; not tried: {kinds}", standing=stands, kinds=", ".join(self.newer))


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


def kept(problem: Problem, seed: int | None, hints: Iterable[Finding]) -> Proof | None:
    """What still holds of the proof beside the problem, with `hints` as given; None when there is no proof.

    Without a seed that of the proof.
    """
    if (proof := _written(problem)) is None:
        return None
    seed = proof.seed if seed is None else seed
    now = parts_of(problem, seed)
    parts = {kind: digest for kind, digest in now.items() if proof.parts.get(kind) == digest and proof.seed == seed}
    parts |= {kind: now[kind] for kind in _idle(problem)}
    findings = [finding for finding in proof.findings if finding.kind in parts]
    return msgspec.structs.replace(proof, seed=seed, parts=parts, findings=ordered([*findings, *hints]))


def standing(problem: Problem, found: Proof | None) -> Standing:
    """How the problem stands with what is `kept` of its proof."""
    if found is None or not set(found.parts) - _idle(problem):
        return Standing(state="none")
    proof = _written(problem)
    newer = tuple(kind for kind in found.lacking if proof is not None and kind not in proof.parts)
    changed = tuple(kind for kind in found.lacking if kind not in newer)
    right = all(finding.right for finding in found.findings)
    return Standing(state="changed" if changed else "proven" if right else "wrong", changed=changed, newer=newer)


def standing_of(problems: Iterable[Problem]) -> Sentence:
    """How a pack's problems stand, in a few words."""
    found = [standing(problem, kept(problem, None, ())) for problem in problems]
    proven = sum(each.state == "proven" for each in found)
    if not proven:
        return sentence("none")
    newer = ", ".join(kind for kind in SCRIPTS if any(kind in each.newer for each in found))
    if newer:
        return sentence("{proven} of {count}; not tried: {kinds}", proven=proven, count=len(found), kinds=newer)
    return sentence("{proven} of {count}", proven=proven, count=len(found))


def _written(problem: Problem) -> Proof | None:
    """The proof beside the problem as it was written, whatever has changed since."""
    try:
        return msgspec.json.decode((problem.folder / "proof.json").read_bytes(), type=Proof)
    except (OSError, msgspec.MsgspecError, RecursionError):
        return None


def _idle(problem: Problem) -> frozenset[Kind]:
    """The kinds of which there is nothing to try with this problem."""
    return frozenset() if problem.foretells else frozenset({"order"})


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
        told = finding.values if finding.kind != "oracle" else {}  # which says them in words
        values = "".join(f", {name} {value:.4g}" for name, value in told.items())
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
    said = [_said(struct) for struct in (problem.contract, problem.scoring, problem.limits)]
    return msgspec.json.encode((VERSION, seed, problem.uuid, *said, source))


def _said(struct: msgspec.Struct) -> dict[str, object]:
    """The fields of a struct without those that came later and are left alone."""
    left_alone = {
        field.encode_name
        for field in fields(struct)
        if field.encode_name not in FIRST_FIELDS and getattr(struct, field.name) == _default(field)
    }
    return {name: value for name, value in msgspec.to_builtins(struct).items() if name not in left_alone}


def _default(field: FieldInfo) -> object:
    return field.default if field.default_factory is NODEFAULT else field.default_factory()


def _is_text(problem: Problem, name: str) -> bool:
    """Whether the file is only read by people, or (problem.toml) enters the digests fact by fact."""
    return name in ("problem.toml", problem.data.notice) or name.startswith(("statement.", "hints."))


def _joined(digests: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(digests).encode()).hexdigest()
