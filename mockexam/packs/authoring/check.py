"""Everything about a pack that can be found out without training: `mockexam pack check`."""

from __future__ import annotations

import ast
import csv
import difflib
import re
import stat
import tempfile
import unicodedata
import warnings
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

import msgspec

from graders.sentences import Sentence, Words, sentence, sentences
from mockexam.packs.authoring.archive import MOST_BYTES, MOST_MEMBERS
from mockexam.packs.authoring.proof import kept, standing
from mockexam.packs.format.digest import file_digest
from mockexam.packs.format.faults import Fault
from mockexam.packs.format.model import ENCODING, Problem, fill
from mockexam.packs.format.positions import key_lines, line_of
from mockexam.packs.format.reading import Examined, Reading
from mockexam.packs.format.skills import SKILLS
from mockexam.packs.format.texts import PLACEHOLDER, read_text
from mockexam.packs.workers import client
from mockexam.packs.workers.requests import (
    DrawTwice,
    Inspect,
    Inspected,
    Inspection,
    ReadArrays,
    ReadNothing,
    ReadPictures,
    Refused,
)

SECONDS = 60.0
LARGE_BYTES = 50 << 20
# Names that Windows or an archive can't hold; a lone surrogate stands for a byte that isn't UTF-8.
UNWRITABLE = re.compile(r'[<>:"\\|?*\x00-\x1f\ud800-\udfff]|[ .]$')
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?$", re.IGNORECASE)
TELLING = 14  # the length from which a line of the solution gives something away
SHORT_OF_CODE = re.compile(r"[=().\[\]]")


def check(root: Path) -> Examined:
    """Read the pack in `root` and look at all its files; the only code of the pack that is run is its generators."""
    reading = Reading(root)
    examined = reading.examined()
    faults = [*examined.faults, *_files(root)]
    for problem in reading.problems:
        faults += _scripts(problem)
        faults += _hints(problem)
        faults += _handed_out(problem)
        faults += _tables(problem)
        faults += _languages(problem)
        faults += _skills(problem)
        faults += _old_proof(problem)
    faults += _hidden_sets([problem for problem in reading.problems if reading.settled(problem)])
    return Examined(examined.pack, tuple(faults))


def _text(path: Path) -> str | None:
    """A text; None when it isn't there or can't be read, which the reading of the pack has already reported."""
    try:
        return read_text(str(path))
    except (OSError, UnicodeDecodeError):
        return None


def _fault(
    file: Path,
    code: str,
    expected: Words,
    found: Words,
    advice: Words,
    line: int | None = None,
    *,
    warning: bool = False,
) -> Fault:
    severity: Any = "warning" if warning else "error"
    return Fault(file=file, line=line, code=code, expected=expected, found=found, advice=advice, severity=severity)


def _files(root: Path) -> Iterator[Fault]:
    """Files that can't be packed: links, devices, names that other systems can't write, and too many bytes."""
    total = files = 0
    lowered: dict[str, Path] = {}
    for path in sorted(root.rglob("*")):
        if any(part.startswith(".") or part == "__pycache__" for part in path.relative_to(root).parts):
            continue
        mode = path.lstat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            expected, found = sentence("a plain file or folder"), sentence("a link or a device")
            yield _fault(path, "link", expected, found, sentence("Put the file itself there."))
            continue
        if stat.S_ISREG(mode):
            total, files = total + path.lstat().st_size, files + 1
        if (twin := lowered.setdefault(unicodedata.normalize("NFC", str(path)).casefold(), path)) != path:
            found = sentence("{file} beside {other}", file=path.name, other=twin.name)
            expected = sentence("names that differ in more than case or the form of accents")
            yield _fault(path, "same-name", expected, found, sentence("Rename one of them."))
        if UNWRITABLE.search(path.name) or RESERVED.match(path.name):
            advice = sentence("Use letters, digits, dots, hyphens and underscores.")
            expected = sentence("a name that every system can write")
            yield _fault(path, "bad-name", expected, ascii(path.name), advice)
        if path.parent == root and (path / "statement.md").exists() and not (path / "problem.toml").exists():
            advice = sentence("Write it, or correct its name; a folder of drafts may be called `_drafts`.")
            found = sentence("a statement without it")
            yield _fault(path, "no-problem-file", "problem.toml", found, advice, warning=True)
        if path.name == "problem.toml" and path.parent.parent != root:
            advice = sentence("Move its folder beside pack.toml, or rename the file.")
            found = sentence("one that is never read")
            expected = sentence("problem.toml in a folder beside pack.toml")
            yield _fault(path, "stray-problem", expected, found, advice, warning=True)
    if files > MOST_MEMBERS - 1:  # an archive also has a label
        advice = sentence("Pack the data into fewer.")
        expected = sentence("at most {count} files", count=f"{MOST_MEMBERS - 1:,}")
        yield _fault(root, "many-files", expected, f"{files:,}", advice)
    if total > LARGE_BYTES:
        most = LARGE_BYTES if total <= MOST_BYTES else MOST_BYTES
        expected, found = sentence("at most {size} MiB", size=most >> 20), sentence("{size} MiB", size=total >> 20)
        advice = sentence("Subsample or compress the data.")
        yield _fault(root, "large", expected, found, advice, warning=total <= MOST_BYTES)


