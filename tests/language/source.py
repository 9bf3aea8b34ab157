"""Finds, in source code, the text that is written for people, and how it is marked for translators."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from graders.sentences import PLACEHOLDER

REPOSITORY = Path(__file__).parents[2]
PACKAGES = ("mockexam", "graders")

MARKERS = {"sentence": 1, "sentences": 2}
"""Name → how many of its first arguments are templates."""

CODES = {"ArchiveError": 1, "refuse": 2, "Refusal": 2, "Binding": 2, "Example": 2, "look": 2, "written": 2}
"""Name → how many of its first arguments are words of a program."""

SHOWING = {
    "echo", "secho", "style", "confirm", "prompt", "Static", "Label", "Button", "Checkbox", "RadioButton", "Option",
    "Binding", "notify", "shown", "refuse", "Refusal",
}  # fmt: skip
"""Calls that show what they are given: there a single word is text for people too."""

BY_PLACE = {"command", "group", "option", "argument", "version_option"}
"""Calls of click whose `help` is translated by its place, as the docstring of what they decorate is."""

OURS = {
    "AssertionError", "AttributeError", "ImportError", "KeyError", "LookupError", "NotImplementedError", "RuntimeError",
    "SystemExit", "TypeError", "ValueError",
}  # fmt: skip
"""Errors meant for programmers. If a person will read one, its words are marked where it is caught."""

UNTRANSLATED = re.compile(r"# untranslated: \w+")
"""Beside or above the beginning of a statement, with the reason why: not for people, or the same in every language."""

PROSE = re.compile(r"(?:^|[\s(\"'`])[A-Za-z]{2,}[,.;:!?…]?\s+(?:[A-Za-z]|\{\})|(?:^|\s)\{\}\s+[A-Za-z]{2,}")
SQL = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|PRAGMA|BEGIN|COMMIT|CREATE|CASE|WHERE|SAVEPOINT)\b")


@dataclass(frozen=True)
class Finding:
    """A place in the source and what is wrong there."""

    line: int
    text: str


def modules() -> dict[str, Path]:
    """Name → file of every module of the application and the grader."""
    files = (file for package in PACKAGES for file in sorted((REPOSITORY / package).rglob("*.py")))
    return {".".join(file.relative_to(REPOSITORY).with_suffix("").parts): file for file in files}


def bypassing(source: str) -> list[Finding]:
    """The texts for people that no translator will see."""
    lines = source.splitlines()
    return [Finding(node.lineno, text) for node, text in _Search(lines).texts(ast.parse(source))]


def mismarked(source: str) -> list[Finding]:
    """The marked sentences whose template isn't a literal, or whose placeholders don't match the values given."""
    return [finding for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) for finding in _wrong(node)]


def _wrong(call: ast.Call) -> Iterator[Finding]:
    templates = call.args[: _templates(call)]
    if not templates:
        return
    given = {word.arg for word in call.keywords}
    texts = [part.value for part in templates if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    if len(texts) != len(templates):
        yield Finding(call.lineno, "a template that is no literal")
    elif None not in given:
        for text in texts:
            named = {match.group(1) for match in PLACEHOLDER.finditer(text)} - {None}
            if named - given or (given - named - {"count"}):
                yield Finding(call.lineno, text)


def _templates(call: ast.Call) -> int:
    """How many arguments of a call are templates; a method may have a marker's name."""
    return MARKERS.get(_name(call.func), 0) if isinstance(call.func, ast.Name) else 0


class _Search:
    """Walks a module down to the literals, and past those that are marked or not text for people."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines

    def texts(self, node: ast.AST, showing: bool = False) -> Iterator[tuple[ast.expr, str]]:
        if isinstance(node, ast.stmt) and self._excepted(node):
            return
        if isinstance(node, ast.Constant | ast.JoinedStr):
            yield from self._literal(node, showing)
            return
        for child, shows in self._children(node, showing):
            yield from self.texts(child, shows)

    def _excepted(self, statement: ast.stmt) -> bool:
        """Docstrings, other strings that stand alone, and whatever its author has excepted with a reason."""
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            return True
        error = statement.exc if isinstance(statement, ast.Raise) else None
        if isinstance(error, ast.Call) and _name(error.func) in OURS:
            return True
        if isinstance(statement, ast.Assign | ast.AnnAssign) and "CSS" in ast.unparse(statement).partition("=")[0]:
            return True
        above = self._lines[statement.lineno - 2].strip() if statement.lineno > 1 else ""
        own = self._lines[statement.lineno - 1]
        return bool(UNTRANSLATED.search(own) or UNTRANSLATED.match(above))

    def _children(self, node: ast.AST, showing: bool) -> Iterator[tuple[ast.AST, bool]]:
        if isinstance(node, ast.Call):
            yield from self._arguments(node, showing)
        elif isinstance(node, ast.Compare | ast.Assert | ast.Subscript):
            return  # what is compared or looked up is not text for people
        else:
            inherits = showing and isinstance(node, ast.IfExp | ast.BoolOp | ast.BinOp | ast.keyword | ast.Starred)
            for child in ast.iter_child_nodes(node):
                yield child, inherits

    def _arguments(self, call: ast.Call, showing: bool) -> Iterator[tuple[ast.AST, bool]]:
        name = _name(call.func)
        if name in {"compile", "getattr", "import_module", "cast", "TypeVar", "startswith", "endswith", "execute"}:
            return
        shows = _shows(call) or (name.endswith("Error") and name not in OURS)
        yield call.func, False
        for part in call.args[_templates(call) or CODES.get(name, 0) :]:
            yield part, shows
        for word in call.keywords:
            if not (word.arg == "help" and name in BY_PLACE) and word.arg not in {"id", "classes", "fg", "key"}:
                yield word.value, shows and word.arg in {None, "label", "description", "title"}

    def _literal(self, node: ast.Constant | ast.JoinedStr, showing: bool) -> Iterator[tuple[ast.expr, str]]:
        text = _text(node)
        if not SQL.match(text) and (PROSE.search(text) or (showing and re.search(r"[A-Za-z]{2}", text))):
            yield node, text
        if isinstance(node, ast.JoinedStr):
            for part in node.values:
                if isinstance(part, ast.FormattedValue):
                    yield from self.texts(part.value)


def _text(node: ast.Constant | ast.JoinedStr) -> str:
    """A literal's text, with {} for what an f-string puts in."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    return "".join(_text(part) if isinstance(part, ast.Constant) else "{}" for part in node.values)


def _shows(call: ast.Call) -> bool:
    """Whether a call shows what it is given; `keymap.shown` is given the name of an action."""
    name = _name(call.func)
    return name in SHOWING and (name != "shown" or isinstance(call.func, ast.Name))


def _name(function: ast.expr) -> str:
    return (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )
