"""`mockexam pack list`, `info` and `check`: look at packs and change nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click
import msgspec

from graders.sentences import Sentence, Words, sentence, sentences
from mockexam.commands import context
from mockexam.commands.pack import pack_context
from mockexam.exam import allowance, program_rules
from mockexam.exam.form import CATEGORIES
from mockexam.language.catalogue import shown
from mockexam.packs.format.faults import Fault, broken
from mockexam.packs.format.model import Pack, Problem
from mockexam.sitting.registration import rules_of

if TYPE_CHECKING:
    from mockexam.packs.authoring.proof import Standing

HEADINGS = (
    sentence("Pack"),
    sentence("Version"),
    sentence("Problems"),
    sentence("Offline"),
    sentence("Proofs"),
    sentence("From"),
    sentence("Title"),
)
COUNTS = {"last": sentence("the last submission counts"), "best": sentence("the best submission counts")}


@click.command("list")
@pack_context.as_json
def list_command(as_json: bool) -> int:
    """Show the packs there are, where they come from, and what is wrong with any."""
    from mockexam.packs.authoring.proof import standing_of

    entries = pack_context.catalogue().entries()
    if as_json:
        pack_context.write_json(
            [
                {
                    "id": entry.pack.id if entry.pack is not None else None,
                    "title": entry.pack.title if entry.pack is not None else None,
                    "version": entry.pack.version if entry.pack is not None else None,
                    "problems": len(entry.pack.problems) if entry.pack is not None else None,
                    "proofs": str(standing_of(entry.pack.problems)) if entry.pack is not None else None,
                    "from": entry.origin,
                    "folder": str(entry.root),
                    "faults": [pack_context.fault_fields(fault, entry.root) for fault in entry.faults],
                }
                for entry in entries
            ]
        )
        return 0
    rows = [tuple(map(shown, HEADINGS))]
    for entry in entries:
        if entry.pack is not None:
            pack, origin = entry.pack, entry.origin if entry.kind == "distribution" else str(entry.root)
            proven = shown(standing_of(pack.problems))
            rows.append((pack.id, pack.version, str(len(pack.problems)), _offline(pack), proven, origin, pack.title))
    for line in context.columns(rows, right=frozenset({2})):
        click.echo(line)
    for entry in entries:
        if entry.pack is None:
            unusable = sentence("{folder} can't be used:", folder=entry.root)
            click.echo(f"\n{shown(unusable)}", err=True)
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
        click.echo(shown(found.description))
    for line in _about(found):
        click.echo(shown(line))
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
    click.echo(shown(_summary(examined.pack if not wrong else None, examined.faults)))
    return int(wrong)


def _summary(usable: Pack | None, faults: Sequence[Fault]) -> Sentence:
    count = sum(fault.severity == "warning" for fault in faults)
    warnings = sentences("{count} warning", "{count} warnings", count=count)
    if usable is None:
        return sentence("{errors}, {warnings}", errors=pack_context.errors_of(faults), warnings=warnings)
    pack, problems = f"{usable.id} {usable.version}", pack_context.problems_of(usable)
    if not count:
        return sentence("{pack}: {problems}, no errors", pack=pack, problems=problems)
    return sentence("{pack}: {problems}, no errors, {warnings}", pack=pack, problems=problems, warnings=warnings)


def _offline(pack: Pack) -> str:
    return shown(sentence("yes") if pack.offline else sentence("no"))


def _about(pack: Pack) -> Iterator[Sentence]:
    yield sentence("by {authors}; {license}", authors=", ".join(pack.authors), license=pack.license)
    yield sentences(
        "{count} minute, {points} of 100 points pass; {rule}",
        "{count} minutes, {points} of 100 points pass; {rule}",
        count=pack.form.minutes,
        points=pack.form.pass_mark,
        rule=COUNTS[pack.form.counts],
    )
    if len(limits := list(allowance.told(rules_of(pack)))) > 1:
        yield from limits
    yield from program_rules.told(pack.programs)
    yield sentence("folder {folder}", folder=pack.root)
    yield sentence("digest {digest}", digest=pack.digest)


def _write_problem(problem: Problem, points: int) -> None:
    contract, scoring = problem.contract, problem.scoring
    thresholds = ", ".join(
        f"{threshold.metric} ≤ {threshold.at_most:g}"
        if threshold.at_most is not None
        else f"{threshold.metric} ≥ {threshold.at_least:g}"
        for threshold in scoring.thresholds
    )
    shapes = f"{_shape(contract.input_shape)} {contract.input_dtype} → {_shape(contract.output_shape)}"
    head = sentences(
        "Category {category} ({name}), {count} point: {title}",
        "Category {category} ({name}), {count} points: {title}",
        count=points,
        category=problem.category,
        name=CATEGORIES[problem.category].name,
        title=problem.title,
    )
    tests = sentences(
        "{bars}; {count} test, {mode}",
        "{bars}; {count} tests, {mode}",
        count=scoring.tests,
        bars=thresholds,
        mode=scoring.mode,
    )
    texts = sentences(
        "{languages}; about {count} minute; {difficulty} of 5",
        "{languages}; about {count} minutes; {difficulty} of 5",
        count=problem.minutes,
        languages=", ".join(problem.languages),
        difficulty=problem.difficulty,
    )
    rows: list[tuple[Sentence, Words]] = [
        (sentence("target"), problem.target),
        (sentence("bars"), tests),
        (sentence("model"), f"{shapes}, {contract.activation}; {', '.join(contract.formats)}"),
        (sentence("skills"), "; ".join(problem.skills)),
        (sentence("data"), f"{problem.data.kind}; {problem.data.source}; {problem.data.license}"),
        (sentence("texts"), texts),
        (sentence("proof"), _standing(problem).words),
    ]
    click.echo("\n" + click.style(shown(head), bold=True) + f"  ({problem.id})")
    for line in context.columns([("", shown(label), shown(words)) for label, words in rows]):
        click.echo(line)


def _standing(problem: Problem) -> Standing:
    from mockexam.packs.authoring import proof

    return proof.standing(problem, proof.kept(problem, None, ()))


def _shape(shape: tuple[int | None, ...]) -> str:
    lengths = [shown(sentence("any")) if length is None else str(length) for length in shape]
    return f"({', '.join(lengths)}{',' if len(lengths) == 1 else ''})"


def _as_json(pack: Pack) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(pack, enc_hook=str, str_keys=True)
    proofs = {problem.id: str(_standing(problem).words) for problem in pack.problems}
    return fields | {"digest": pack.digest, "proofs": proofs}
