"""`mockexam export-attempt`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from graders.sentences import Sentence, sentence, sentences
from mockexam.commands import context
from mockexam.commands.results.group import chosen
from mockexam.errors import AttemptError
from mockexam.language.catalogue import shown
from mockexam.sitting.service import Attempt, ExamService
from mockexam.transfer.exporting import Exported, export


@click.command("export-attempt")
@click.argument("attempt_id", metavar="[ID]", required=False)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file; mockexam-ID.zip unless given.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(attempt_id: str | None, output: Path | None, as_json: bool) -> int:
    """Write an exam into one file: its project, its submissions, its deadline.

    The exam that is running is moved with it: the clock runs on, but here it can't go on unless it is imported again.
    Of one that has ended (ID, its first letters are enough) the file is a copy, to be kept or verified.
    """
    with context.exams() as exams:
        attempt = _meant(exams, attempt_id)
        target = (output or Path(f"mockexam-{attempt.id}.zip")).expanduser().absolute()
        done = export(exams, attempt.id, target)
        left = exams.remaining(done.attempt)
    click.echo(
        json.dumps(_fields(done), ensure_ascii=False, indent=2)
        if as_json
        else "\n".join(map(shown, _lines(done, left)))
    )
    return 0


def _meant(exams: ExamService, attempt_id: str | None) -> Attempt:
    started = [one for one in exams.attempts() if one.started_at is not None]
    if attempt_id is not None:
        return chosen(started, attempt_id)
    running = [one for one in started if one.state == "running"] or [one for one in started if one.state == "moved"]
    if running:
        return running[0]
    raise AttemptError(
        sentence("an exam that is running, or the id of one that has ended"),
        sentence("none"),
        sentence("Name one that has ended, as `mockexam results` lists them."),
        kind="nothing",
    )


def _fields(done: Exported) -> dict[str, object]:
    attempt = done.attempt
    return {
        "file": str(done.file),
        "attempt": attempt.id,
        "state": attempt.state,
        "deadline": attempt.deadline.isoformat() if attempt.deadline else None,
        "files": done.files,
        "submissions": done.submissions,
        "left_out": [reason.english for reason in done.left_out],
    }


def _lines(done: Exported, left: float) -> list[Sentence]:
    lines = [
        sentence(
            "Wrote {file} ({size}): {files}, {submissions}.",
            file=done.file,
            size=context.size(done.file.stat().st_size),
            files=sentences("{count} file of the project", "{count} files of the project", count=done.files),
            submissions=sentences("{count} submission", "{count} submissions", count=done.submissions),
        )
    ]
    lines += [sentence("Left out: {reason}", reason=reason) for reason in done.left_out]
    if done.attempt.state == "moved" and done.attempt.deadline is not None:
        until = f"{done.attempt.deadline.astimezone():%H:%M}"
        lines += [
            sentence(
                "The exam can't go on here now. The clock runs on: {span} left, until {time}.",
                span=context.span(left),
                time=until,
            ),
            sentence(
                "On the other machine, or here to take it back: mockexam import-attempt {file}", file=done.file.name
            ),
        ]
    return lines
