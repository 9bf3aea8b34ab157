"""`mockexam results`."""

from __future__ import annotations

import click
import msgspec

from mockexam.commands import desk
from mockexam.exam.refusal import AttemptError
from mockexam.exam.rules import retake_from
from mockexam.sitting.concluding import conclude
from mockexam.sitting.office import Attempt, Office, Result


@click.command("results")
@click.argument("attempt_id", metavar="[ID]", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(attempt_id: str | None, as_json: bool) -> int:
    """Show all results, or the one of the exam ID (its first letters are enough)."""
    with desk.office() as office:
        ended = [attempt for attempt in office.attempts() if attempt.state == "ended"]
        if attempt_id is not None:
            ended = [_chosen(ended, attempt_id)]
        if not ended:
            raise AttemptError("an exam that has ended", "none", "Take one with `mockexam start`.", kind="nothing")
        with desk.grader() as grader:
            results = [conclude(office, attempt.id, grader, desk.say_testing) for attempt in ended]
        known = [result for result in results if result is not None]
        if as_json:
            encoded = msgspec.json.encode(known[0] if attempt_id is not None and known else known)
            click.echo(msgspec.json.format(encoded, indent=2))
        elif attempt_id is not None and known:
            click.echo(result_text(office, known[0]))
        else:
            click.echo("\n".join(_list(ended, results)))
        return 0 if len(known) == len(ended) else 4


def result_text(office: Office, result: Result) -> str:
    """A result in full, with the wait that the original would have asked for after a failure."""
    ended = f"{result.ended_at.astimezone():%Y-%m-%d %H:%M}"
    how = "ended by the candidate" if result.end_reason == "candidate" else "ended when time was up"
    sat = desk.span((result.ended_at - result.started_at).total_seconds())
    verdict = (
        click.style("PASSED", fg="green", bold=True)
        if result.passed
        else click.style("NOT PASSED", fg="red", bold=True)
    )
    lines = [
        f"{result.candidate}, {ended}, {how} after {sat}",
        "",
        *desk.standing_lines(result.categories),
        "",
        f"{desk.plain(result.total)} of 100 points, {desk.plain(result.pass_mark)} pass: {verdict}",
        *result.remarks,
    ]
    if retake := retake_sentence(office, result):
        lines.append(retake)
    return "\n".join(lines)


def retake_sentence(office: Office, result: Result) -> str:
    """When the original would have let one sit again; nothing after a pass."""
    attempt = office.attempt(result.attempt_id)
    known = [(one, office.result(one.id)) for one in reversed(office.attempts())]
    sat = [
        (found.ended_at, found.passed)
        for one, found in known
        if found is not None and found.ended_at <= result.ended_at and one.pack_id == attempt.pack_id
    ]
    day = retake_from(sat, attempt.rules.retake_days)
    if day is None:
        return ""
    return f"The original would let you sit again from {day.astimezone():%Y-%m-%d}; here you may at once."


def _chosen(ended: list[Attempt], attempt_id: str) -> Attempt:
    found = [attempt for attempt in ended if attempt.id.startswith(attempt_id)]
    if len(found) == 1:
        return found[0]
    names = ", ".join(attempt.id for attempt in (found or ended)) or "none"
    expected = f"one of the exams that have ended: {names}"
    what = f"{attempt_id!r}, which fits {len(found)}" if found else repr(attempt_id)
    raise AttemptError(expected, what, "Give a whole id, as `mockexam results` lists it.", kind="nothing")


def _list(ended: list[Attempt], results: list[Result | None]) -> list[str]:
    rows = [("Id", "Ended", "Candidate", "Pack", "Points", "Result")]
    for attempt, result in zip(ended, results, strict=True):
        assert attempt.ended_at is not None
        points = desk.plain(result.total) if result else "–"
        outcome = "not tested yet" if result is None else "passed" if result.passed else "not passed"
        ended_at = f"{attempt.ended_at.astimezone():%Y-%m-%d %H:%M}"
        pack = f"{attempt.pack_id} {attempt.pack_version}"
        rows.append((attempt.id, ended_at, attempt.candidate, pack, points, outcome))
    table = desk.columns(rows, right=frozenset({4}))
    return [click.style(table[0], dim=True), *table[1:]]
