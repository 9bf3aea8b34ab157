"""`mockexam results`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from graders.sentences import Sentence, sentence
from mockexam.commands import context
from mockexam.commands.exit_codes import DONE, OUR_FAULT
from mockexam.errors import AttemptError
from mockexam.exam import program_rules
from mockexam.exam.rules import retake_from
from mockexam.language.catalogue import shown
from mockexam.sitting.conclusion import conclude
from mockexam.sitting.service import Attempt, ExamService, Result

USAGE = "[ID] [--json] | export [ID] | verify FILE"  # untranslated: what is typed

HEADINGS = (
    sentence("Id"),
    sentence("Ended"),
    sentence("Candidate"),
    sentence("Pack"),
    sentence("Points"),
    sentence("Result"),
)


class Results(click.Group):
    """`results [ID]` shows; `results export` and `results verify` are commands of their own."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Pass whatever isn't a command's name to `show`."""
        if not args or args[0] not in (*self.commands, *ctx.help_option_names):
            args = ["show", *args]
        return super().parse_args(ctx, args)


@click.group("results", cls=Results, subcommand_metavar=USAGE)
def command() -> None:
    """Show all results, or the one of the exam ID (its first letters are enough).

    `export` writes a result into a signed file, `verify` checks one.
    """


@command.command("show")
@click.argument("attempt_id", metavar="[ID]", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show_command(attempt_id: str | None, as_json: bool) -> int:
    """Show all results, or one: as `results [ID]`."""
    with context.exams() as exams:
        for attempt in exams.attempts():
            if attempt.state == "moved" and not as_json:
                exported = sentence(
                    "{attempt} was exported on {day} to go on elsewhere.",
                    attempt=attempt.id,
                    day=f"{attempt.moves[-1].exported_at.astimezone():%Y-%m-%d %H:%M}",
                )
                click.echo(shown(exported), err=True)
        ended = [attempt for attempt in exams.attempts() if attempt.state == "ended"]
        ended = _asked_for(ended, attempt_id)
        with context.grader_if_needed() as grader:
            results = [conclude(exams, attempt.id, grader, context.say_testing) for attempt in ended]
        known = [result for result in results if result is not None]
        if as_json:
            encoded = msgspec.json.encode(known[0] if attempt_id is not None and known else known)
            click.echo(msgspec.json.format(encoded, indent=2))
        elif attempt_id is not None and known:
            click.echo(result_text(exams, known[0]))
        else:
            click.echo("\n".join(_list(ended, results)))
        return DONE if len(known) == len(ended) else OUR_FAULT


@command.command("export")
@click.argument("attempt_id", metavar="[ID]", required=False)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file; mockexam-result-ID.json unless given.")
def export_command(attempt_id: str | None, output: Path | None) -> int:
    """Write a result (the latest) into a signed file."""
    from mockexam.transfer import signed_result, signing

    with context.exams() as exams:
        ended = _asked_for([one for one in exams.attempts() if one.state == "ended"], attempt_id)[:1]
        with context.grader_if_needed() as grader:
            conclude(exams, ended[0].id, grader, context.say_testing)
        said = signed_result.signed_result_of(exams.kept(ended[0].id), exams.submissions(ended[0].id))
        file = (output or Path(f"mockexam-result-{said.attempt}.json")).expanduser()
        signed = msgspec.json.format(signing.signed(signed_result.PURPOSE, said, exams.home.signing_key), indent=1)
        _write_new(file, signed + b"\n")
        key = signing.public_key(exams.home.signing_key)
    click.echo(shown(sentence("Wrote {file}: {points} of 100 points.", file=file, points=context.plain(said.total))))
    if key:
        click.echo(shown(sentence("Signed with your key {key}", key=signing.fingerprint(key))))
    else:
        click.echo(shown(sentence("Signed with your key, which is gone")))
    return 0


@command.command("verify")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--attempt", "bundle", type=click.Path(path_type=Path), help="The exported attempt; test it again.")
@click.option("--key", help="The fingerprint of the key that must have signed, as `results export` prints it.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def verify_command(file: Path, bundle: Path | None, key: str | None, as_json: bool) -> int:
    """Check a signed result file, and its scores.

    The signature and the sums are checked, with --attempt the scores themselves. FILE may be an exported attempt too;
    then its own result is checked and its models are tested again. The pack must be installed for that. 0: all of it
    holds, 1: something does not.
    """
    from mockexam.commands.results.verification import verify

    return verify(file.expanduser(), bundle.expanduser() if bundle else None, key, as_json=as_json)


def _asked_for(ended: list[Attempt], attempt_id: str | None) -> list[Attempt]:
    """The attempts that are asked for, latest first; raises AttemptError when there are none."""
    if attempt_id is not None:
        return [chosen(ended, attempt_id)]
    if not ended:
        advice = sentence("Take one with `mockexam start`.")
        raise AttemptError(sentence("an exam that has ended"), sentence("none"), advice, kind="nothing")
    return ended


def _write_new(file: Path, content: bytes) -> None:
    from mockexam.files.writing import Promise, write
    from mockexam.workspace.fault import from_os

    try:
        write(file, content, Promise(existing="refuse"))
    except FileExistsError:
        found = sentence("{file}, which is already there", file=file)
        advice = sentence("Give another name with --output.")
        raise AttemptError(sentence("a new file"), found, advice, kind="usage") from None
    except OSError as error:
        raise from_os(error, file, sentence("to write {path}", path=file)) from error


def result_text(exams: ExamService, result: Result) -> str:
    """A result in full, with the wait that the original would have asked for after a failure."""
    verdict, colour = (sentence("PASSED"), "green") if result.passed else (sentence("NOT PASSED"), "red")
    total = sentence(
        "{points} of 100 points, {pass_mark} pass: {verdict}",
        points=context.plain(result.total),
        pass_mark=context.plain(result.pass_mark),
        verdict=verdict,
    )
    word = shown(verdict)
    coloured = shown(total).replace(word, click.style(word, fg=colour, bold=True))
    lines = [
        shown(_sitting(result)),
        "",
        *context.standing_lines(result.categories),
        "",
        coloured,
        *map(shown, result.remarks),
        *map(shown, _programs(exams, result.attempt_id)),
    ]
    if retake := retake_sentence(exams, result):
        lines.append(shown(retake))
    return "\n".join(lines)


def _programs(exams: ExamService, attempt_id: str) -> Iterator[Sentence]:
    """What the exam's rules said about programs, and what they were run with."""
    yield from program_rules.told(exams.attempt(attempt_id).rules.programs)
    for one in exams.interpreters(attempt_id):
        yield one.use


def _sitting(result: Result) -> Sentence:
    """Who sat the exam, when and for how long."""
    values = {
        "candidate": result.candidate,
        "time": f"{result.ended_at.astimezone():%Y-%m-%d %H:%M}",
        "span": context.span((result.ended_at - result.started_at).total_seconds()),
    }
    if result.end_reason == "candidate":
        return sentence("{candidate}, {time}, ended by the candidate after {span}", **values)
    return sentence("{candidate}, {time}, ended when time was up after {span}", **values)


def retake_sentence(exams: ExamService, result: Result) -> Sentence | None:
    """When one may sit again, or when the original would have allowed it; None after a pass."""
    attempt = exams.attempt(result.attempt_id)
    day = retake_from(exams.sat(attempt), attempt.rules.retake_days)
    if day is None:
        return None
    if attempt.rules.retake == "enforced":
        return sentence(
            "You may sit again from {time}: this pack keeps to the original's wait.",
            time=f"{day.astimezone():%Y-%m-%d %H:%M}",
        )
    return sentence(
        "The original would let you sit again from {day}; here you may at once.", day=f"{day.astimezone():%Y-%m-%d}"
    )


def chosen(ended: list[Attempt], attempt_id: str) -> Attempt:
    """The attempt whose id begins with those letters; raises AttemptError for none or several."""
    found = [attempt for attempt in ended if attempt.id.startswith(attempt_id)]
    if len(found) == 1:
        return found[0]
    names = ", ".join(attempt.id for attempt in (found or ended)) or sentence("none")
    what = sentence("{id}, which fits {number}", id=repr(attempt_id), number=len(found)) if found else repr(attempt_id)
    raise AttemptError(
        sentence("one of these exams: {names}", names=names),
        what,
        sentence("Give a whole id, as `mockexam results` lists it."),
        kind="nothing",
    )


def _list(ended: list[Attempt], results: list[Result | None]) -> list[str]:
    rows = [tuple(map(shown, HEADINGS))]
    for attempt, result in zip(ended, results, strict=True):
        assert attempt.ended_at is not None
        points = context.plain(result.total) if result else "–"
        if result is None:
            outcome = sentence("not tested yet")
        else:
            outcome = sentence("passed") if result.passed else sentence("not passed")
        ended_at = f"{attempt.ended_at.astimezone():%Y-%m-%d %H:%M}"
        pack = f"{attempt.pack_id} {attempt.pack_version}"
        rows.append((attempt.id, ended_at, attempt.candidate, pack, points, shown(outcome)))
    table = context.columns(rows, right=frozenset({4}))
    return [click.style(table[0], dim=True), *table[1:]]
