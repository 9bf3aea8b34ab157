"""`mockexam import-attempt`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from graders.sentences import Sentence, sentence
from mockexam.commands import context
from mockexam.commands.pack.pack_context import progress_line
from mockexam.interpreters.choices import Choices
from mockexam.language.catalogue import shown
from mockexam.sitting.service import Attempt
from mockexam.transfer.bundle import opened
from mockexam.transfer.importing import bring


@click.command("import-attempt")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--project", type=click.Path(path_type=Path), help="A new folder for the project; named as it was unless given."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(file: Path, project: Path | None, as_json: bool) -> int:
    """Go on here with the exam in FILE, which `mockexam export-attempt` wrote.

    The deadline stays what it was. The pack must be installed here as it was there.
    """
    file = file.expanduser()
    with context.exams() as exams:
        if project is None:
            with opened(file) as bundle:
                project = Path.cwd() / bundle.label.kept.attempt.project.name
        with progress_line() as progress:
            attempt = bring(exams, file, project, lambda step: progress(step.fraction, shown(step.name)))
        left = exams.remaining(attempt)
        programs = Choices(exams.home).chosen(attempt.id, attempt.rules.programs, attempt.project)
    lines = _lines(attempt, left)
    if attempt.state == "running" and programs.why_fallen_back is not None:
        lines.append(programs.why_fallen_back)
    click.echo(_as_json(attempt, left) if as_json else "\n".join(map(shown, lines)))
    return 0


def _as_json(attempt: Attempt, left: float) -> str:
    fields = {
        "attempt": attempt.id,
        "state": attempt.state,
        "project": str(attempt.project),
        "deadline": attempt.deadline.isoformat() if attempt.deadline else None,
        "seconds_left": round(left, 1),
    }
    return json.dumps(fields, ensure_ascii=False, indent=2)


def _lines(attempt: Attempt, left: float) -> list[Sentence]:
    imported = sentence(
        "Imported the exam of {candidate}; its project is {project}.",
        candidate=attempt.candidate,
        project=attempt.project,
    )
    if attempt.state == "running" and attempt.deadline is not None:
        until = f"{attempt.deadline.astimezone():%H:%M}"
        go_on = sentence(
            "{span} left, until {time}. Go on with it: mockexam start", span=context.span(left), time=until
        )
        return [imported, go_on]
    return [imported, sentence("It has ended. Its result: mockexam results {attempt}", attempt=attempt.id)]
