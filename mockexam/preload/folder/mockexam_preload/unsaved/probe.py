"""A call added to a function that others have written, in place, without a frame of ours around it.

A function that wraps another one stands in every traceback through it, and shifts what `warnings.warn(stacklevel=2)`
and `inspect.stack()` point at. Here the function itself is compiled again, from its own source, with one call more.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Callable
    from types import CodeType, FunctionType
    from typing import Any

START, END = "start", "end"


class UnfitError(Exception):
    """The function isn't what this can change, and stays as it is."""


def find(path: str) -> FunctionType | None:
    """The function at "package.module:Class.method" if that module has been imported and has it."""
    module_name, _, qualified = path.partition(":")
    value: object = sys.modules.get(module_name)
    for name in qualified.split("."):
        value = getattr(value, "__dict__", {}).get(name)
    while hasattr(value, "__wrapped__"):
        value = value.__wrapped__
    return value if hasattr(value, "__code__") else None  # type: ignore[return-value]


def insert(function: FunctionType, argument: str, call: Callable[[object], object], where: str) -> None:
    """Have `function` call `call` with its argument of that name: at its START, or when it has come to its END.

    An early `return` isn't its end, nor is an exception. Raises UnfitError, OSError or SyntaxError; then nothing has
    changed.
    """
    code = function.__code__
    if code.co_freevars or argument not in code.co_varnames[: code.co_argcount]:
        # untranslated: for the log
        raise UnfitError("{} has no argument {}, or is a closure".format(function.__qualname__, argument))
    if _compiled(function, None) != code:
        # untranslated: for the log
        raise UnfitError("{} isn't what {} says".format(function.__qualname__, code.co_filename))
    # The dunder keeps it from being mangled inside of classes.
    name = "__mockexam_{}__".format(call.__name__)
    new = _compiled(function, (name, argument, where))
    function.__globals__[name] = call
    function.__code__ = new


def _compiled(function: FunctionType, added: tuple[str, str, str] | None) -> CodeType:
    import __future__

    import ast

    code = function.__code__
    source, before = _source(function)
    tree = ast.parse(source)
    ast.increment_lineno(tree, code.co_firstlineno - 1 - before)
    node: Any = tree.body[0]
    node = node.body[0] if before else node
    if added is not None:
        _add(node, *added)
    futures = 0
    for feature in __future__.all_feature_names:
        futures |= getattr(__future__, feature).compiler_flag
    compiled: Any = compile(tree, code.co_filename, "exec", code.co_flags & futures, True)
    for _ in range(2 if before else 1):
        compiled = next(const for const in compiled.co_consts if hasattr(const, "co_code"))
    return compiled  # type: ignore[no-any-return]


def _source(function: FunctionType) -> tuple[str, int]:
    """A module with that function alone, in its class where it has one, and on which line, from 0, the function is.

    The module's imports stand at its end: a method of what a module imports is called by other instructions than that
    of what it defines.
    """
    import inspect
    import tokenize

    code = function.__code__
    *classes, _ = function.__qualname__.split(".")
    if len(classes) > 1:
        # untranslated: for the log
        raise UnfitError("{} is deeper than this looks".format(function.__qualname__))
    with tokenize.open(code.co_filename) as file:
        lines = file.readlines()
    block = "".join(inspect.getblock(lines[code.co_firstlineno - 1 :]))
    header = "class {}:\n".format(classes[0]) if classes else ""  # untranslated: Python's own
    return header + block + "\n" + _imports("".join(lines)), len(classes)


def _imports(text: str) -> str:
    """The import statements of a module that are its own or tried by it, but for those from the future."""
    import re

    statement = r"^[ ]*(from (?!__future__)[\w.]+ import (?:\([^)]*\)|.+)|import .+)$"
    tried = re.findall(r"^try:\n((?:[ ]+.*\n)+)", text, re.MULTILINE)
    own = re.sub(r"^[ ]+(?:from|import) .*$", "", text, flags=re.MULTILINE)
    return "\n".join(re.findall(statement, "\n".join([own, *tried]), re.MULTILINE)) + "\n"


def _add(node: ast.FunctionDef, name: str, argument: str, where: str) -> None:
    import ast

    body = node.body
    if where == START:
        index = 1 if ast.get_docstring(node, clean=False) is not None and len(body) > 1 else 0
        beside = body[index]
    else:
        beside = body[-1]
        index = len(body) - 1 if isinstance(beside, ast.Return) else len(body)
    called = ast.Call(ast.Name(name, ast.Load()), [ast.Name(argument, ast.Load())], [])
    statement = ast.copy_location(ast.Expr(called), beside)
    body.insert(index, ast.fix_missing_locations(statement))
