"""`mockexam pack prove` and `calibrate`: train, and try to cheat."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from graders.sentences import sentence
from mockexam.commands import context
from mockexam.commands.pack import pack_context
from mockexam.errors import RefusalError
from mockexam.language.catalogue import shown
from mockexam.packs.format.model import Pack, Problem
from mockexam.store.home import Home

if TYPE_CHECKING:
    from graders import Service

only = click.option("-p", "--problem", "only", multiple=True, help="Only the problem of that id; may be repeated.")
seed = click.option("--seed", type=int, default=1, show_default=True, help="What data and training are drawn with.")


@click.command("prove")
@click.argument("pack")
@only
@seed
@click.option("--all", "everything", is_flag=True, help="Prove again what is proven and hasn't changed.")
@click.option("--changed", is_flag=True, help="Leave out problems that have no proof yet: for continuous integration.")
@click.option("--dry", is_flag=True, help="Train nothing: say which problems have no proof of what they are now.")
@pack_context.as_json
def prove_command(
    pack: str, only: tuple[str, ...], seed: int, everything: bool, changed: bool, dry: bool, as_json: bool
) -> int:
    """Prove that PACK is fair.

    For each problem: the untouched starter gives no passing model; constant, majority, random and other cheap models
    score below the bar; copying answers from other rows of a series is refused, and so is breaking each line of the
    contract, with the right reason; the reference solution trains in time, passes all tests in 99 % of draws, and has
    seen no hidden row. The proof is written beside the problem (proof.json, proof.txt); what is proven and unchanged is
    not tried again, what isn't right is.

    Exit code 0 when everything is proven, 1 when something isn't.
    """
    from mockexam.packs.authoring import proof, proving

    chosen = pack_context.pack_of(pack)
    problems = _chosen(chosen, only)
    known = {problem.id: None if everything else proving.earlier(problem, seed, chosen.form) for problem in problems}
    if changed:
        problems = [problem for problem in problems if (problem.folder / "proof.json").is_file()]
        known = {problem.id: known[problem.id] for problem in problems}
    if dry:
        told = {problem.id: proof.standing(problem, known[problem.id]).words for problem in problems}
        if as_json:
            pack_context.write_json({name: words.english for name, words in told.items()})
        else:
            click.echo("\n".join(f"{name}: {shown(words)}" for name, words in told.items()))
        return int(not all(found is not None and found.right for found in known.values()))
    # The grader, or what is tried, may have changed since something wasn't right.
    known = {name: found and found.settled for name, found in known.items()}
    results = []
    with _service(any(found is None or found.lacking for found in known.values())) as service:
        for problem in problems:
            found = known[problem.id]
            fresh = found is None or bool(found.lacking)
            if found is None or found.lacking:
                with pack_context.progress_line() as progress:
                    cache = Home.default().cache
                    found = proving.prove(
                        problem, service, form=chosen.form, seed=seed, cache=cache, progress=progress, known=found
                    )
            with _kept(problem.folder):
                proof.write(found, problem.folder)
            results.append(found)
            if not as_json:
                unchanged = sentence("{problem}: proven, unchanged", problem=problem.id)
                click.echo(proof.report(found, shown) if fresh or not found.right else shown(unchanged))
    if as_json:
        pack_context.write_json([msgspec.to_builtins(found.english) | {"right": found.right} for found in results])
    return int(not all(found.right for found in results))


@click.command("calibrate")
@click.argument("pack")
@only
@seed
@click.option(
    "-n",
    "--trainings",
    type=click.IntRange(2, 1000),
    default=5,
    show_default=True,
    help="How often each reference solution is trained.",
)
@click.option(
    "--margin",
    type=click.FloatRange(0, 10),
    default=1.0,
    show_default=True,
    help="How much easier the graded bar is than the hardest one of 99 %, in standard deviations between draws.",
)
@pack_context.as_json
def calibrate_command(pack: str, only: tuple[str, ...], seed: int, trainings: int, margin: float, as_json: bool) -> int:
    """Find the bars of PACK's problems: train each reference solution several times and draw tests 200 times for each.

    Says how often a reference model passes all tests as a function of the bar, and proposes a bar to grade with and a
    target to publish. The report is written beside the problem (calibration.json, calibration.txt); problem.toml is
    yours to change.
    """
    from mockexam.packs.authoring import calibrating

    results = []
    for problem in _chosen(pack_context.pack_of(pack), only):
        with pack_context.progress_line() as progress:
            result = calibrating.calibrate(
                problem, trainings=trainings, margin=margin, seed=seed, cache=Home.default().cache, progress=progress
            )
        with _kept(problem.folder):
            calibrating.write(result, problem.folder)
        results.append(msgspec.to_builtins(result))
        if not as_json:
            click.echo(calibrating.report(result, shown))
    if as_json:
        pack_context.write_json(results)
    return 0


def _chosen(pack: Pack, only: Sequence[str]) -> list[Problem]:
    known = {problem.id: problem for problem in pack.problems}
    for name in only:
        if name not in known:
            expected = sentence("a problem of {pack} ({known})", pack=pack.id, known=", ".join(known))
            raise RefusalError(expected, f'"{name}"', sentence("Correct -p."), kind="usage")
    return [known[name] for name in only] or list(pack.problems)


@contextmanager
def _service(needed: bool) -> Iterator[Service]:
    from graders import Service

    service = Service(context.asked_isolation())
    if needed:
        service.start()
    try:
        yield service
    finally:
        service.stop()


@contextmanager
def _kept(folder: Path) -> Iterator[None]:
    """Carry on if the report can't be written: an installed pack may be read-only, and the result is printed anyway."""
    try:
        yield
    except OSError as error:
        lost = sentence("The report isn't kept in {folder}: {error}.", folder=folder, error=error.strerror)
        click.echo(shown(lost), err=True)
