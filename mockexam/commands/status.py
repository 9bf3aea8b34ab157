"""`mockexam status`."""

from __future__ import annotations

import json

import click
import msgspec

from graders.sentences import sentence
from mockexam.commands import context
from mockexam.exam.attempt import Standing
from mockexam.language.catalogue import shown
from mockexam.store.records import Attempt


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(as_json: bool) -> int:
    """Show the exam that is running: the time left, and the points so far."""
    with context.queries() as queries:
        attempt = context.running_attempt(queries)
        left, standing = queries.remaining(attempt), queries.standing(attempt.id)
    click.echo(_as_json(attempt, left, standing) if as_json else _as_text(attempt, left, standing))
    return 0


def _as_text(attempt: Attempt, left: float, standing: Standing) -> str:
    assert attempt.deadline is not None
    time_left = sentence(
        "{span} left, until {time}", span=context.span(left), time=f"{attempt.deadline.astimezone():%H:%M}"
    )
    total = sentence(
        "{points} of 100 points so far; {pass_mark} pass",
        points=context.plain(standing.total),
        pass_mark=context.plain(standing.pass_mark),
    )
    head = [f"{attempt.candidate}, {attempt.project}", shown(time_left)]
    return "\n".join([*head, "", *context.standing_lines(standing.categories), "", shown(total)])


def _as_json(attempt: Attempt, left: float, standing: Standing) -> str:
    assert attempt.started_at is not None
    assert attempt.deadline is not None
    return json.dumps(
        {
            "attempt": attempt.id,
            "candidate": attempt.candidate,
            "project": str(attempt.project),
            "started_at": attempt.started_at.isoformat(),
            "deadline": attempt.deadline.isoformat(),
            "seconds_left": round(left, 1),
            **msgspec.to_builtins(standing),
        },
        ensure_ascii=False,
        indent=2,
    )
