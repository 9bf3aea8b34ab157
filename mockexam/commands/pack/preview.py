"""`mockexam pack preview`."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from mockexam.commands.pack import pack_context
from mockexam.packs.format.faults import PackError
from mockexam.store.home import Home


@click.command("preview")
@click.argument("pack")
def preview_command(pack: str) -> int:
    """Take the exam on PACK as a candidate would, in a scratch place: nothing is recorded and nothing is kept.

    Leaving the exam ends the preview and removes its project.
    """
    from mockexam.commands import start

    root = pack_context.folder_of(pack)
    with scratch_home() as home:
        pack_id = _at_hand(root, home)
        code = start.command.main(
            ["--name", "Preview", "--project", str(home.data.parent / "project"), "--pack", pack_id],
            standalone_mode=False,
        )
    return code if isinstance(code, int) else 0


@contextmanager
def scratch_home() -> Iterator[Home]:
    """A home that is removed afterwards; prepared data stays in the user's cache, so a second preview starts fast."""
    cache = Home.default().cache / "preview"
    before = os.environ.get("MOCKEXAM_HOME")
    with tempfile.TemporaryDirectory(prefix="mockexam-preview-") as folder:
        cache.mkdir(parents=True, exist_ok=True)
        Path(folder, "cache").symlink_to(cache, target_is_directory=True)
        os.environ["MOCKEXAM_HOME"] = folder
        try:
            yield Home.default()
        finally:
            if before is None:
                del os.environ["MOCKEXAM_HOME"]
            else:
                os.environ["MOCKEXAM_HOME"] = before


def _at_hand(root: Path, home: Home) -> str:
    """The id of the pack in `root`, as the scratch home finds it: copied there unless it is announced."""
    from mockexam.packs.authoring.installing import install

    for entry in pack_context.catalogue().entries():
        if entry.kind == "distribution" and entry.root == root.resolve() and entry.pack is not None:
            return entry.pack.id
    try:
        return install(root, home.packs).id
    except PackError as error:
        raise pack_context.refused(error.faults, root) from None
