"""The settings: what can't be understood is refused by name and never written over; all else is kept."""

from __future__ import annotations

import ctypes
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mockexam.store.settings import LARGEST, Settings, SettingsError

SPOILT = {
    "empty": (b" \n", "an empty file"),
    "cut off": (b"{", "line 1, column 2"),
    "trailing comma": (b'{\n  "isolation": "required",\n}\n', "line 3, column 1: a comma after the last entry"),
    "comment": (b'{\n  // strict\n  "isolation": "required"\n}', "line 2, column 3"),
    "UTF-16": ('{"isolation": "required"}'.encode("utf-16"), "UTF-16"),
    "UTF-16 without a mark": ('{"isolation": "required"}'.encode("utf-16-le"), "UTF-16"),
    "Latin-1": ('{\n"name": "Zoë"}'.encode("latin-1"), "line 2: the byte 0xeb, which is no UTF-8"),
    "list": (b'["isolation", "required"]', "a list, not an object"),
    "a key twice": (b'{"isolation": "required", "isolation": "best"}', 'the key "isolation" twice'),
    "no JSON": (b'{"x": NaN}', "NaN"),
    "deep": (b"[" * 100_000, "nested too deep"),
    "enormous number": (b'{"x": ' + b"1" * 5000 + b"}", "4300 digits"),
    "too large": (b'{"isolation": "required"}' + b" " * LARGEST, "more than 1 MiB"),
    "wrong word": (b'{"isolation": "requird"}', '"requird"'),
    "null": (b'{"isolation": null}', "null"),
    "isolation of a wrong kind": (b'{"isolation": ["required"]}', "a list"),
    "name of a wrong kind": (b'{"name": 5}', "a number"),
    "screen_reader of a wrong kind": (b'{"screen_reader": "no"}', "text"),
}
NEAR = (
    "isolaton",
    "Isolation",
    "ISOLATION",
    "isolation_level",
    "isolation-level",
    "isolation ",
    "isolated",
    "islation",
    "isolatoin",
    "izolation",
    "insolation",
    "MOCKEXAM_ISOLATION",
    "isоlation",  # with a Cyrillic о
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.json"


def refusal(path: Path) -> SettingsError:
    """What reading `path` is refused with."""
    with pytest.raises(SettingsError) as caught:
        Settings(path)
    assert str(path) in str(caught.value)
    assert caught.value.kind == "usage"
    return caught.value


@pytest.mark.parametrize(("content", "found"), SPOILT.values(), ids=SPOILT)
def test_what_cannot_be_understood_is_refused_and_stays(path: Path, content: bytes, found: str) -> None:
    settings = Settings(path)
    path.write_bytes(content)
    assert found in str(refusal(path).found)
    settings.set("theme", "other")
    with pytest.raises(SettingsError):
        settings.save()
    assert path.read_bytes() == content
    assert settings.get("theme") == "other"  # for as long as this process lives


@pytest.mark.parametrize("key", NEAR)
def test_a_key_much_like_isolation_is_refused(path: Path, key: str) -> None:
    path.write_text(json.dumps({key: "required"}), "utf-8")
    assert str(refusal(path).found).startswith(json.dumps(key, ensure_ascii=False))


@pytest.mark.parametrize("key", ["colour", "animation", "installation", "iso", "Theme", ""])
def test_another_unknown_key_is_warned_of(path: Path, key: str) -> None:
    path.write_text(json.dumps({key: 1, "isolation": "required"}), "utf-8")
    settings = Settings(path)
    assert settings.isolation == "required"
    warning = str(*settings.warnings)
    assert json.dumps(key) in warning
    assert str(path) in warning


def test_a_warning_neither_steers_the_terminal_nor_fills_it(path: Path) -> None:
    path.write_text(json.dumps({"\x1b]0;title\x07": 1, "\ud800": 2, "x" * 5000: 3} | dict.fromkeys("abcdef")), "utf-8")
    warning = str(*Settings(path).warnings)
    assert warning.isprintable()
    assert len(warning) < 500 + len(str(path))
    assert "and 4 more" in warning


def test_a_file_that_is_not_there_asks_for_nothing(path: Path) -> None:
    for settings in (Settings(path), Settings(None), Settings(path / "below" / "settings.json")):
        assert settings.isolation == "best"
        assert settings.warnings == []
    assert not path.exists()


def test_a_byte_order_mark_before_utf_8_changes_nothing(path: Path) -> None:
    path.write_text('{"isolation": "required", "name": "Zoë"}', "utf-8-sig")
    settings = Settings(path)
    assert (settings.isolation, settings.get("name")) == ("required", "Zoë")


def test_null_is_nothing_chosen(path: Path) -> None:
    path.write_text('{"name": null}')
    assert Settings(path).get("name", "") == ""


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


def link_to_pipe(path: Path) -> None:
    os.mkfifo(path.with_name("pipe"))
    path.symlink_to("pipe")


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (os.mkfifo, "a pipe"),
        (link_to_pipe, "a pipe"),
        (make_socket, "a socket"),
        (Path.mkdir, "a folder"),
        (lambda path: path.symlink_to("/dev/zero"), "a device"),
        (lambda path: path.symlink_to("nowhere"), "leads nowhere"),
        (lambda path: path.symlink_to(path), "leads to itself"),
    ],
    ids=["pipe", "link to a pipe", "socket", "folder", "device", "dangling link", "looping link"],
)
def test_what_is_no_file_is_refused_at_once(
    path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], None], found: str
) -> None:
    monkeypatch.chdir(path.parent)
    make(Path(path.name) if make is make_socket else path)  # the name of a socket may be 108 bytes long
    code = (
        "import sys; from pathlib import Path; from mockexam.store.settings import *\ntry: Settings(Path(sys.argv[1]))"
    )
    code += "\nexcept SettingsError as error: print(error)"
    run = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert f"{path} to be a file" in run.stdout
    assert found in run.stdout


