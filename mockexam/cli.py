"""The command line: a table of commands, of which only the one asked for is imported."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Sequence
from importlib import import_module

import click

from mockexam import __version__
from mockexam.language.catalogue import choose_from_environment, shown

COMMANDS = {
    "start": ("mockexam.commands.start", "Open the exam on this terminal."),
    "serve": ("mockexam.commands.serve", "Open the exam in a browser on this machine."),
    "submit": ("mockexam.commands.submit", "Submit and test the model of a category."),
    "status": ("mockexam.commands.status", "Show the time left and the points so far."),
    "end": ("mockexam.commands.end", "End the exam and show the result."),
    "results": ("mockexam.commands.results.group", "Show the results of earlier exams."),
    "export-attempt": ("mockexam.commands.export_attempt", "Write an exam into one file, to move or to keep it."),
    "import-attempt": ("mockexam.commands.import_attempt", "Go on here with an exam from another machine."),
    "practice": ("mockexam.commands.practice", "Work on one problem without an exam."),
    "grade": ("mockexam.commands.grade", "Test the models that a class has handed in."),
    "doctor": ("mockexam.commands.doctor", "Check what this machine has and what an exam needs."),
    "pack": ("mockexam.commands.pack.group", "List, check, prove and build problem packs."),
}
"""Name → (module with a click command `command`, what it does in one line)."""

ANSWER_IS_NO, WRONG_USAGE, NOTHING_THERE, OUR_FAULT = 1, 2, 3, 4
INTERRUPTED, READER_GONE = 130, 141  # as the shell counts what a signal ended
EXIT_OF_KIND = {
    "no": ANSWER_IS_NO,
    "usage": WRONG_USAGE,
    "nothing": NOTHING_THERE,
    "fault": OUR_FAULT,
    "offline": OUR_FAULT,
}
EXIT_CODES = {
    0: ("done", "for `submit`: the model was tested, whatever its score"),
    ANSWER_IS_NO: (
        "the answer is no",
        "the model was refused or failed, a result file does not hold, `end` was answered *no*, `doctor` found a fault",
    ),
    WRONG_USAGE: (
        "wrong usage",
        "an unknown option or category, a used folder, no terminal, settings that can't be understood",
    ),
    NOTHING_THERE: ("nothing to work on", "no exam is running, or there is no such file, pack or result"),
    OUR_FAULT: (
        "our fault",
        "or the machine's: a model could not be tested, the disk is full, no network; nothing recorded is lost",
    ),
    INTERRUPTED: ("interrupted", "by Ctrl-C; `pack` commands also by SIGTERM or SIGHUP"),
    READER_GONE: ("the reader went away", "as in `… | head -1`; the command went no further"),
}
"""Code → (what it means, in which cases); docs/commands.md has them as a table."""


class Table(click.Group):
    """A group that knows its commands' names and one-line helps without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the table's order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command's module."""
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = import_module(COMMANDS[cmd_name][0]).command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table itself."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])


@click.group(cls=Table, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="mockexam %(version)s")
def table() -> None:
    """A hands-on TensorFlow mock exam in the terminal: five problems, 300 minutes.

    Exit codes: 0 done, 1 the answer is no, 2 wrong usage, 3 nothing to work on, 4 our fault.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code; whatever goes wrong is said in a sentence."""
    try:
        choose_from_environment()
        given = sys.argv[1:] if arguments is None else list(arguments)
        code = table.main(given, prog_name="mockexam", standalone_mode=False)
        if sys.stdout is not None:  # it may have been closed
            sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.ClickException as error:
        error.show()
        return error.exit_code if error.exit_code != 1 else WRONG_USAGE
    except click.Abort:  # click has ended the line already
        click.echo("Stopped.", err=True)
        return INTERRUPTED
    except KeyboardInterrupt:
        click.echo("\nStopped.", err=True)
        return INTERRUPTED
    except (BrokenPipeError, SystemExit):  # click makes the one of the other
        # The reader went away (as `head` does); what Python would flush at exit has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return READER_GONE
    except Exception as error:
        if os.environ.get("MOCKEXAM_DEBUG"):
            raise
        return _explain(error)


def _explain(error: Exception) -> int:
    """Say what happened: expected, found, advice where the error knows them."""
    if all(hasattr(error, name) for name in ("expected", "found", "advice")):
        known = vars(error)
        for label in ("expected", "found", "advice"):
            click.echo(f"{click.style(f'{label.capitalize():<9}', dim=True)} {shown(known[label])}", err=True)
        if known.get("log"):  # the end of what a pack's own code printed
            click.echo("\n" + textwrap.indent(str(known["log"]), "    "), err=True)
        return EXIT_OF_KIND.get(str(known.get("kind", "no")), ANSWER_IS_NO)
    if isinstance(error, OSError) and error.strerror is not None:
        where = f" ({os.fspath(error.filename)!s})" if error.filename is not None else ""
        click.echo(f"Expected  to read and write files\nFound     {error.strerror}{where}", err=True)
        click.echo(
            "Advice    Check that the place is there, that you may write there, and that the disk isn't full.", err=True
        )
        return OUR_FAULT
    click.echo(f"mockexam failed: {type(error).__name__}: {error}", err=True)
    click.echo("Set MOCKEXAM_DEBUG=1 to see where, and report it with what you did.", err=True)
    return OUR_FAULT
