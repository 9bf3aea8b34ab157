"""Read a pack from its folder: fast when it is right, every fault at once when it isn't."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

from mockexam.packs.faults import Fault, PackError, broken
from mockexam.packs.model import CEILINGS, FORMAT, Pack, PackFile, Problem, ProblemFile
from mockexam.packs.places import Place, key_lines, line_of
from mockexam.packs.semantics import Finding, pack_findings, problem_findings

Written = TypeVar("Written", PackFile, ProblemFile)

UPDATE = "Update mockexam: python -m pip install --upgrade mockexam."


class Page(Generic[Written]):
    """One TOML file as read. `content` is None when nothing of it can be used."""

    def __init__(self, file: Path, struct: type[Written]) -> None:
        self.file = file
        self.text = ""
        self.content: Written | None = None
        self.faults: list[Fault] = []
        self._touched: set[Place] = set()
        if (raw := self._parsed()) is not None and self._known_format(raw):
            try:
                self.content = _convert(raw, struct)
            except (msgspec.ValidationError, ValueError):
                self._examine(raw, struct)

    def add(self, findings: Iterable[Finding]) -> None:
        """Note what was found, but nothing about values that only stand in for faulty ones."""
        for finding in findings:
            if not any(_overlap(place, finding.place) for place in self._touched):
                self.faults.append(_fault(finding, self.file, self.text))

    def _parsed(self) -> dict[str, Any] | None:
        try:
            self.text = self.file.read_text("utf-8")
            return tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            line = re.search(r"at line (\d+)", str(error))
            advice = "Correct it; https://toml.io shows how TOML is written."
            self._refuse("toml", "TOML", str(error), advice, int(line[1]) if line else None)
        except UnicodeDecodeError as error:
            advice = "Save the file as UTF-8."
            self._refuse("encoding", "UTF-8", f"byte {error.object[error.start]:#x} at {error.start}", advice)
        except OSError as error:
            self._refuse("unreadable", "a file", error.strerror or str(error), "Check that it is there and readable.")
        return None

    def _known_format(self, raw: dict[str, Any]) -> bool:
        found = raw.get("format")
        if not isinstance(found, int) or found == FORMAT:
            return True
        expected, line = f"format {FORMAT}", line_of(key_lines(self.text), ("format",))
        if found > FORMAT:
            self._refuse("newer-format", expected, f"format {found}, written for a newer mockexam", UPDATE, line)
        else:
            advice = f"Set format = {FORMAT}, then run `mockexam pack check {self.file.parent}`."
            self._refuse("older-format", expected, f"format {found}, which no mockexam ever read", advice, line)
        return False

    def _refuse(self, code: str, expected: str, found: str, advice: str, line: int | None = None) -> None:
        fault = Fault(file=self.file, line=line, code=code, expected=expected, found=found, advice=advice)
        self.faults.append(fault)

    def _examine(self, raw: dict[str, Any], struct: type[Written]) -> None:
        from mockexam.packs import samples, schema  # the slow way: only a faulty file pays for jsonschema
        from mockexam.packs.faultfinding import Examination

        rules, sample = (
            (schema.pack_schema(), samples.PACK) if struct is PackFile else (schema.problem_schema(), samples.PROBLEM)
        )
        examination = Examination(self.file, self.text, raw, rules, sample)
        self.faults += examination.faults
        self._touched = examination.touched
        try:
            self.content = _convert(examination.mended, struct)
        except (msgspec.ValidationError, ValueError) as error:
            if not self.faults:
                self._refuse("bad-value", "values as docs/packs.md shows", str(error), "Correct it.")


class Examined(msgspec.Struct, frozen=True):
    """A pack folder as found: the pack when it can be used, and everything that is wrong with it."""

    pack: Pack | None
    faults: tuple[Fault, ...]


def examine(root: Path) -> Examined:
    """Read and check the pack in `root`; never raises for what an author wrote."""
    root = Path(root).resolve()
    page: Page[PackFile] = Page(root / "pack.toml", PackFile)
    pages = [Page(folder / "problem.toml", ProblemFile) for folder in problem_folders(root)]
    problems = [_problem(p.content, p.file.parent) for p in pages if p.content is not None]
    if page.content is not None:
        twins: dict[str, str] = {}
        for problem_page in pages:
            if problem_page.content is not None:
                problem = _problem(problem_page.content, problem_page.file.parent)
                problem_page.add(problem_findings(problem, page.content, twins))
        page.add(pack_findings(page.content, problems))
    faults = (*page.faults, *(fault for problem_page in pages for fault in problem_page.faults))
    if page.content is None or broken(faults):
        return Examined(None, faults)
    return Examined(_pack(page.content, problems, root), faults)


def read_pack(root: Path) -> Pack:
    """The pack in `root`; raises PackError with every fault."""
    examined = examine(root)
    if examined.pack is None:
        raise PackError(examined.faults)
    return examined.pack


def problem_folders(root: Path) -> list[Path]:
    """The folders of `root` that hold a problem, sorted by name."""
    try:
        names = sorted(path.name for path in root.iterdir() if path.name[0] not in "._")
    except OSError:
        return []
    return [root / name for name in names if (root / name / "problem.toml").is_file()]


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
    """Whether a number of the grader's structs, which state no ranges, is out of the range of the schema."""
    contract, scoring = written.contract, written.scoring
    at_least_one = [contract.max_bytes, contract.max_parameters, contract.max_layers, scoring.draw_size]
    at_least_one += [*contract.input_shape, *contract.output_shape]
    return (
        any(number is not None and number < 1 for number in at_least_one)
        or not (contract.formats and scoring.bars and 1 <= scoring.tests <= 20)
        or any(not 0 < getattr(written.limits, name) <= ceiling for name, ceiling in CEILINGS.items())
    )


def _problem(written: ProblemFile, folder: Path) -> Problem:
    values = {name: getattr(written, name) for name in written.__struct_fields__}
    return Problem(**values, folder=folder)


def _pack(written: PackFile, problems: list[Problem], root: Path) -> Pack:
    values = {name: getattr(written, name) for name in written.__struct_fields__ if name != "format"}
    ordered = tuple(sorted(problems, key=lambda problem: (problem.category, problem.id)))
    return Pack(**values, root=root, problems=ordered)


def _overlap(one: Place, two: Place) -> bool:
    shorter = min(len(one), len(two))
    return shorter > 0 and one[:shorter] == two[:shorter]


def _fault(finding: Finding, file: Path, text: str) -> Fault:
    if finding.file is not None:
        file, line = file.parent / finding.file, None
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
