"""Paths as terminals paste them."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from mockexam.workspace.dropped import model_dropped, path_of

NAMES = [
    "mymodel.h5",
    "My Model (1).keras",
    "Müller's été.h5",
    '二 "best".h5',
    "a#b%20c&d;$e.h5",
    "back\\slash.h5",
    "-x.H5",
]

SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is (xterm, kitty)": str,
    "quoted by a shell's rules (GNOME, Konsole)": shlex.quote,
    "with a blank behind": lambda path: shlex.quote(path) + " ",
    "escaped (macOS, iTerm)": lambda path: "".join(c if c.isalnum() or c in "/._-" else f"\\{c}" for c in path),
    "a URL (VTE, file managers)": lambda path: "file://" + quote(path),
    "a URL with a host and a line end": lambda path: "file://localhost" + quote(path) + "\r\n",
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_every_spelling_leads_to_the_file(tmp_path: Path, name: str, spelling: Callable[[str], str]) -> None:
    file = tmp_path / name
    file.write_bytes(b"model")
    assert path_of(spelling(str(file))) == file
    assert model_dropped(spelling(str(file))) == file


def test_a_saved_model_folder_and_a_link_are_models(tmp_path: Path) -> None:
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "saved_model.pb").write_bytes(b"graph")
    (tmp_path / "link.h5").symlink_to(tmp_path / "file.h5")
    (tmp_path / "file.h5").write_bytes(b"model")
    assert model_dropped(f"{tmp_path}/saved/") == tmp_path / "saved"
    assert model_dropped(f"'{tmp_path}/link.h5'") == tmp_path / "link.h5"


def test_home_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "m.h5").write_bytes(b"model")
    assert model_dropped("~/m.h5") == tmp_path / "m.h5"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "x = 1",
        "m.h5",  # relative: more likely code than a drop
        "/no/such/file.h5",
        "/etc/hostname",
        "/etc",
        "file:///etc/hostname",
        "file://elsewhere/etc/hostname",
        "file://[",
        "'/tmp/unclosed",
        "/tmp/\0.h5",
        "~nobody-has-this-name/m.h5",
        "f(x)",
        "/" + "a" * 5000,
        "/tmp/a.h5\n/tmp/b.h5",
    ],
)
def test_other_text_is_no_dropped_model(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.h5").write_bytes(b"model")
    assert model_dropped(text) is None


def test_a_path_half_typed_is_read_as_it_stands(tmp_path: Path) -> None:
    assert path_of(f"{tmp_path}/not there") == tmp_path / "not there"
    assert path_of(f"'{tmp_path}/not there'") == tmp_path / "not there"
    assert path_of("rel/x.h5") == Path.cwd() / "rel" / "x.h5"