def _scripts(problem: Problem) -> Iterator[Fault]:
    """Python that doesn't parse, and a starter or a solution that doesn't do its job."""
    for path in sorted(problem.folder.glob("*.py")):
        if (text := _text(path)) is None:
            continue
        if path.name == "starter.py":
            drawn = dict.fromkeys(PLACEHOLDER.findall(text), "0")
            text = fill(text, drawn | {"target": problem.target, "title": problem.title})
        try:
            with warnings.catch_warnings(action="ignore"):
                ast.parse(text)
        except (RecursionError, MemoryError):  # both are Python's for brackets in brackets
            yield _fault(path, "syntax", "Python", sentence("brackets nested too deep"), sentence("Correct it."))
        except (SyntaxError, ValueError) as error:
            found, line = (error.msg, error.lineno) if isinstance(error, SyntaxError) else (str(error), None)
            yield _fault(path, "syntax", "Python", found, sentence("Correct it."), line)
        if path.name == "starter.py" and "YOUR CODE HERE" not in text:
            advice = sentence("Mark with `# YOUR CODE HERE` what the candidate has to write.")
            expected = sentence("a gap marked YOUR CODE HERE")
            yield _fault(path, "no-gap", expected, sentence("none"), advice, warning=True)
        if path.name in ("starter.py", "solution.py") and "mymodel" not in text:
            advice = sentence('End it with model.save(HERE / "mymodel.h5").')
            expected = sentence("the model to be saved as mymodel.h5")
            yield _fault(path, "no-save", expected, sentence("no mention of it"), advice)


def leaked_lines(hints: str, solution: str, known: str) -> Iterator[tuple[int, str]]:
    """Lines of the solution's code that are in the hints word for word but not in `known`: (line of hints, code)."""
    squeezed = "".join(known.split())
    telling = {
        "".join(line.split()): line.strip()
        for line in solution.splitlines()
        if len(line.strip()) >= TELLING and SHORT_OF_CODE.search(line) and not line.strip().startswith(("#", '"'))
    }
    flat = ["".join(hint.split()) for hint in hints.splitlines()]
    starts = [0, *accumulate(len(hint) for hint in flat)]
    whole = "".join(flat)  # the hints may break one line of code into several
    for code, line in telling.items():
        if code not in squeezed and (place := whole.find(code)) >= 0:
            yield bisect_right(starts, place), line


def _hints(problem: Problem) -> Iterator[Fault]:
    hints, solution = _text(problem.folder / "hints.md"), _text(problem.solution_path)
    if hints is None or solution is None:
        return
    known = "\n".join(_text(problem.folder / name) or "" for name in ("starter.py", "statement.md"))
    for number, line in leaked_lines(hints, solution, known):
        advice = sentence("Say it in words: name the idea, not the code.")
        expected = sentence("hints without the solution's code")
        found = sentence("a line of solution.py: {code}", code=line[:60])
        yield _fault(problem.folder / "hints.md", "leak", expected, found, advice, number)


