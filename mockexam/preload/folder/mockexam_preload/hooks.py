"""Calls that wait until the program has imported a module. Nothing is imported for their sake."""

from __future__ import annotations

import sys

from . import guarded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any
else:
    ModuleSpec = type(sys.__spec__)

_waiting: dict[str, list[Callable[[ModuleType], object]]] = {}


def after_import(name: str, callback: Callable[[ModuleType], object]) -> None:
    """Call `callback(module)` once, when the import of the module has finished; now if it has already.

    A callback's fault goes to the log. An import that fails calls nothing, and the next one is waited for.
    """
    module = sys.modules.get(name)
    spec = getattr(module, "__spec__", None)
    if module is not None and not getattr(spec, "_initializing", False):
        guarded(callback)(module)
        return
    _waiting.setdefault(name, []).append(callback)
    if module is not None:
        _watch(spec)
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)


class _Watched(ModuleSpec):
    """A spec that tells when its module's import is over.

    The import system marks a spec before and after it runs the module. Listening to that leaves loaders as they are,
    and no frame of ours in the tracebacks of what the module does.
    """

    def __setattr__(self, attribute: str, value: object) -> None:
        super().__setattr__(attribute, value)
        if attribute == "_initializing" and not value:
            object.__setattr__(self, "__class__", ModuleSpec)
            _finished(self.name)


# A module that prints its spec while it is imported prints what it would without us.
_Watched.__name__ = _Watched.__qualname__ = ModuleSpec.__name__


def _watch(spec: Any) -> None:
    if type(spec) is ModuleSpec:
        spec.__class__ = _Watched


class _Finder:
    """First on the meta path while something is waited for: finds what the others find, and has it watched."""

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> Any:
        if name not in _waiting or target is not None:
            return None
        for finder in tuple(sys.meta_path):
            find = None if finder is self else getattr(finder, "find_spec", None)
            spec = None if find is None else find(name, path, target)
            if spec is not None:
                _watch(spec)
                return spec
        return None


_finder = _Finder()


def _finished(name: str) -> None:
    module = sys.modules.get(name)
    if module is None:  # the import has failed
        return
    for callback in _waiting.pop(name, ()):
        guarded(callback)(module)
