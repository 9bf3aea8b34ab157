"""The tutorial of docs/packs.md, followed to the end: its commands are run as they stand there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

TUTORIAL = Path(__file__).parents[3] / "docs" / "packs.md"


def blocks() -> list[str]:
    """The commands of the tutorial, in order."""
    found = re.findall(r"```sh\n(.*?)```", TUTORIAL.read_text("utf-8"), re.DOTALL)
    assert len(found) >= 8
    return found


@pytest.mark.slow
def test_a_newcomer_can_follow_the_tutorial_to_the_end(tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "MOCKEXAM_HOME": str(tmp_path / "home"),
        # pip works offline, with the build back end that is installed, and into a folder of the test's own.
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",
        "PIP_NO_DEPS": "1",
        "PIP_TARGET": str(packages),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PYTHONPATH": str(packages),
    }
    said = ""
    for block in blocks():
        run = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert run.returncode == 0, f"{block}\n{run.stdout}\n{run.stderr}"
        said += run.stdout
    for expected in (
        "night-class 0.1.0: 1 problem, no errors",
        "tea: proven",
        "proposed: at_most",
        "Installed night-class 0.1.0",
        "Night school 0.1.0",
    ):
        assert expected in said
    assert not (tmp_path / "home" / "data" / "packs" / "night-class").exists()
    assert "NO " not in (tmp_path / "night-class" / "tea" / "proof.txt").read_text()