def _skills(problem: Problem) -> Iterator[Fault]:
    """A skill that is nearly one of the handbook's is taken for a misspelling; others are the pack's own."""
    path = problem.folder / "problem.toml"
    for skill in problem.skills:
        if skill not in SKILLS and (near := difflib.get_close_matches(skill, SKILLS, n=1, cutoff=0.85)):
            line = line_of(key_lines(path.read_text(ENCODING)), ("skills",))
            advice = sentence('Did you mean "{value}"?', value=near[0])
            expected = sentence("a skill of the handbook, or one of your own")
            yield _fault(path, "misspelt-skill", expected, f'"{skill}"', advice, line, warning=True)


def _old_proof(problem: Problem) -> Iterator[Fault]:
    """A proof that isn't one of what the problem is now, or says that something is wrong with it."""
    found = kept(problem, None, ())
    if found is None or found.right:
        return
    expected, advice = sentence("a proof of all that is tried today"), sentence("Run `mockexam pack prove`.")
    told = standing(problem, found).words
    yield _fault(problem.folder / "proof.json", "old-proof", expected, told, advice, warning=True)


def _languages(problem: Problem) -> Iterator[Fault]:
    """A translation that will never be used, because problem.toml doesn't name its language."""
    for path in sorted(problem.folder.glob("statement.*.md")):
        language = path.name.removeprefix("statement.").removesuffix(".md")
        if language not in problem.languages[1:]:
            advice = sentence(
                'Add "{language}" to languages in problem.toml, after the language of statement.md.', language=language
            )
            expected = sentence("a language that problem.toml names")
            yield _fault(path, "stray-statement", expected, f'"{language}"', advice, warning=True)


def _handed_out(problem: Problem) -> Iterator[Fault]:
    """A hidden file, or a copy of one, among the files that the candidate gets."""
    # Sizes first: only files of the same size are worth a digest.
    sizes: dict[int, list[Path]] = {}
    for path in sorted((problem.folder / "hidden").rglob("*")):
        if path.is_file():
            sizes.setdefault(path.stat().st_size, []).append(path)
    digests: dict[int, dict[str, Path]] = {}
    for path in sorted((problem.folder / "data").rglob("*")):
        if not path.is_file():
            continue
        if path.name == "hidden.npz":
            expected, advice = sentence("no hidden set in data/"), sentence("Move it to hidden/.")
            yield _fault(path, "hidden-public", expected, path.name, advice)
        elif (size := path.stat().st_size) in sizes:
            if size not in digests:
                digests[size] = {file_digest(other): other for other in sizes[size]}
            if copy := digests[size].get(file_digest(path)):
                expected = sentence("public and hidden files that differ")
                found = sentence("a copy of {file}", file=copy.name)
                yield _fault(path, "hidden-public", expected, found, sentence("Take it out of one of the two."))


def _tables(problem: Problem) -> Iterator[Fault]:
    """Tables among the public files that no candidate can read as they are: empty ones, and rows with cells missing."""
    for path in sorted((problem.folder / "data").rglob("*.csv")):
        try:
            with path.open(encoding=ENCODING, newline="") as file:
                wrong, rows = _wrong_rows(csv.reader(file))
        except (OSError, UnicodeDecodeError, csv.Error):
            continue  # another encoding, or not a table
        if not rows:
            expected, advice = sentence("a table"), sentence("Write it again, or remove it.")
            yield _fault(path, "empty-table", expected, sentence("nothing"), advice, warning=True)
        if wrong:
            line, found = wrong[0]
            if len(wrong) > 1:
                found = sentence("{gap} ({rows} rows are like that)", gap=found, rows=len(wrong))
            advice = sentence("Fill it in, or write what stands for a missing value, as in NaN.")
            expected = sentence("a value in every cell")
            yield _fault(path, "gap-in-table", expected, found, advice, line, warning=True)


def _wrong_rows(reader: Any) -> tuple[list[tuple[int, Sentence]], int]:
    """Line and fault of each row with an empty cell or a width other than the first row's; and the number of rows."""
    wrong, width, rows = [], None, 0
    for row in reader:
        if not row:
            continue
        rows, width = rows + 1, width or len(row)
        if len(row) != width:
            wrong.append((reader.line_num, _too_few_or_many(len(row), width)))
        elif not all(row):
            wrong.append((reader.line_num, sentence("an empty cell {number}", number=row.index("") + 1)))
    return wrong, rows


def _too_few_or_many(cells: int, width: int) -> Sentence:
    return sentences(
        "{count} cell where the first row has {width}",
        "{count} cells where the first row has {width}",
        count=cells,
        width=width,
    )


