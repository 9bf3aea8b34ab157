"""Whatever lies in a folder: submit, practice, grade, the watch and an archive of it choose the same model."""

from __future__ import annotations

import io
import os
import unicodedata
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import click
import pytest

from graders.contract import Contract
from graders.formats import BY_NAME
from graders.recognition.names import name_of
from graders.trusted.staging import Refused, stage
from mockexam.cli import main
from mockexam.commands import model_question
from mockexam.errors import SubmissionError
from mockexam.sitting.model_files import SeveralModelsError, model_at
from mockexam.sitting.service import Attempt, ExamService
from mockexam.sitting.system_clock import SystemClock
from mockexam.store.home import Home
from mockexam.workspace.watch import ModelWatch
from tests.commands.test_practice import running_exam
from tests.sitting.fakes import FakeService, scored, write_pack

NOON = 1_800_000_000
CONTRACT = Contract(input_shape=(1,), output_shape=(1,), max_bytes=1 << 20)
HDF5 = BY_NAME["h5"].signature + bytes(100)
SAVED = {
    "saved_model.pb": b"\x08\x01",
    "variables/variables.index": b"x",
    "variables/variables.data-00000-of-00001": b"y",
}
OF_DRIVE = "mymodel-20261130T141500Z-1-001.zip"
TWIN = b"\x00\x05\x16\x07" + bytes(80)
KERAS = {"config.json": b"{}", "metadata.json": b"{}", "model.weights.h5": HDF5}
UNPACKED = {**KERAS, "assets/vocabulary.txt": b"a"}


