"""Read a pack from its folder: fast when it is right, with every fault in one go when it isn't."""

from __future__ import annotations

import math
import os
import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec
import rtoml

from graders.sentences import Words, sentence
from mockexam.packs.format.faults import Fault, PackError, broken
from mockexam.packs.format.model import CEILINGS, FORMAT, LARGEST, Pack, PackFile, Problem, ProblemFile
from mockexam.packs.format.positions import Place, key_lines, line_of
from mockexam.packs.format.semantics import pack_findings, problem_findings
from mockexam.packs.format.texts import LARGEST_TEXT, Finding, encoding_finding, read_text, why_unread

Written = TypeVar("Written", PackFile, ProblemFile)

_LINE = re.compile(r"at line (\d+)")
# What the parser says of a key that is in the file twice.
_TWICE = re.compile(r"Cannot overwrite a value (.*)")
_TOO_DEEP = "recursion limit"  # untranslated: what the parser says
MOST_PARTS = 1000
"""Dots in one line of a file that isn't TOML, before it is looked at again."""

UPDATE = sentence("Update mockexam: python -m pip install --upgrade mockexam.")


class Page(Generic[Written]):
    """One TOML file as read. `content` is None when none of it can be used."""

    def __init__(self, file: Path, struct: type[Written]) -> None:
        self.file = file
        self.text = ""
        self.content: Written | None = None
        self.faults: list[Fault] = []
        self._touched: set[Place] = set()  # values there are made up, since those written can't be used
        self._wrong: set[Place] = set()
        if (raw := self._parsed()) is not None and self._known_format(raw):
            try:
                self.content = _convert(raw, struct)
                if ("inf" in self.text or "nan" in self.text) and any(True for _ in endless(raw)):
                    raise ValueError("a number is not finite")
            except (msgspec.ValidationError, ValueError):
                self._examine(raw, struct)

    def add(self, findings: Iterable[Finding]) -> None:
        """Note what was found, except about values that only stand in for faulty ones."""
        for finding in findings:
            if not any(_overlap(place, finding.place) for place in self._touched):
                self.faults.append(_fault(finding, self.file, self.text))
                if finding.severity == "error" and finding.place:
                    self._wrong.add(finding.place)

    def wrong(self, *tables: str) -> bool:
        """Whether something is wrong in one of these tables."""
        return any(place[:1] in ((), *((table,) for table in tables)) for place in self._touched | self._wrong)

    def _parsed(self) -> dict[str, Any] | None:
        try:
            self.text = read_text(str(self.file))
            return _table(self.text)
        except UnicodeDecodeError:
            self.faults.append(_fault(encoding_finding(self.file, self.file.name), self.file, ""))
        except OSError as error:
            advice = sentence("Check that it is there and readable.")
            expected = sentence("a file of at most {size} MiB", size=LARGEST_TEXT >> 20)
            self._refuse("unreadable", expected, why_unread(error), advice)
        except (ValueError, RecursionError) as error:  # the parser's own, too many digits, too deeply nested
            line = _LINE.search(str(error))
            advice = sentence("Correct it; https://toml.io shows how TOML is written.")
            self._refuse("toml", "TOML", _said_of(error), advice, int(line[1]) if line else None)
        return None

    def _known_format(self, raw: dict[str, Any]) -> bool:
        found = raw.get("format")
        if not isinstance(found, int) or found == FORMAT:
            return True
        expected = sentence("format {format}", format=FORMAT)
        line = line_of(key_lines(self.text), ("format",))
        if found > FORMAT:
            newer = sentence("format {format}, written for a newer mockexam", format=found)
            self._refuse("newer-format", expected, newer, UPDATE, line)
        else:
            advice = sentence(
                "Set format = {format}, then run `mockexam pack check {folder}`.",
                format=FORMAT,
                folder=self.file.parent,
            )
            older = sentence("format {format}, which no mockexam ever read", format=found)
            self._refuse("older-format", expected, older, advice, line)
        return False

    def _refuse(self, code: str, expected: Words, found: Words, advice: Words, line: int | None = None) -> None:
        fault = Fault(file=self.file, line=line, code=code, expected=expected, found=found, advice=advice)
        self.faults.append(fault)

    def _examine(self, raw: dict[str, Any], struct: type[Written]) -> None:
        from mockexam.packs.format import samples, schema  # the slow way: only a faulty file pays for jsonschema
        from mockexam.packs.format.validation import Examination

        rules, sample = (
            (schema.pack_schema(), samples.PACK) if struct is PackFile else (schema.problem_schema(), samples.PROBLEM)
        )
        examination = Examination(self.file, self.text, raw, rules, sample, list(endless(raw)))
        self.faults += examination.faults
        self._touched = examination.touched
        try:
            self.content = _convert(examination.mended, struct)
        except (msgspec.ValidationError, ValueError) as error:
            if not self.faults:
                expected = sentence("values as docs/packs.md shows")
                self._refuse("bad-value", expected, str(error), sentence("Correct it."))


class Examined(msgspec.Struct, frozen=True):
    """A pack folder as found: the pack when it can be used, and everything that is wrong with it."""

    pack: Pack | None
    faults: tuple[Fault, ...]


