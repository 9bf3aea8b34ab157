"""The options of commands that let programs run in a Python of the candidate's choice."""

from __future__ import annotations

import click

python_option = click.option(
    "--python", metavar="PATH", help="The Python for programs: this, keras2, a folder or an executable."
)
yes_option = click.option("--yes", is_flag=True, help="Trust a Python that others may have put there or can change.")
