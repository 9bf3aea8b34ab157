"""`mockexam pack list`, `info` and `check`: look at packs and change nothing."""

from __future__ import annotations

from typing import Any

import click
import msgspec

from mockexam.commands import context
from mockexam.commands.pack import pack_context
from mockexam.exam.form import CATEGORIES
from mockexam.packs.format.faults import broken
from mockexam.packs.format.model import Pack, Problem


@click.command("list")
@pack_context.as_json
def list_command(as_json: bool) -> int:
    """Show the packs there are, where they come from, and what is wrong with any."""
    entries = pack_context.catalogue().entries()
    if as_json:
        pack_context.write_json(
            [
                {
                    "id": entry.pack.id if entry.pack is not None else None,
                    "title": entry.pack.title if entry.pack is not None else None,
                    "version": entry.pack.version if entry.pack is not None else None,
                    "problems": len(entry.pack.problems) if entry.pack is not None else None,
                    "from": entry.origin,
                    "folder": str(entry.root),
                    "faults": [pack_context.fault_fields(fault, entry.root) for fault in entry.faults],
                }
                for entry in entries
            ]
        )
        return 0
    rows = [("Pack", "Version", "Problems", "Offline", "From", "Title")]
    for entry in entries:
        if entry.pack is not None:
            pack, origin = entry.pack, entry.origin if entry.kind == "distribution" else str(entry.root)
            rows.append((pack.id, pack.version, str(len(pack.problems)), _offline(pack), origin, pack.title))
    for line in context.columns(rows, right=frozenset({2})):
        click.echo(line)
    for entry in entries:
        if entry.pack is None:
            click.echo(f"\n{entry.root} can't be used:", err=True)
        pack_context.write_faults(entry.faults, entry.root)
    return 0


@click.command("info")
@click.argument("pack")
@pack_context.as_json
def info_command(pack: str, as_json: bool) -> int:
    """Show what is in PACK: its exam, problems, contracts, bars, data and digest."""
    found = pack_context.pack_of(pack)
    if as_json:
        pack_context.write_json(_as_json(found))
        return 0
    click.echo(click.style(f"{found.title} {found.version}", bold=True) + f"  ({found.id})")
    if found.description:
        click.echo(found.description)
    click.echo(f"by {', '.join(found.authors)}; {found.license}")
    click.echo(f"{found.form.minutes} minutes, {found.form.pass_mark} of 100 points pass; {_counts(found)}")
    click.echo(f"folder {found.root}\ndigest {found.digest}")
    for problem in found.problems:
        _write_problem(problem, found.form.weights[problem.category])
    return 0


@click.command("check")
@click.argument("pack")
@pack_context.as_json
def check_command(pack: str, as_json: bool) -> int:
    """Find everything that is wrong with PACK, without training: its files, texts, hidden sets and hints.

    Exit code 0 when there is no error, 1 when there is one.
    """
    from mockexam.packs.authoring.check import check

    root = pack_context.folder_of(pack).resolve()
    examined = check(root)
    wrong = broken(examined.faults)
    if as_json:
        faults = [pack_context.fault_fields(fault, root) for fault in examined.faults]
        pack_context.write_json({"folder": str(root), "usable": not wrong, "faults": faults})
        return int(wrong)
    pack_context.write_faults(examined.faults, root)
    errors = sum(fault.severity == "error" for fault in examined.faults)
    warnings = len(examined.faults) - errors
    if not wrong and examined.pack is not None:
        count = len(examined.pack.problems)
        click.echo(
            f"{examined.pack.id} {examined.pack.version}: {pack_context.counted(count, 'problem')}, no errors", nl=False
        )
        click.echo(f", {pack_context.counted(warnings, 'warning')}" if warnings else "")
    else:
        click.echo(f"{pack_context.counted(errors, 'error')}, {pack_context.counted(warnings, 'warning')}")
    return int(wrong)


def _offline(pack: Pack) -> str:
    return "yes" if pack.offline else "no"


def _counts(pack: Pack) -> str:
    return f"the {pack.form.counts} submission counts"


def _write_problem(problem: Problem, points: int) -> None:
    contract, scoring = problem.contract, problem.scoring
    bars = ", ".join(
        f"{bar.metric} ≤ {bar.at_most:g}" if bar.at_most is not None else f"{bar.metric} ≥ {bar.at_least:g}"
        for bar in scoring.bars
    )
    shapes = f"{_shape(contract.input_shape)} {contract.input_dtype} → {_shape(contract.output_shape)}"
    head = f"\nCategory {problem.category} ({CATEGORIES[problem.category].name}), {points} points: {problem.title}"
    click.echo(click.style(head, bold=True) + f"  ({problem.id})")
    click.echo(f"  target   {problem.target}")
    click.echo(f"  bars     {bars}; {scoring.tests} tests, {scoring.mode}")
    click.echo(f"  model    {shapes}, {contract.activation}; {', '.join(contract.formats)}")
    click.echo(f"  skills   {'; '.join(problem.skills)}")
    click.echo(f"  data     {problem.data.kind}; {problem.data.source}; {problem.data.license}")
    click.echo(f"  texts    {', '.join(problem.languages)}; about {problem.minutes} minutes; {problem.difficulty} of 5")


def _shape(shape: tuple[int | None, ...]) -> str:
    lengths = ["any" if length is None else str(length) for length in shape]
    return f"({', '.join(lengths)}{',' if len(lengths) == 1 else ''})"


def _as_json(pack: Pack) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(pack, enc_hook=str, str_keys=True)
    return fields | {"digest": pack.digest}
