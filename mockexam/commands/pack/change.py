"""`mockexam pack new`, `install`, `remove` and `build`: write packs and put them where they are found."""

from __future__ import annotations

import getpass
import shlex
from pathlib import Path

import click

from graders.sentences import sentence
from mockexam.commands import context
from mockexam.commands.pack import pack_context
from mockexam.errors import RefusalError
from mockexam.exam import form
from mockexam.language.catalogue import shown
from mockexam.packs.format.faults import PackError
from mockexam.packs.format.model import Pack
from mockexam.store.home import Home

# untranslated: the help of an option is translated by its place
CATEGORY_HELP = (
    "; ".join(f"{each.number} {each.name}" for each in form.CATEGORIES.values()) + ". May be given several times."
)


@click.command("new")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "-c", "--category", "categories", type=click.IntRange(form.FIRST, form.LAST), multiple=True, help=CATEGORY_HELP
)
@click.option("--author", help="Who writes it; your account's name unless given.")
@click.option("--package", is_flag=True, help="Make it a Python package that announces the pack when it is installed.")
def new_command(folder: Path, categories: tuple[int, ...], author: str | None, package: bool) -> int:
    """Write a pack into FOLDER that trains and passes as it is, or add a problem to the pack that is there."""
    from mockexam.packs.authoring.new import new_pack

    had = (folder / "pack.toml").is_file()
    written = new_pack(folder, categories or (1,), author=author or _account(), as_package=package)
    for problem in written:
        click.echo(shown(sentence("Wrote {file}", file=problem)))
    root = written[0].parent
    if had:
        click.echo(shown(sentence("Give its category points in [form] weights of pack.toml if it has none yet.")))
    named = shlex.quote(str(root))
    click.echo(shown(sentence("Next: mockexam pack check {folder}", folder=named)))
    click.echo(shown(sentence("Then: mockexam pack prove {folder}", folder=named)))
    return 0


@click.command("install")
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Replace the installed pack of the same id.")
def install_command(source: Path, replace: bool) -> int:
    """Check and install the pack in SOURCE: an archive that `mockexam pack build` wrote, or a folder."""
    from mockexam.packs.authoring.installing import install

    try:
        pack = install(source.expanduser(), Home.default().packs, replace=replace)
    except PackError as error:
        advice = sentence("Correct them, or ask its author to.")
        raise pack_context.refused(error.faults, source.absolute(), advice) from None
    installed = sentence(
        "Installed {pack} {version} ({problems}) in {folder}",
        pack=pack.id,
        version=pack.version,
        problems=pack_context.problems_of(pack),
        folder=pack.root,
    )
    click.echo(shown(installed))
    return 0


@click.command("remove")
@click.argument("pack_id", metavar="PACK")
def remove_command(pack_id: str) -> int:
    """Remove the installed pack of that id from your own folder."""
    from mockexam.packs.authoring.installing import remove

    folder = remove(pack_id, pack_context.catalogue(), Home.default().packs)
    click.echo(shown(sentence("Removed {folder}", folder=folder)))
    return 0


@click.command("build")
@click.argument("pack")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="The archive or its folder; ID-VERSION.zip unless given."
)
@click.option("--full/--public", default=True, help="With solutions and hidden sets (the default), or for candidates.")
@click.option("--seed", type=int, default=0, show_default=True, help="What --public draws generated data with.")
def build_command(pack: str, output: Path | None, full: bool, seed: int) -> int:
    """Write PACK into one archive, the same bytes every time.

    --full is for graders and for `mockexam pack install`. --public has statements, starters and data only, for
    candidates whose models are tested elsewhere.
    """
    from mockexam.packs.authoring import archive
    from mockexam.packs.format.digest import file_digest

    found = pack_context.checked(pack)
    target = _target(found, output, f"{found.id}-{found.version}{'' if full else '-public'}.zip")
    if full:
        archive.build(found, target)
    else:
        with pack_context.progress_line() as progress:
            archive.build_public(found, target, seed=seed, cache=Home.default().cache, progress=progress)
    click.echo(shown(sentence("Wrote {file} ({size})", file=target, size=context.size(target.stat().st_size))))
    digests = [(sentence("pack digest"), found.digest), (sentence("archive sha256"), file_digest(target))]
    click.echo("\n".join(context.columns([(shown(label), digest) for label, digest in digests])))
    return 0


def _target(pack: Pack, output: Path | None, name: str) -> Path:
    """Where the archive goes: never into the pack, which it would change."""
    target = Path(name) if output is None else output / name if output.is_dir() else output
    if not target.resolve().is_relative_to(pack.root.resolve()):
        return target
    if output is None:
        return pack.root.resolve().parent / name
    advice = sentence("Write it somewhere else: a file in the pack would be part of the next archive.")
    raise RefusalError(sentence("a place outside the pack"), str(target), advice, kind="usage")


def _account() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "The author"  # untranslated: it is written into the pack
