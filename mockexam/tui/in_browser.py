"""The app behind `mockexam serve`: python -m mockexam.tui.in_browser NAME PROJECT PACK, each "" when not given."""

from __future__ import annotations

import sys
from pathlib import Path

from graders.boot import hide_packages_of_candidates
from mockexam.errors import RefusalError
from mockexam.language.catalogue import choose_from_environment
from mockexam.tui import opening
from mockexam.tui.launch_options import LaunchOptions


def main(arguments: list[str]) -> int:
    """Open the app on standard input and output; returns the exit code."""
    choose_from_environment()
    name, project, pack = (one or None for one in arguments)
    try:
        return opening.run(LaunchOptions(Path(project) if project else None, name, pack))
    except RefusalError as refusal:  # the settings were damaged after `mockexam serve` had read them
        print(refusal, file=sys.stderr)
        return 2


if __name__ == "__main__":
    hide_packages_of_candidates()
    sys.exit(main(sys.argv[1:]))
