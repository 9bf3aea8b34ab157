"""`mockexam doctor`."""

from __future__ import annotations

import json

import click

from mockexam.commands import context
from mockexam.language.catalogue import shown
from mockexam.sitting.doctor import examine, examine_store
from mockexam.sitting.machine import Check
from mockexam.store.home import Home

MARKS = {"ok": ("✓", "green"), "warn": ("!", "yellow"), "fail": ("✗", "red")}


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--verify", is_flag=True, help="Also read every submitted model and compare it with its hash.")
def command(as_json: bool, verify: bool) -> int:
    """Check what this machine has and what an exam needs; each line says what to do."""
    checks = examine(Home.default())
    if verify:
        with context.exams() as exams:
            checks += examine_store(exams)
    if as_json:
        click.echo(json.dumps([_plain(check) for check in checks], ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(_lines(checks)))
    return 1 if any(check.status == "fail" for check in checks) else 0


def _plain(check: Check) -> dict[str, str]:
    """A check as JSON values for other programs."""
    return {
        "name": str(check.name),
        "status": check.status,
        "found": str(check.found),
        "advice": str(check.advice),
    }


def _lines(checks: list[Check]) -> list[str]:
    table = context.columns([(MARKS[check.status][0], shown(check.name), shown(check.found)) for check in checks])
    lines = []
    for line, check in zip(table, checks, strict=True):
        lines.append(click.style(line[0], fg=MARKS[check.status][1], bold=True) + line[1:])
        if check.status != "ok":
            lines.append(f"   → {shown(check.advice)}")
    return lines
