"""The command line: a table of commands, of which only the one asked for is imported."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Sequence

import click

from graders.boot import hide_packages_of_candidates
from graders.sentences import Words, sentence
from mockexam import __version__
from mockexam.commands import exit_codes
from mockexam.commands.lazy_group import Entry, LazyGroup, translate
from mockexam.commands.plain_stream import PlainStream
from mockexam.errors import Error
from mockexam.language.catalogue import choose_from_environment, shown
from mockexam.language.encoding import fit_streams, use_utf_8

COMMANDS = {
    "start": Entry("mockexam.commands.start", sentence("Open the exam on this terminal.")),
    "serve": Entry("mockexam.commands.serve", sentence("Open the exam in a browser on this machine.")),
    "submit": Entry("mockexam.commands.submit", sentence("Submit and test the model of a category.")),
    "run": Entry("mockexam.commands.programs.run", sentence("Run a program as the exam's screen does.")),
    "status": Entry("mockexam.commands.status", sentence("Show the time left and the points so far.")),
    "end": Entry("mockexam.commands.end", sentence("End the exam and show the result.")),
    "results": Entry("mockexam.commands.results.group", sentence("Show the results of earlier exams.")),
    "export-attempt": Entry(
        "mockexam.commands.export_attempt", sentence("Write an exam into one file, to move or to keep it.")
    ),
    "import-attempt": Entry(
        "mockexam.commands.import_attempt", sentence("Go on here with an exam from another machine.")
    ),
    "practice": Entry("mockexam.commands.models.practice", sentence("Work on one problem without an exam.")),
    "grade": Entry("mockexam.commands.models.grade", sentence("Test the models that a class has handed in.")),
    "doctor": Entry("mockexam.commands.doctor", sentence("Check what this machine has and what an exam needs.")),
    "pack": Entry("mockexam.commands.pack.group", sentence("List, check, prove and build problem packs.")),
}
LABELS = (sentence("Expected"), sentence("Found"), sentence("Advice"))
STOPPED = sentence("Stopped.")
DISK_ADVICE = sentence("Check that the place is there, that you may write there, and that the disk isn't full.")


@click.group(cls=LazyGroup, entries=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="mockexam %(version)s")
def table() -> None:
    """A hands-on TensorFlow mock exam in the terminal: five problems, 300 minutes.

    Exit codes: 0 done, 1 the answer is no, 2 wrong usage, 3 nothing to work on, 4 our fault.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; whatever goes wrong is reported in a sentence."""
    if arguments is None:  # the process is ours alone
        hide_packages_of_candidates()
        use_utf_8()
    fit_streams()
    if arguments is None:
        guard_streams()
    try:
        choose_from_environment()
        translate(table)
        given = sys.argv[1:] if arguments is None else list(arguments)
        code = table.main(given, prog_name="mockexam", standalone_mode=False)
        if sys.stdout is not None:  # it may have been closed
            sys.stdout.flush()
        return code if isinstance(code, int) else exit_codes.DONE
    except click.ClickException as error:
        error.show()
        return error.exit_code if error.exit_code != 1 else exit_codes.WRONG_USAGE
    except click.Abort:  # Click has ended the line already
        click.echo(shown(STOPPED), err=True)
        return exit_codes.INTERRUPTED
    except KeyboardInterrupt:
        click.echo("\n" + shown(STOPPED), err=True)
        return exit_codes.INTERRUPTED
    except (BrokenPipeError, SystemExit):  # Click turns the first into the second
        # The reader went away (as `head` does); what Python would flush at exit has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return exit_codes.READER_GONE
    except Exception as error:
        if os.environ.get("MOCKEXAM_DEBUG"):
            raise
        return _explain(error)


def guard_streams() -> None:
    """Whatever is printed from now on steers no terminal."""
    for name in ("stdout", "stderr"):
        if (stream := getattr(sys, name)) is not None:  # it may have been closed
            setattr(sys, name, PlainStream(stream))


def _explain(error: Exception) -> int:
    """Print what happened: expected, found and advice, where the error knows them."""
    if isinstance(error, Error):
        _show(error.expected, error.found, error.advice)
        if error.log:
            click.echo("\n" + textwrap.indent(error.log, "    "), err=True)
        return exit_codes.OF_KIND[error.kind]
    if isinstance(error, OSError) and error.strerror is not None:
        where = f" ({os.fspath(error.filename)!s})" if error.filename is not None else ""
        _show(sentence("to read and write files"), f"{error.strerror}{where}", DISK_ADVICE)
        return exit_codes.OUR_FAULT
    failed = sentence("mockexam failed: {error}", error=f"{type(error).__name__}: {error}")
    report = sentence("Set MOCKEXAM_DEBUG=1 to see where, and report it with what you did.")
    click.echo(f"{shown(failed)}\n{shown(report)}", err=True)
    return exit_codes.OUR_FAULT


def _show(*parts: Words) -> None:
    labels = [shown(label) for label in LABELS]
    width = max(map(len, labels)) + 1
    for label, part in zip(labels, parts, strict=True):
        click.echo(f"{click.style(label.ljust(width), dim=True)} {shown(part)}", err=True)
