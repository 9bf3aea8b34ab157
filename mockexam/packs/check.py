"""Everything about a pack that can be found out without training: `mockexam pack check`."""

from __future__ import annotations

import ast
import re
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from mockexam.packs import children
from mockexam.packs.digest import file_digest
from mockexam.packs.faults import Fault
from mockexam.packs.model import Pack, Problem, fill
from mockexam.packs.reading import Examined, examine
from mockexam.packs.semantics import PLACEHOLDER

SECONDS = 60.0
LARGE_BYTES = 50 << 20
TELLING = 14  # characters from which on a line of the solution gives something away
SHORT_OF_CODE = re.compile(r"[=().\[\]]")


def check(root: Path) -> Examined:
    """Read the pack in `root` and look at all its files; code of the pack runs only to draw data (generators)."""
    examined = examine(root)
    faults = [*examined.faults, *_files(root)]
    if examined.pack is not None:
        for problem in examined.pack.problems:
            faults += _scripts(problem)
            faults += _hints(problem)
            faults += _handed_out(problem)
        faults += _hidden_sets(examined.pack)
    return Examined(examined.pack, tuple(faults))


def _fault(
    file: Path, code: str, expected: str, found: str, advice: str, line: int | None = None, *, warning: bool = False
) -> Fault:
    severity: Any = "warning" if warning else "error"
    return Fault(file=file, line=line, code=code, expected=expected, found=found, advice=advice, severity=severity)


def _files(root: Path) -> Iterator[Fault]:
    """Files that can't travel: links, devices, names that another system can't write, and too many bytes."""
    total = 0
    lowered: dict[str, Path] = {}
    for path in sorted(root.rglob("*")):
        if any(part.startswith(".") or part == "__pycache__" for part in path.relative_to(root).parts):
            continue
        mode = path.lstat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            yield _fault(path, "link", "a plain file or folder", "a link or a device", "Put the file itself there.")
            continue
        total += path.lstat().st_size if stat.S_ISREG(mode) else 0
        if (twin := lowered.setdefault(str(path).lower(), path)) != path:
            found = f"{path.name} beside {twin.name}"
            yield _fault(path, "same-name", "names that differ in more than case", found, "Rename one of them.")
        if re.search(r'[<>:"\\|?*\x00-\x1f]', path.name) or path.name.endswith((" ", ".")):
            advice = "Use letters, digits, dots, hyphens and underscores."
            yield _fault(path, "bad-name", "a name that every system can write", repr(path.name), advice)
    if total > LARGE_BYTES:
        expected, found = f"at most {LARGE_BYTES >> 20} MiB", f"{total >> 20} MiB"
        yield _fault(root, "large", expected, found, "Subsample or compress the data.", warning=True)


def _scripts(problem: Problem) -> Iterator[Fault]:
    """Python that doesn't parse, and a starter that doesn't fit its purpose."""
    values = dict.fromkeys(PLACEHOLDER.findall((problem.folder / "starter.py").read_text("utf-8", "replace")), "0")
    for path in sorted(problem.folder.glob("*.py")):
        text = path.read_text("utf-8", "replace")
        try:
            ast.parse(fill(text, values) if path.name == "starter.py" else text)
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None)
            yield _fault(path, "syntax", "Python", getattr(error, "msg", str(error)), "Correct it.", line)
    starter = problem.folder / "starter.py"
    text = starter.read_text("utf-8", "replace")
    if "YOUR CODE HERE" not in text:
        advice = "Mark with `# YOUR CODE HERE` what the candidate has to write."
        yield _fault(starter, "no-gap", "a gap marked YOUR CODE HERE", "none", advice, warning=True)
    if "mymodel" not in text:
        advice = 'End it with model.save(HERE / "mymodel.h5").'
        yield _fault(starter, "no-save", "the model to be saved as mymodel.h5", "no mention of it", advice)
    if "mymodel" not in problem.solution_path.read_text("utf-8", "replace"):
        advice = 'End it with model.save(HERE / "mymodel.h5").'
        yield _fault(
            problem.solution_path, "no-save", "the model to be saved as mymodel.h5", "no mention of it", advice
        )


