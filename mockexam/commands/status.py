"""`mockexam status`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import click
import msgspec

from graders.sentences import sentence
from mockexam.commands import context
from mockexam.exam.allowance import Allowance
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
        allowances = {category: queries.allowance(attempt.id, category) for category in sorted(attempt.problems)}
    write = _as_json if as_json else _as_text
    click.echo(write(attempt, left, standing, allowances))
    return 0


def _as_text(attempt: Attempt, left: float, standing: Standing, allowances: Mapping[int, Allowance]) -> str:
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
    limits = [shown(each) for pair in allowances.items() for each in context.allowance_words(*pair)]
    return "\n".join([*head, "", *context.standing_lines(standing.categories), "", shown(total), *limits])


def _as_json(attempt: Attempt, left: float, standing: Standing, allowances: Mapping[int, Allowance]) -> str:
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
            **_limits(allowances),
        },
        ensure_ascii=False,
        indent=2,
    )


def _limits(allowances: Mapping[int, Allowance]) -> dict[str, Any]:
    """Category → what it still takes, where there are limits; nothing in an exam without any."""
    found = {
        str(category): {
            "submissions_left": one.left,
            "next_at": one.next_at.isoformat() if one.next_at is not None else None,
        }
        for category, one in allowances.items()
        if one.most is not None or one.next_at is not None
    }
    return {"limits": found} if found else {}
