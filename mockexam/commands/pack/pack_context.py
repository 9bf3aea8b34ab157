"""What the pack commands share: finding the pack that is meant, and writing faults."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import msgspec

from graders.sentences import Sentence, Words, sentence, sentences
from mockexam.errors import RefusalError
from mockexam.language.catalogue import shown
from mockexam.packs.catalogue import Catalogue
from mockexam.packs.format.faults import Fault, PackError, broken
from mockexam.packs.format.model import Pack
from mockexam.packs.format.reading import read_pack
from mockexam.store.home import Home

CORRECT = sentence("Correct them and try again.")
KINDS = {"warning": (sentence("warning"), "yellow"), "error": (sentence("error"), "red")}
MOST_FAULTS = 200
"""Faults that are worth reading before some are corrected."""

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def catalogue() -> Catalogue:
    """The catalogue of this user."""
    home = Home.default()
    return Catalogue(home.packs, cache=home.cache)


def folder_of(named: str) -> Path:
    """The folder of a pack named by its path or id; RefusalError when there is none."""
    path = Path(named).expanduser()
    if path.name == "pack.toml" and path.is_file():
        path = path.parent
    if (path / "pack.toml").is_file():
        return path.absolute()
    entries = catalogue().entries()
    for entry in entries:
        if (entry.pack.id if entry.pack is not None else entry.root.name) == named:
            return entry.root
    known = ", ".join(sorted(entry.pack.id for entry in entries if entry.pack is not None))
    found = sentence("{folder}, which has no pack.toml", folder=path) if path.exists() else f'"{named}"'
    advice = sentence("Name a folder with a pack.toml, or an installed pack; `mockexam pack new` writes one.")
    if near := [*(one for one in [path.absolute().parent] if (one / "pack.toml").is_file()), *_below(path)]:
        advice = sentence("Did you mean {folder}?", folder=shlex.quote(str(near[0])))
    expected = sentence("a pack's folder or id ({known})", known=known or sentence("none is installed"))
    raise RefusalError(expected, found, advice, kind="nothing")


def _below(path: Path) -> list[Path]:
    """The packs directly below a folder, as in the folder of a Python package that holds one."""
    return sorted(found.parent for found in path.glob("*/pack.toml")) if path.is_dir() else []


def errors_of(faults: Iterable[Fault]) -> Sentence:
    """How many of the faults are errors."""
    count = sum(fault.severity == "error" for fault in faults)
    return sentences("{count} error", "{count} errors", count=count)


def problems_of(pack: Pack) -> Sentence:
    """How many problems a pack has."""
    return sentences("{count} problem", "{count} problems", count=len(pack.problems))


def refused(faults: Sequence[Fault], root: Path, advice: Words = CORRECT) -> RefusalError:
    """Write the faults of the pack in `root`; returns the refusal to use it."""
    write_faults(faults, root)
    return RefusalError(sentence("a pack without errors"), errors_of(faults), advice)


def pack_of(named: str) -> Pack:
    """The pack named by its path or id; RefusalError when it can't be used, after its faults have been written."""
    root = folder_of(named)
    try:
        return read_pack(root)
    except PackError as error:
        raise refused(error.faults, root) from None


def checked(named: str) -> Pack:
    """The pack named by its path or id when `pack check` finds no error in it; RefusalError after its faults."""
    from mockexam.packs.authoring.check import check

    root = folder_of(named)
    examined = check(root)
    if examined.pack is None or broken(examined.faults):
        raise refused(examined.faults, root)
    return examined.pack


def write_faults(faults: Iterable[Fault], root: Path) -> None:
    """Write each fault on the error stream, up to `MOST_FAULTS`: where, what was expected and found, what to do."""
    listed = list(faults)
    for fault in listed[:MOST_FAULTS]:
        kind, colour = KINDS[fault.severity]
        told = sentence(
            "{place}: {kind}: expected {expected}; found {found}.",
            place=below(fault.file, root) + (f":{fault.line}" if fault.line else ""),
            kind=kind,
            expected=fault.expected,
            found=fault.found,
        )
        head, word, rest = shown(told).partition(shown(kind))
        click.echo(f"{head}{click.style(word, fg=colour)}{rest}\n    {shown(fault.advice)}", err=True)
    if (more := len(listed) - MOST_FAULTS) > 0:
        click.echo(shown(sentences("And {count} more like them.", "And {count} more like them.", count=more)), err=True)


def fault_fields(fault: Fault, root: Path) -> dict[str, Any]:
    """A fault for JSON output."""
    fields = msgspec.structs.asdict(fault)
    words = {name: str(fields[name]) for name in ("expected", "found", "advice")}
    return fields | words | {"file": below(fault.file, root)}


def below(path: Path, root: Path) -> str:
    """A path relative to the pack's folder if it is inside it."""
    return str(path.relative_to(root)) if path.is_relative_to(root) and path != root else str(path)


def write_json(content: object) -> None:
    """Print JSON for programs."""
    click.echo(json.dumps(content, ensure_ascii=False, indent=2))


@contextmanager
def progress_line() -> Iterator[Callable[[float, Words], None]]:
    """A line on the error stream that says how far the work is; nothing when that isn't a terminal."""
    if not sys.stderr.isatty():
        yield lambda fraction, detail: None
        return
    width = shutil.get_terminal_size().columns - 1

    def write(fraction: float, detail: Words) -> None:
        filled = round(20 * fraction)
        line = f"{'█' * filled}{'░' * (20 - filled)} {fraction:4.0%}  {shown(detail)}"
        click.echo("\r" + line[:width].ljust(width), nl=False, err=True)

    try:
        yield write
    finally:
        click.echo("\r" + " " * width + "\r", nl=False, err=True)