@pytest.mark.parametrize("closed", ["settings.json", "."])
def test_a_file_that_may_not_be_read_is_refused(path: Path, closed: str) -> None:
    path.write_text('{"isolation": "required"}')
    place = path.parent / closed
    mode = place.stat().st_mode
    place.chmod(0)
    try:
        assert as_ordinary_user(lambda: str(refusal(path).found)) == "no permission to read it"
    finally:
        place.chmod(mode)


def test_a_file_that_may_not_be_written_stays(path: Path) -> None:
    path.write_text('{"isolation": "required"}')
    path.chmod(0o444)

    def save() -> str:
        settings = Settings(path)
        settings.set("theme", "other")
        with pytest.raises(SettingsError) as caught:
            settings.save()
        return f"{caught.value.expected}: {caught.value.kind}"

    assert as_ordinary_user(save) == f"to write {path}: fault"
    assert path.read_text() == '{"isolation": "required"}'


def test_saving_keeps_what_is_in_the_file_by_then(path: Path) -> None:
    path.write_text('{"name": "Ada", "theme": "a"}')
    settings = Settings(path)
    path.write_text(
        '{"isolation": "required", "name": "Bob", "theme": "a", "a name of a later version": [1, {"x": "Zoë"}]}'
    )
    settings.set("theme", "b")
    settings.save()
    assert json.loads(path.read_text("utf-8")) == {
        "isolation": "required",
        "name": "Bob",
        "theme": "b",
        "a name of a later version": [1, {"x": "Zoë"}],
    }


def test_settings_are_found_again_and_leave_nothing_else(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "deep" / "settings.json")
    settings.set("theme", "mockexam-light")
    settings.save()
    assert Settings(tmp_path / "deep" / "settings.json").get("theme") == "mockexam-light"
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["settings.json"]


def test_a_link_is_followed(path: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text('{"isolation": "required"}')
    path.symlink_to("mine.json")
    settings = Settings(path)
    settings.set("theme", "other")
    settings.save()
    assert path.is_symlink()
    assert json.loads((tmp_path / "mine.json").read_text()) == {"isolation": "required", "theme": "other"}


def test_what_is_saved_is_on_the_disk_before_it_takes_the_old_place(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_text('{"theme": "a"}')
    calls: list[str] = []
    for owner, name in ((os, "fsync"), (Path, "replace")):
        real = getattr(owner, name)

        def noted(*args: object, real: Callable[..., object] = real, name: str = name) -> object:
            calls.append(name)
            return real(*args)

        monkeypatch.setattr(owner, name, noted)
    settings = Settings(path)
    settings.set("theme", "b")
    settings.save()
    assert calls == ["fsync", "replace", "fsync"]  # the file, its name, the folder


def test_settings_that_cannot_be_kept_hold_for_the_session(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings = Settings(tmp_path / "file" / "settings.json")
    settings.set("theme", "other")
    with pytest.raises(SettingsError) as caught:
        settings.save()
    assert caught.value.kind == "fault"
    assert settings.get("theme") == "other"


def as_ordinary_user(act: Callable[[], str]) -> str:
    """What `act` gives to somebody whom modes of files stop; root has a forked child give away what lets it pass."""
    if os.geteuid() != 0:
        return act()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            give_away_capabilities()
            os.write(writing, act().encode())
        except BaseException as error:
            os.write(writing, f"{type(error).__name__}: {error}".encode())
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading, "rb") as told:  # noqa: PTH123 - a descriptor has no path
        answer = told.read().decode()
    os.waitpid(child, 0)
    return answer


def give_away_capabilities() -> None:
    """Root then only owns its files; another user would be shut out of the test's folder altogether."""
    version, none = 0x20080522, (ctypes.c_uint32 * 6)()
    if ctypes.CDLL(None, use_errno=True).capset((ctypes.c_uint32 * 2)(version, 0), none) != 0:
        raise OSError(ctypes.get_errno(), "capset")
