"""Names in any script, on a machine whose locale says that its encoding is another than UTF-8."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ASCII = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C"}


def mockexam(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    others = {name: value for name, value in os.environ.items() if name != "PYTHONIOENCODING"}
    command = [sys.executable, "-m", "mockexam", *arguments]
    home = {"MOCKEXAM_HOME": str(folder / "home")}
    return subprocess.run(
        command, env=others | ASCII | home | environment, cwd=folder, capture_output=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    ("encoding", "told"), [("", "팩".encode()), ("cp949", "팩".encode("cp949")), ("utf-8", "팩".encode())]
)
def test_names_beyond_the_locale(tmp_path: Path, encoding: str, told: bytes) -> None:
    chosen = {"PYTHONIOENCODING": encoding} if encoding else {}
    made = mockexam(tmp_path, "pack", "new", "팩 🙂", **chosen)
    assert (made.returncode, made.stderr) == (0, b"")
    assert told in made.stdout
    assert (tmp_path / "팩 🙂" / "pack.toml").is_file()


def test_the_texts_of_a_file_are_read_as_utf_8(tmp_path: Path) -> None:
    mockexam(tmp_path, "pack", "new", "pack")
    text = (tmp_path / "pack" / "pack.toml").read_text("utf-8")
    (tmp_path / "pack" / "pack.toml").write_text(text.replace('title = "', 'title = "한글 🙂 '), "utf-8")
    told = mockexam(tmp_path, "pack", "info", "pack", PYTHONIOENCODING="cp949")
    assert told.returncode == 0, told.stderr
    assert "한글 \\U0001f642" in told.stdout.decode("cp949")
