"""The loader of each format, as the table in graders/formats.py names it: a module with the two functions of `Loader`.

All are imported here, up front: the process that a submission's child is forked from imports this module, and a child
that is locked can't read any more modules.
"""

from __future__ import annotations

from importlib import import_module
from typing import Protocol, cast, runtime_checkable

from graders.child.checking import classes
from graders.child.loading.blueprint import Blueprint
from graders.child.loading.loaded import Loaded
from graders.contract import Contract
from graders.formats import FORMATS, Format


@runtime_checkable
class Loader(Protocol):
    """What a module that loads a format provides. `path` is what the trusted side staged: a file, or a folder."""

    def read(self, path: str) -> Blueprint:
        """What the file says about its model, before anything is built from it. Raises Refusal."""

    def load(self, path: str, blueprint: Blueprint, contract: Contract) -> Loaded:
        """The model. Raises Refusal; exhausted memory and recursion pass through to the caller."""


LOADERS: dict[Format, Loader] = {
    each.name: cast(Loader, import_module(f"graders.child.loading.{each.loader}")) for each in FORMATS
}
classes.prepare()
