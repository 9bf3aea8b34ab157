"""What a command prints steers the terminal only where the command itself means to."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import click

from mockexam.commands.plain_stream import PlainStream


def written(*texts: str) -> str:
    kept = io.StringIO()
    stream = PlainStream(kept)
    for text in texts:
        assert stream.write(text) == len(text)
    return kept.getvalue()


def test_colours_and_the_progress_line_pass() -> None:
    coloured = click.style("passed", fg="green", bold=True) + "\n"
    assert (
        written(coloured, "\r█░  5%", "\r\x1b[K", "\r   \r", "one\ttwo\n")
        == coloured + "\r█░  5%\r\x1b[K\r   \rone\ttwo\n"
    )


def test_nothing_else_does() -> None:
    assert (
        written("a\x1b]0;title\x07\x1b[2J\x9b31m b\rc\n") == "a\\u001b]0;title\\u0007\\u001b[2J\\u009b31m b\\u000dc\n"
    )


def test_the_program_itself_has_such_streams() -> None:
    name = "no\x1b[2Jsuch\x7f"
    asked = [sys.executable, "-m", "mockexam", "pack", "info", "--", f"./{name}"]
    done = subprocess.run(asked, capture_output=True, text=True, env={**os.environ, "FORCE_COLOR": "1"}, check=False)
    assert "such" in done.stderr
    assert "\x1b[2J" not in done.stderr
    assert "\x7f" not in done.stderr
