"""The structure of the code in figures: `python benchmarks/structure.py [REVISION …]`, one column for each and for now.

Counts what a newcomer meets: modules per package, the longest files and functions, arrows between packages, cycles,
docstrings. Read from the source as text; nothing is imported or run.
"""

from __future__ import annotations

import ast
import io
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
PACKAGES = ("mockexam", "graders")
DIVIDED = ("mockexam.packs", "mockexam.tui", "graders")


class Import(NamedTuple):
    """One module's import of another; `for_types` when only a type checker sees it."""

    importer: str
    imported: str
    for_types: bool


@dataclass
class Source:
    """A parsed module."""

    name: str
    lines: int
    tree: ast.Module


def sources(root: Path, tops: Iterable[str] = PACKAGES) -> dict[str, Source]:
    """Every module below `root`'s packages, by its dotted name."""
    found = {}
    for path in sorted(file for top in tops for file in (root / top).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        text = path.read_text("utf-8")
        found[name] = Source(name, text.count("\n"), ast.parse(text))
    return found


def modules_of_packages(root: Path) -> Counter[str]:
    """How many modules lie in each folder, sub-packages and `__init__` left out."""
    files = (file for top in PACKAGES for file in (root / top).rglob("*.py") if file.name != "__init__.py")
    return Counter(file.parent.relative_to(root).as_posix() for file in files)


def imports(known: dict[str, Source]) -> Iterator[Import]:
    """What the modules import from one another, anywhere in their files."""
    for source in known.values():
        for_types = {id(inner) for node in ast.walk(source.tree) if _is_for_types(node) for inner in ast.walk(node)}
        for node in ast.walk(source.tree):
            for imported in _imported(node, known):
                if imported != source.name:
                    yield Import(source.name, imported, id(node) in for_types)


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _imported(node: ast.AST, known: dict[str, Source]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if alias.name in known)
    elif isinstance(node, ast.ImportFrom) and node.module in known:
        for alias in node.names:
            inner = f"{node.module}.{alias.name}"
            yield inner if inner in known else str(node.module)


def circles(known: dict[str, Source], *, types: bool) -> list[set[str]]:
    """The strongly connected components of more than one module (Tarjan 1972); `types` adds imports for types."""
    arrows: dict[str, set[str]] = {name: set() for name in known}
    for one in imports(known):
        if types or not one.for_types:
            arrows[one.importer].add(one.imported)
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[set[str]] = []

    def visit(name: str) -> None:
        order[name] = low[name] = len(order)
        stack.append(name)
        for other in sorted(arrows[name]):
            if other not in order:
                visit(other)
            if other in stack:
                low[name] = min(low[name], low[other])
        if low[name] == order[name]:
            component = set(stack[stack.index(name) :])
            del stack[-len(component) :]
            if len(component) > 1:
                found.append(component)

    for name in sorted(known):
        if name not in order:
            visit(name)
    return found


def _functions(known: dict[str, Source]) -> Iterator[tuple[int, str]]:
    for source in known.values():
        for node in ast.walk(source.tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield (node.end_lineno or node.lineno) - node.lineno + 1, f"{source.name}.{node.name}"


def _documented(known: dict[str, Source]) -> tuple[int, int]:
    """(with a docstring, all) of the public modules, classes and functions."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    public = [
        node
        for source in known.values()
        for node in ast.walk(source.tree)
        if isinstance(node, kinds) and not getattr(node, "name", "").startswith("_")
    ]
    return sum(ast.get_docstring(node) is not None for node in public), len(public)


def _package(name: str, known: dict[str, Source]) -> str:
    """The folder that a module lies in."""
    return name if any(other.startswith(f"{name}.") for other in known) else name.rpartition(".")[0]


def _arrows_inside(package: str, known: dict[str, Source]) -> int:
    """How many arrows there are between a package's direct parts: one imports another, modules or sub-packages."""
    prefix = f"{package}."

    def part(name: str) -> str | None:
        return name.removeprefix(prefix).partition(".")[0] if name.startswith(prefix) else None

    pairs = {(part(one.importer), part(one.imported)) for one in imports(known)}
    return sum(None not in pair and pair[0] != pair[1] for pair in pairs)


def figures(root: Path) -> dict[str, str]:
    """The rows of one column."""
    known, counts = sources(root), modules_of_packages(root)
    (package, most), functions = counts.most_common(1)[0], sorted(_functions(known), reverse=True)
    longest = max(known.values(), key=lambda source: source.lines)
    between = {(_package(one.importer, known), _package(one.imported, known)) for one in imports(known)}
    documented, public = _documented(known)
    lengths = [length for length, _ in functions]
    at_run_time, by_type = circles(known, types=False), circles(known, types=True)
    return {
        "modules": str(len(known)),
        "packages": str(len(counts)),
        "most modules in one package": f"{most} ({package})",
        "packages of more than 14": str(sum(count > 14 for count in counts.values())),
        "longest file": f"{longest.lines} ({longest.name})",
        "longest function": f"{functions[0][0]} ({functions[0][1]})",
        "95th percentile of functions": str(lengths[len(lengths) // 20]),
        "arrows between packages": str(sum(one != other for one, other in between)),
        **{f"arrows between the parts of {one}": str(_arrows_inside(one, known)) for one in DIVIDED},
        "circles at run time": _sizes(at_run_time),
        "circles by type": _sizes(by_type),
        "public names with a docstring": f"{documented} of {public} ({documented / public:.0%})",
        "lines of code": str(sum(source.lines for source in known.values())),
    }


def _sizes(found: list[set[str]]) -> str:
    sizes = ", ".join(str(len(one)) for one in sorted(found, key=len, reverse=True))
    return f"{len(found)} (of {sizes} modules)" if found else "0"


def _at(revision: str, folder: Path) -> Path:
    """The tree of a revision, written into `folder`."""
    packed = subprocess.run(["git", "archive", revision, *PACKAGES], cwd=ROOT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def main() -> None:
    """Print the table."""
    columns = {}
    for revision in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as folder:
            columns[revision] = figures(_at(revision, Path(folder)))
    columns["now"] = figures(ROOT)
    print(f"| | {' | '.join(columns)} |\n|---|{'---|' * len(columns)}")
    for row in columns["now"]:
        print(f"| {row} | {' | '.join(column[row] for column in columns.values())} |")


if __name__ == "__main__":
    main()