def _hidden_sets(problems: Sequence[Problem]) -> Iterator[Fault]:
    """Hidden sets that don't fit their contracts; one worker looks at all of them."""
    with tempfile.TemporaryDirectory(prefix="mockexam-") as scratch:
        jobs = [_inspection(problem, Path(scratch, str(number))) for number, problem in enumerate(problems)]
        results = list(_inspected(jobs)) if jobs else []
    for problem, result in zip(problems, results, strict=True):
        if isinstance(result, Refused):
            yield _fault(_data_place(problem), "data", result.expected, result.found, result.advice, result.line)
        else:
            yield from _rows(problem, result.rows)
            yield from _classes(problem, result.missing)
            yield from _values(problem, result.values)


def _inspected(jobs: Sequence[Inspection]) -> Iterator[Inspected | Refused]:
    """What the worker found for each job; if one of them kills the worker, each is run again in its own."""
    try:
        yield from client.ask(Inspect(jobs=tuple(jobs)), seconds=SECONDS, progress=lambda *_: None).results
    except client.ChildError as error:
        if len(jobs) == 1:
            yield Refused.of(error)
            return
        for job in jobs:
            yield from _inspected([_elsewhere(job)])


def _elsewhere(job: Inspection) -> Inspection:
    """The same job in a fresh folder."""
    if isinstance(job, DrawTwice):
        return msgspec.structs.replace(job, scratch=job.scratch.with_name(f"{job.scratch.name}-alone"))
    return job


def _inspection(problem: Problem, scratch: Path) -> Inspection:
    """What the worker is to inspect: the generator, the .npz, or the pictures of the hidden set."""
    hidden = problem.folder / "hidden"
    if problem.data.kind == "generator":
        return DrawTwice(script=problem.folder / "generator.py", scratch=scratch, expected=problem.expected)
    if (hidden / "hidden.npz").is_file():
        return ReadArrays(hidden=hidden / "hidden.npz", expected=problem.expected)
    if problem.data.hidden_split or problem.data.kind == "download":
        return ReadNothing()
    return ReadPictures(folder=hidden, expected=problem.expected)


def _data_place(problem: Problem) -> Path:
    """Where a fault in a hidden set has to be mended."""
    if problem.data.kind == "generator":
        return problem.folder / "generator.py"
    hidden = problem.folder / "hidden"
    return hidden / "hidden.npz" if (hidden / "hidden.npz").is_file() else hidden


def _rows(problem: Problem, rows: int | None) -> Iterator[Fault]:
    size = problem.scoring.draw_size
    if rows is not None and size is not None and rows < size:
        advice = sentence("Lower draw_size in problem.toml, or ship more hidden rows.")
        place = problem.folder / "problem.toml"
        expected = sentence("at least draw_size = {size} hidden rows", size=size)
        yield _fault(place, "few-rows", expected, str(rows), advice)
    elif rows is not None and rows < 100:
        advice = sentence("Ship at least 100, so that a score says something about the model.")
        place = problem.folder / "problem.toml"
        yield _fault(place, "few-rows", sentence("at least 100 hidden rows"), str(rows), advice, warning=True)


def _classes(problem: Problem, missing: tuple[int, ...]) -> Iterator[Fault]:
    if missing:
        expected = sentence("hidden rows of every class")
        found = sentence("none of class {numbers}", numbers=", ".join(map(str, missing)))
        advice = sentence("Ship some, or correct output_shape in problem.toml.")
        yield _fault(problem.folder / "problem.toml", "no-class", expected, found, advice, warning=True)


def _values(problem: Problem, values: tuple[str, ...] | None) -> Iterator[Fault]:
    """Names in the texts for which the generator returned no value."""
    if values is None:
        return
    known = {*values, "target", "title"}
    for name in ("statement.md", *(f"statement.{x}.md" for x in problem.languages[1:]), "starter.py"):
        path = problem.folder / name
        for number, line in enumerate((_text(path) or "").splitlines(), start=1):
            for unknown in sorted(set(PLACEHOLDER.findall(line)) - known):
                expected = sentence("one of {names}", names=", ".join(sorted(known)))
                advice = sentence("Return it from generate(), or correct its name.")
                yield _fault(path, "unknown-value", expected, "{{" + unknown + "}}", advice, number)