class Reading:
    """The pack in a folder as far as it can be read: `problems` has those that `pack check` can look into."""

    def __init__(self, root: Path) -> None:
        """Read and check it; never raises for what an author wrote."""
        self.root = Path(root).resolve()
        self._page: Page[PackFile] = Page(self.root / "pack.toml", PackFile)
        self._pages = [Page(folder / "problem.toml", ProblemFile) for folder in problem_folders(self.root)]
        pack, twins = self._page.content, dict[str, str]()
        known = [(p, _problem(p.content, p.file.parent, pack)) for p in self._pages if p.content is not None]
        self.problems = [problem for _, problem in known]
        self._unsettled: set[Path] = set()
        for page, problem in known:
            page.add(problem_findings(problem, pack, twins))
            if page.wrong("contract", "scoring", "data"):
                self._unsettled.add(problem.folder)
        if pack is not None:
            self._page.add(pack_findings(pack, self.problems, whole=len(known) == len(self._pages)))

    def settled(self, problem: Problem) -> bool:
        """Whether nothing is wrong in what problem.toml says about the problem's model, tests and data."""
        return problem.folder not in self._unsettled

    def examined(self) -> Examined:
        """The pack when it can be used, and every fault."""
        faults = (*self._page.faults, *(fault for page in self._pages for fault in page.faults))
        if self._page.content is None or broken(faults):
            return Examined(None, faults)
        return Examined(_pack(self._page.content, self.problems, self.root), faults)


def examine(root: Path) -> Examined:
    """Read and check the pack in `root`; never raises for what an author wrote."""
    return Reading(root).examined()


def read_pack(root: Path) -> Pack:
    """The pack in `root`; raises PackError with every fault."""
    examined = examine(root)
    if examined.pack is None:
        raise PackError(examined.faults)
    return examined.pack


def problem_folders(root: Path) -> list[Path]:
    """The folders of `root` that hold a problem, sorted by name."""
    try:
        with os.scandir(root) as found:
            names = sorted(one.name for one in found if one.name[0] not in "._")
    except OSError:
        return []
    return [folder for name in names if (folder := root / name).joinpath("problem.toml").exists()]


def _table(text: str) -> dict[str, Any]:
    """The TOML document; raises ValueError or RecursionError, whose text names the line."""
    try:
        return rtoml.loads(text)
    except ValueError as error:
        # The standard library words its errors more plainly, and takes gigabytes for a key of many parts.
        if _TOO_DEEP in str(error) or any(line.count(".") > MOST_PARTS for line in text.splitlines()):
            raise ValueError(_TOO_DEEP) from None
        return tomllib.loads(text)


def _said_of(error: ValueError | RecursionError) -> Words:
    """The parser's message, which is always English, or a sentence in place of one that only programmers understand."""
    said = str(error)
    if _TOO_DEEP in said:
        return sentence("keys that are nested too deeply")
    if twice := _TWICE.fullmatch(said):
        return sentence("a key that is there already {place}", place=twice[1])
    return said


def _convert(raw: dict[str, Any], struct: type[Written]) -> Written:
    contract = raw.get("contract")
    if struct is ProblemFile and isinstance(contract, dict):
        raw = {**raw, "contract": {key: _lengths(key, value) for key, value in contract.items()}}
    written = msgspec.convert(raw, struct, str_keys=True)
    if isinstance(written, ProblemFile) and _against_schema(written):
        raise ValueError("a number is out of its range")
    return written


def _lengths(key: str, value: Any) -> Any:
    if key.endswith("_shape") and isinstance(value, list):
        return [None if item == "any" else item for item in value]
    return value


def _against_schema(written: ProblemFile) -> bool:
    """Whether a number in the grader's structs, which state no ranges, is out of the schema's range."""
    contract, scoring = written.contract, written.scoring
    bounded = [("length", length) for length in (*contract.input_shape, *contract.output_shape)]
    bounded += [("max_bytes", contract.max_bytes), ("max_parameters", contract.max_parameters)]
    bounded += [("max_layers", contract.max_layers), ("draw_size", scoring.draw_size)]
    limits = msgspec.structs.asdict(written.limits)
    return (
        any(number is not None and not 1 <= number <= LARGEST[name] for name, number in bounded)
        or len(set(written.languages)) != len(written.languages)
        or scoring.precision is not msgspec.UNSET
        or not (contract.formats and scoring.thresholds and 1 <= scoring.tests <= 20)
        or any(not 0 < limits[name] <= ceiling for name, ceiling in CEILINGS.items())
    )


def _problem(written: ProblemFile, folder: Path, pack: PackFile | None) -> Problem:
    """The problem, scored with the precision that the pack states."""
    fields = msgspec.structs.asdict(written)
    if pack is not None:
        fields["scoring"] = msgspec.structs.replace(written.scoring, precision=pack.form.precision)
    return Problem(**fields, folder=folder)


def _pack(written: PackFile, problems: list[Problem], root: Path) -> Pack:
    values = {name: value for name, value in msgspec.structs.asdict(written).items() if name != "format"}
    ordered = tuple(sorted(problems, key=lambda problem: (problem.category, problem.id)))
    return Pack(**values, root=root, problems=ordered)


def endless(node: Any, place: Place = ()) -> Iterator[Place]:
    """The places of infinities and NaNs, which TOML allows and nothing here can use."""
    if isinstance(node, float) and not math.isfinite(node):
        yield place
    elif isinstance(node, dict | list):
        for key, item in node.items() if isinstance(node, dict) else enumerate(node):
            yield from endless(item, (*place, key))


def _overlap(one: Place, two: Place) -> bool:
    shorter = min(len(one), len(two))
    return shorter > 0 and one[:shorter] == two[:shorter]


def _fault(finding: Finding, file: Path, text: str) -> Fault:
    if finding.file is not None:
        file, line = file.parent / finding.file, finding.line
    else:
        line = line_of(key_lines(text), finding.place)
    return Fault(
        file=file,
        line=line,
        code=finding.code,
        expected=finding.expected,
        found=finding.found,
        advice=finding.advice,
        severity=finding.severity,
    )