def zipped(members: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as opened:
        for name, content in members.items():
            opened.writestr(zipfile.ZipInfo(name, (2026, 11, 30, 12, 0, 0)), content)
    return buffer.getvalue()


class Layout(NamedTuple):
    """Files, the older ones first, and what is meant: `taken`, or one of `asked`, or else nothing, as `answer` says."""

    files: dict[str, bytes]
    taken: str = ""
    asked: tuple[str, ...] = ()
    answer: str = ""


def at(folder: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {f"{folder}/{name}": content for name, content in files.items()}


def h5(number: int = 0) -> bytes:
    return HDF5 + bytes([number])


def ask(name: str) -> Layout:
    return Layout({"mymodel.h5": h5(), name: h5(1)}, asked=("mymodel.h5", name))


LAYOUTS = {
    "h5": Layout({"mymodel.h5": h5()}, "mymodel.h5"),
    "other capitals": Layout({"MyModel.H5": h5()}, "MyModel.H5"),
    "space at the end": Layout({"mymodel.h5 ": h5()}, "mymodel.h5 "),
    "suffix twice": Layout({"mymodel.h5.h5": h5()}, "mymodel.h5.h5"),
    "keras": Layout({"mymodel.keras": zipped(KERAS)}, "mymodel.keras"),
    "unzipped keras": Layout(at("mymodel.keras", UNPACKED), "mymodel.keras"),
    "unzipped keras, by the name of its archive": Layout(at("mymodel", UNPACKED), "mymodel"),
    "SavedModel": Layout(at("mymodel", SAVED), "mymodel"),
    "SavedModel, another name": Layout(at("exported", SAVED), "exported"),
    "SavedModel, deeper": Layout(at("export/1", SAVED), "export/1"),
    "SavedModel beside other files": Layout({"labels.txt": b"0 a", **at("model", SAVED)}, "model"),
    "one model, another name": Layout({"best.h5": h5()}, "best.h5"),
    "zip": Layout({"mymodel.zip": zipped({"mymodel.h5": h5()})}, "mymodel.zip"),
    "zip of an h5": Layout({"mymodel.h5.zip": zipped({"mymodel.h5": h5()})}, "mymodel.h5.zip"),
    "zip of a keras": Layout({"mymodel.keras.zip": zipped({"mymodel.keras": zipped(KERAS)})}, "mymodel.keras.zip"),
    "zip, another name": Layout({"converted.zip": zipped(at("model.savedmodel", SAVED))}, "converted.zip"),
    "from Google Drive": Layout({OF_DRIVE: zipped(at("mymodel", SAVED))}, OF_DRIVE),
    "a zip of data": Layout({"rps.zip": zipped({"rock/1.png": b"x"}), "mymodel.h5": h5()}, "mymodel.h5"),
    "several, one named": Layout({"mymodel.h5": h5(), "best.keras": zipped(KERAS), "cp.h5": h5(1)}, "mymodel.h5"),
    "several, the newest named": Layout({"mymodel.h5": h5(), "mymodel.keras": zipped(KERAS)}, "mymodel.keras"),
    "several, none named": Layout({"a.h5": h5(), "b.h5": h5(1)}, answer="several"),
    "weights beside it": Layout({"best.keras": zipped(KERAS), "cp.weights.h5": h5(1)}, "best.keras"),
    "data beside it": Layout({"best.keras": zipped(KERAS), "data/train.h5": h5(1)}, "best.keras"),
    "deeper ones beside it": Layout({"mymodel.h5": h5(), "logs/cp.h5": h5(1), "old/mymodel.h5": h5(2)}, "mymodel.h5"),
    "macOS twins": Layout({"mymodel.h5": h5(), "._mymodel.h5": TWIN, "__MACOSX/mymodel.h5": h5(1)}, "mymodel.h5"),
    "a rescued model beside it": Layout({"best.h5": h5(), "unsaved-20261130T141500.keras": zipped(KERAS)}, "best.h5"),
    "an older download": Layout({"mymodel (1).h5": h5(1), "mymodel.h5": h5()}, "mymodel.h5"),
    "a download alone": Layout({"mymodel (1).h5": h5()}, "mymodel (1).h5"),
    "a numbered attempt": Layout({"mymodel.h5": h5(), "mymodel_1.h5": h5(1)}, "mymodel.h5"),
    "the same file twice": Layout({"mymodel.h5": h5(), "mymodel (1).h5": h5()}, "mymodel.h5"),
    "two downloads alone": Layout(
        {"mymodel (1).h5": h5(), "mymodel (2).h5": h5(1)}, asked=("mymodel (2).h5", "mymodel (1).h5")
    ),
    "under way": Layout({"mymodel.h5.crdownload": h5()}, answer="unfinished"),
    "under way, Firefox": Layout({"mymodel.h5": b"", "mymodel.Xk2jdf12.h5.part": h5()}, answer="unfinished"),
    "under way, a newer one": Layout({"mymodel.h5": h5(), "mymodel (1).h5.crdownload": h5(1)}, answer="unfinished"),
    "under way, Safari": Layout({"mymodel.h5.download/mymodel.h5": h5()}, answer="unfinished"),
    "under way, aria2": Layout({"mymodel.h5.aria2": b"x", "mymodel.h5": h5()}, answer="unfinished"),
    "under way, something else": Layout({"mymodel.h5": h5(), "train.h5.part": h5(1)}, "mymodel.h5"),
    "broken off long ago": Layout({"mymodel.h5.part": h5(1), "mymodel.h5": h5()}, "mymodel.h5"),
    "nothing": Layout({"notes.txt": b"x"}, answer="nothing"),
    **{
        name: ask(name)
        for name in (
            "mymodel (1).h5",
            "mymodel(1).keras",
            unicodedata.normalize("NFD", "mymodel - 복사본 (2).h5"),
            "mymodel (1).zip",
        )
    },
}  # fmt: skip


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("MOCKEXAM_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    write_pack(tmp_path / "home" / "data" / "packs")
    return Home.default()


@pytest.fixture(autouse=True)
def service(home: Home, monkeypatch: pytest.MonkeyPatch) -> FakeService:
    service = FakeService([scored(4)])
    monkeypatch.setattr("graders.Service", service.made_with, raising=False)
    return service


@pytest.fixture(params=LAYOUTS.values(), ids=list(LAYOUTS))
def layout(request: pytest.FixtureRequest) -> Layout:
    assert isinstance(request.param, Layout)
    return request.param


def spread(folder: Path, files: Mapping[str, bytes]) -> Path:
    """The files in a folder, each saved ten seconds after the one before."""
    folder.mkdir(exist_ok=True)
    for place, (name, content) in enumerate(files.items()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (NOON + 10 * place, NOON + 10 * place))
    return folder


def check(code: int, layout: Layout, taken: str, printed: str) -> None:
    """What a command must have done with a layout: its exit code, the model that it took, and the names it told."""
    if layout.taken:
        assert (code, taken) == (0, layout.taken)
    elif layout.asked:
        assert (code, taken) == (2, "")
        assert all(name in printed for name in layout.asked)
    else:
        assert taken == ""
        assert (layout.answer, code) in {("several", 2), ("unfinished", 3), ("nothing", 3), ("nothing", 1)}


def test_submit(layout: Layout, home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    attempt = running_exam(home, tmp_path)
    spread(attempt.project / "Category3", layout.files)
    code = main(["submit", "3", "--json"])
    check(code, layout, submitted(home, attempt), capsys.readouterr().err)


def test_a_folder_that_is_named(layout: Layout, tmp_path: Path) -> None:
    given = spread(tmp_path / "given", layout.files)
    if layout.taken:
        assert model_at(given, 3).path == given / layout.taken
    elif layout.answer == "nothing":
        assert model_at(given, 3).path == given
    else:
        with pytest.raises(SeveralModelsError if layout.asked else SubmissionError):
            model_at(given, 3)


def submitted(home: Home, attempt: Attempt) -> str:
    """The path below the folder that was submitted, "" for none."""
    exams = ExamService(home, SystemClock())
    try:
        sources = [one.source for one in exams.submissions(attempt.id)]
    finally:
        exams.close()
    return below(sources[0], attempt.project / "Category3") if sources else ""


def below(path: Path, folder: Path) -> str:
    return str(path.relative_to(folder))


def test_practice(layout: Layout, tmp_path: Path, service: FakeService, capsys: pytest.CaptureFixture[str]) -> None:
    given = spread(tmp_path / "given", layout.files)
    code = main(["practice", "--pack", "small", "problem-3", str(given)])
    taken = below(service.asked[0].model, given) if service.asked else ""
    if layout.answer == "nothing":
        assert taken == ".", "the grader says what the folder holds"
    else:
        check(code, layout, taken, capsys.readouterr().err)


def test_grade(layout: Layout, tmp_path: Path, service: FakeService, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "class").mkdir()
    given = spread(tmp_path / "class" / "ada", layout.files)
    spread(tmp_path / "class" / "bob", {"mymodel.h5": h5(9)})
    code = main(["grade", "problem-3", "--pack", "small", str(given.parent)])
    tested = [below(asked.model, given) for asked in service.asked if asked.model.is_relative_to(given)]
    if layout.answer == "several":
        assert tested == sorted(layout.files), "in a class each is somebody's"
    elif layout.answer:
        assert tested[0].split("/")[0] in {".", *(name.split("/")[0] for name in layout.files)}
        assert len(tested) == 1, "the grader says what is there instead"
    else:
        check(code, layout, "".join(tested), capsys.readouterr().err)


def test_the_watch(layout: Layout, tmp_path: Path) -> None:
    now = [0.0]
    folder = tmp_path / "Category3"
    watch = ModelWatch(folder, quiet=2.0, monotonic=lambda: now[0])
    spread(folder, layout.files)
    reported = []
    for _ in range(3):
        reported += watch.poll()
        now[0] += 3
    assert {below(path, folder) for path in reported} == set(layout.asked or ([layout.taken] if layout.taken else []))


PACKED = {
    name: one
    for name, one in LAYOUTS.items()
    # An archive in an archive is refused, and who packs a rescued model hands it in.
    if not any((file.endswith(".zip") and file != "rps.zip") or "unsaved" in file for file in one.files)
}


@pytest.mark.parametrize("layout", PACKED.values(), ids=list(PACKED))
def test_an_archive(layout: Layout, tmp_path: Path) -> None:
    given = spread(tmp_path / "given", layout.files)
    (tmp_path / "into").mkdir()
    archive = tmp_path / "given.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        for path in sorted(given.rglob("*")):
            if path.is_file():
                opened.write(path, path.relative_to(given))
    if layout.taken:
        staged = stage(archive, tmp_path / "into", CONTRACT)
        models = {name.split("/")[0] for name in layout.files if not name.startswith(("__MACOSX", "._"))}
        assert Path(layout.taken).parts[0] in models
        assert layout.taken not in staged.others
        kept = staged.path.read_bytes() if staged.path.is_file() else b""
        assert kept in (layout.files.get(layout.taken, b""), b"")
    else:
        with pytest.raises(Refused) as caught:
            stage(archive, tmp_path / "into", CONTRACT)
        codes = {"several": "several-models", "unfinished": "unfinished", "nothing": "no-model"}
        assert caught.value.reason.code == ("several-models" if layout.asked else codes[layout.answer])
        assert all(Path(name).name in caught.value.reason.found for name in layout.asked)


PROJECT = {
    "Category1/mymodel.h5": h5(1),
    "Category2/mymodel.h5": h5(2),
    "Category3/starter.py": b"",
    "Category3/mymodel.h5": h5(3),
    "Category3/data/points.csv": b"x",
}


def test_of_a_whole_project_the_problems_own_model_counts(tmp_path: Path, service: FakeService) -> None:
    project = spread(tmp_path / "project", PROJECT)
    (tmp_path / "project.zip").write_bytes(zipped(PROJECT))
    (tmp_path / "into").mkdir()
    for command in ("practice", "grade"):
        assert main([command, "problem-3", "--pack", "small", str(project)]) == 0
    assert [asked.model for asked in service.asked] == [project / "Category3" / "mymodel.h5"] * 2
    assert {asked.task.folder for asked in service.asked} == {"Category3"}
    staged = stage(tmp_path / "project.zip", tmp_path / "into", CONTRACT, within="Category3")
    assert staged.path.read_bytes() == h5(3)
    (tmp_path / "other").mkdir()
    with pytest.raises(Refused):
        stage(tmp_path / "project.zip", tmp_path / "other", CONTRACT)


def test_a_whole_project_that_is_submitted(home: Home, tmp_path: Path, service: FakeService) -> None:
    attempt = running_exam(home, tmp_path)
    (tmp_path / "project.zip").write_bytes(zipped(PROJECT))
    assert main(["submit", "3", str(tmp_path / "project.zip")]) == 0
    assert service.asked[0].task.folder == "Category3"
    assert main(["submit", "3", str(spread(tmp_path / "elsewhere", PROJECT))]) == 0
    exams = ExamService(home, SystemClock())
    try:
        assert exams.submissions(attempt.id)[1].source == tmp_path / "elsewhere" / "Category3" / "mymodel.h5"
    finally:
        exams.close()


@pytest.mark.parametrize("given", ["MYMODEL.h5", "mymodel.H5 ", unicodedata.normalize("NFC", "모델.h5")])
def test_a_name_that_is_spelled_otherwise(given: str, tmp_path: Path, service: FakeService) -> None:
    for name in ("mymodel.h5", unicodedata.normalize("NFD", "모델.h5")):
        (tmp_path / name).write_bytes(h5())
    assert main(["practice", "problem-3", "--pack", "small", given]) == 0
    assert name_of(service.asked[0].model.name).stem == name_of(given).stem


@pytest.mark.parametrize("command", ["practice", "grade"])
def test_on_a_terminal_it_is_asked(
    command: str, tmp_path: Path, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = spread(tmp_path / "given", ask("mymodel (1).h5").files)
    monkeypatch.setattr(model_question, "is_anybody_there", lambda: True)
    monkeypatch.setattr(click, "prompt", lambda *words, **options: 2)
    assert main([command, "problem-3", "--pack", "small", str(given)]) == 0
    assert [asked.model.name for asked in service.asked] == ["mymodel (1).h5"]
    assert main([command, "problem-3", "--pack", "small", "--json", str(given)]) == 2
    assert len(service.asked) == 1


def test_of_a_class_all_may_be_meant(tmp_path: Path, service: FakeService, monkeypatch: pytest.MonkeyPatch) -> None:
    given = spread(tmp_path / "given", ask("mymodel (1).h5").files)
    monkeypatch.setattr(model_question, "is_anybody_there", lambda: True)
    monkeypatch.setattr(click, "prompt", lambda *words, **options: 3)
    assert main(["grade", "problem-3", "--pack", "small", str(given)]) == 0
    assert [asked.model.name for asked in service.asked] == ["mymodel (1).h5", "mymodel.h5"]


def test_a_class_whose_models_are_unclear_is_named_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "class").mkdir()
    for name in ("ada", "bob"):
        spread(tmp_path / "class" / name, ask("mymodel (1).h5").files)
    assert main(["grade", "problem-3", "--pack", "small", "class"]) == 2
    printed = capsys.readouterr().err
    assert "ada/mymodel.h5" in printed
    assert "bob/mymodel.h5" in printed


def test_others_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = spread(tmp_path / "given", LAYOUTS["several, one named"].files)
    for command in ("practice", "grade"):
        assert main([command, "problem-3", "--pack", "small", str(given)]) == 0
        printed = capsys.readouterr().err
        assert "best.keras" in printed
        assert "cp.h5" in printed


def test_who_has_handed_in_nothing_that_counts_has_a_line(tmp_path: Path, service: FakeService) -> None:
    (tmp_path / "class").mkdir()
    for name, files in {"ada": {"mymodel.h5": h5()}, "bo": {}, "cy": {"mymodel.ipynb": b"{}"}}.items():
        spread(tmp_path / "class" / name, files)
    main(["grade", "problem-3", "--pack", "small", "class"])
    assert [str(asked.model) for asked in service.asked] == ["class/ada/mymodel.h5", "class/bo", "class/cy"]
