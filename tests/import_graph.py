"""Who imports whom, read from the source: at run time, in functions, and for the type checker alone."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator, Mapping
from pathlib import Path

Graph = Mapping[str, frozenset[str]]


def import_graph(root: Path, *packages: str) -> Graph:
    """Module → those it imports, of the packages below `root`."""
    files = {_name(path.relative_to(root)): path for package in packages for path in (root / package).rglob("*.py")}
    return {
        name: frozenset(_imported(ast.parse(path.read_text("utf-8")), files)) - {name} for name, path in files.items()
    }


def circles(graph: Graph) -> list[frozenset[str]]:
    """The sets of modules that all lead to one another: strongly connected components of more than one module."""
    leads_to = {name: _reached(graph, name) for name in graph}
    found = {frozenset(other for other in leads_to[name] if name in leads_to[other]) for name in graph}
    return sorted((circle for circle in found if circle), key=sorted)


def _name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(tree: ast.Module, known: Container[str]) -> Iterator[str]:
    """What a module names in its import statements; a package only where no module of it is meant."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "the graph reads absolute imports only"
            for alias in node.names:
                module = f"{node.module}.{alias.name}"
                if module in known:
                    yield module
                elif node.module in known:
                    yield str(node.module)


def _reached(graph: Graph, start: str) -> frozenset[str]:
    """All that `start` leads to, itself only if it is in a circle."""
    seen: set[str] = set()
    ahead = list(graph[start])
    while ahead:
        name = ahead.pop()
        if name not in seen:
            seen.add(name)
            ahead += graph[name]
    return frozenset(seen)