def leaked_lines(hints: str, solution: str, known: str) -> Iterator[tuple[int, str]]:
    """Lines of the solution's code that stand in the hints word for word and not in `known`: (line of hints, code)."""
    squeezed = "".join(known.split())
    telling = {
        "".join(line.split()): line.strip()
        for line in solution.splitlines()
        if len(line.strip()) >= TELLING and SHORT_OF_CODE.search(line) and not line.strip().startswith(("#", '"'))
    }
    for number, hint in enumerate(hints.splitlines(), start=1):
        flat = "".join(hint.split())
        for code, line in telling.items():
            if code in flat and code not in squeezed:
                yield number, line


def _hints(problem: Problem) -> Iterator[Fault]:
    if (hints := problem.hints) is None:
        return
    known = problem.starter + problem.statement()
    for number, line in leaked_lines(hints, problem.solution_path.read_text("utf-8", "replace"), known):
        advice = "Say it in words: name the idea, not the code."
        found = f"a line of solution.py: {line[:60]}"
        yield _fault(problem.folder / "hints.md", "leak", "hints without the solution's code", found, advice, number)


def _handed_out(problem: Problem) -> Iterator[Fault]:
    """A hidden file, or a copy of one, among what the candidate gets."""
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
            yield _fault(path, "hidden-public", "no hidden set in data/", path.name, "Move it to hidden/.")
        elif (size := path.stat().st_size) in sizes:
            if size not in digests:
                digests[size] = {file_digest(other): other for other in sizes[size]}
            if copy := digests[size].get(file_digest(path)):
                found, advice = f"a copy of {copy.name}", "Take it out of one of the two."
                yield _fault(path, "hidden-public", "public and hidden files that differ", found, advice)


def _hidden_sets(pack: Pack) -> Iterator[Fault]:
    """Hidden sets that don't fit their contracts; one child looks at all of them."""
    with tempfile.TemporaryDirectory(prefix="mockexam-") as scratch:
        jobs = [_survey(problem, Path(scratch, problem.id)) for problem in pack.problems]
        request = {"action": "survey", "jobs": jobs}
        try:
            answer = children.ask("mockexam.packs.data_process", request, seconds=SECONDS, progress=lambda *_: None)
        except children.ChildError as error:
            yield _fault(pack.root, "data", error.expected, error.found, error.advice)
            return
    for problem, result in zip(pack.problems, answer["results"], strict=True):
        if "refused" in result:
            refused = result["refused"]
            yield _fault(problem.folder, "data", refused["expected"], refused["found"], refused["advice"])
        else:
            yield from _rows(problem, result["rows"])
            yield from _values(problem, result["values"])


def _survey(problem: Problem, scratch: Path) -> dict[str, Any]:
    """What the child has to look at: the generator, the .npz, or the pictures of the hidden set."""
    hidden = problem.folder / "hidden"
    job: dict[str, Any] = {"kind": "pictures", "hidden": str(hidden), "contract": msgspec.to_builtins(problem.contract)}
    if problem.data.kind == "generator":
        job |= {"kind": "generator", "script": str(problem.folder / "generator.py"), "scratch": str(scratch)}
    elif (hidden / "hidden.npz").is_file():
        job |= {"kind": "npz", "hidden": str(hidden / "hidden.npz")}
    elif problem.data.hidden_split:
        job |= {"kind": "nothing"}
    return job


def _rows(problem: Problem, rows: int | None) -> Iterator[Fault]:
    size = problem.scoring.draw_size
    if rows is not None and size is not None and rows < size:
        advice = "Lower draw_size in problem.toml, or ship more hidden rows."
        place = problem.folder / "problem.toml"
        yield _fault(place, "few-rows", f"at least draw_size = {size} hidden rows", str(rows), advice)
    elif rows is not None and rows < 100:
        advice = "Ship at least 100, so that a score says something about the model."
        place = problem.folder / "problem.toml"
        yield _fault(place, "few-rows", "at least 100 hidden rows", str(rows), advice, warning=True)


def _values(problem: Problem, values: list[str] | None) -> Iterator[Fault]:
    """Names in the texts that the generator didn't return a value for."""
    if values is None:
        return
    known = {*values, "target", "title"}
    for name in ("statement.md", *(f"statement.{x}.md" for x in problem.languages[1:]), "starter.py"):
        path = problem.folder / name
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), start=1):
            for unknown in sorted(set(PLACEHOLDER.findall(line)) - known):
                expected = f"one of {', '.join(sorted(known))}"
                advice = "Return it from generate(), or correct its name."
                yield _fault(path, "unknown-value", expected, "{{" + unknown + "}}", advice, number)
