"""`mockexam serve`."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from pathlib import Path

import click

from graders.sentences import Sentence, sentence
from mockexam.errors import AttemptError
from mockexam.language.catalogue import shown
from mockexam.serving.gate import DEFAULT_PORT, loopback


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="An address of this machine alone.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=DEFAULT_PORT, show_default=True, help="0 takes any free port."
)
@click.option("--name", help="The name that the result will carry.")
@click.option("--project", type=click.Path(path_type=Path), help="The folder for the project; must be empty or new.")
@click.option("--pack", help="The pack to draw the exam from, as in `mockexam pack list`.")
def command(host: str, port: int, name: str | None, project: Path | None, pack: str | None) -> int:
    """Open the exam in a browser on this machine.

    Prints an address to open. The exam goes on when the page is reloaded or closed, and ends with this command as it
    would with a closed terminal: everything is saved, and its clock keeps running.
    """
    address = loopback(host, port)
    from mockexam.serving import server

    folder = str(project.absolute()) if project else ""
    child = [sys.executable, "-m", "mockexam.tui.in_browser", name or "", folder, pack or ""]
    try:
        server.run(server.ExamServer(child, address, port, page_colours()), _say_where, _say_leaving, _say_fault)
    except OSError as error:
        raise _no_port(address, port, error) from error
    return 0


def page_colours() -> dict[str, str]:
    """The colours of the theme that the app will open with, by role; raises SettingsError as the app would."""
    from mockexam.store.home import Home
    from mockexam.store.settings import Settings
    from mockexam.tui.look.palette import DARK, LOOKS

    look = LOOKS.get(Settings(Home.default().settings).get("theme"), DARK)
    return (DARK if look.ansi else look).chrome


def _say_where(url: str) -> None:
    secret = sentence(
        "Anyone who knows it has a shell as you: keep it to yourself. It works until this command ends; Ctrl+C ends it."
    )
    click.echo(shown(sentence("Open this address in a browser on this machine:")))
    click.echo(f"\n  {url}\n")
    click.echo(shown(secret))


def _say_leaving() -> None:
    leaving = sentence("Saving and closing. Ctrl+C again to close at once.")
    click.echo(f"\n{shown(leaving)}", err=True)


def _say_fault(fault: Sentence) -> None:
    with contextlib.suppress(OSError):  # the terminal may be what went away
        click.echo(shown(fault), err=True)


def _no_port(host: str, port: int, error: OSError) -> AttemptError:
    reason = os.strerror(error.errno) if error.errno else str(error)
    taken = sentence("a port that is in use by another program")
    return AttemptError(
        sentence("to listen on port {port} of {host}", port=port, host=host),
        taken if error.errno == errno.EADDRINUSE else reason,
        sentence("Choose another with `--port`, or let the system choose with `--port 0`."),
        kind="usage",
    )
