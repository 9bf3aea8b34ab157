"""One table of formats: nothing else lists suffixes or parts of models, and every part of the app takes what it has."""

from __future__ import annotations

import ast
import typing
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import msgspec
import pytest

import graders
import mockexam
from graders import formats
from graders.contract import Contract
from graders.formats import BY_NAME, FORMATS, Format
from graders.trusted.staging import stage
from mockexam.commands import submit
from mockexam.commands.models import grade, practice
from mockexam.commands.models.handed_in import HandIns
from mockexam.sitting.model_files import find_model
from mockexam.store.snapshots import Snapshots
from mockexam.workspace.dropped import is_model
from mockexam.workspace.watch import ModelWatch

TABLE = Path(formats.__file__)
LOADERS = TABLE.parent / "child" / "loading"
APP = Path(mockexam.__file__ or "").parent
OF_PROGRAMS = (APP / "inspections", APP / "preload")
"""What knows the endings that a program's Keras takes, which are not those of our table: it may be another Keras."""
PARTS = {name for each in FORMATS for group in each.parts for name in group} - {"config.json"}  # others have one too
NAMES = set(formats.NAMES)

CONTENTS: dict[Format, dict[str, bytes]] = {
    "h5": {"": BY_NAME["h5"].signature + bytes(100)},
    "keras": {"config.json": b"{}", "model.weights.h5": b"weights"},
    "savedmodel": {"saved_model.pb": b"graph", "variables/variables.index": b"index"},
}


def elsewhere() -> Iterator[Path]:
    for package in (graders, mockexam):
        for path in Path(package.__file__ or "").parent.rglob("*.py"):
            if path != TABLE and not any(path.is_relative_to(folder) for folder in (LOADERS, *OF_PROGRAMS)):
                yield path


def spelled(tree: ast.AST) -> Iterator[str]:
    """Suffixes and parts of models that stand as strings, and names of formats that stand in a list of them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value in formats.MODEL_SUFFIXES | PARTS:
            yield str(node.value)
        elements = getattr(node, "elts", None) or getattr(node, "keys", None) or []
        listed = {str(one.value) for one in elements if isinstance(one, ast.Constant)} & NAMES
        if len(listed) > 1:
            yield from sorted(listed)


@pytest.mark.parametrize(
    "code",
    [
        'SUFFIXES = (".h5", ".keras")',
        'if path.suffix == ".hdf5": pass',
        '(path / "saved_model.pb").exists()',
        'WORDS = {"h5": 1, "savedmodel": 2}',
    ],
)
def test_a_list_beside_the_table_is_seen(code: str) -> None:
    assert list(spelled(ast.parse(code)))


def test_no_module_but_the_table_lists_formats() -> None:
    found = {str(path): list(spelled(ast.parse(path.read_text("utf-8")))) for path in elsewhere()}
    assert len(found) > 200
    assert {path: words for path, words in found.items() if words} == {}


def test_every_name_has_one_record() -> None:
    assert tuple(each.name for each in FORMATS) == typing.get_args(Format)
    assert Contract(input_shape=(1,), output_shape=(1,)).formats == typing.get_args(Format)


def test_every_record_can_be_told_from_the_others() -> None:
    assert all(each.signature or each.parts for each in FORMATS)
    assert all(each.suffixes or each.parts for each in FORMATS)
    suffixes = [suffix for each in FORMATS for suffix in each.suffixes]
    assert len(suffixes) == len(set(suffixes))


def test_every_record_has_its_loader() -> None:
    for each in FORMATS:
        tree = ast.parse((LOADERS / f"{each.loader}.py").read_text("utf-8"))
        functions = {
            node.name: [one.arg for one in node.args.args] for node in tree.body if isinstance(node, ast.FunctionDef)
        }
        assert functions["read"] == ["path"]
        assert functions["load"] == ["path", "blueprint", "contract"]


def test_texts_name_every_format() -> None:
    helps = [one.command.help or "" for one in (grade, practice, submit)]
    templates = files("mockexam.packs").joinpath("templates")
    statements = [
        folder.joinpath("statement.md.template").read_text("utf-8")
        for folder in templates.iterdir()
        if folder.name.startswith("category")
    ]
    assert len(statements) > 1
    for text in (*helps, *statements):
        assert [each.label for each in FORMATS if each.label not in text] == []


def written(folder: Path, each: formats.ModelFormat, name: str) -> Path:
    """A model of a format as people have one: a file, or a folder; what an archive holds may lie unpacked."""
    path = folder / name
    for inner, content in CONTENTS[each.name].items():
        file = path / inner if inner else path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return path


CASES = [
    *((each, formats.STEM) for each in FORMATS),
    *((each, f"{formats.STEM}{suffix}") for each in FORMATS for suffix in each.suffixes),
    *((each, f"{formats.STEM}{suffix.upper()}") for each in FORMATS for suffix in each.suffixes),
]


@pytest.mark.parametrize(("each", "name"), CASES, ids=lambda value: value if isinstance(value, str) else value.name)
def test_what_one_part_takes_all_take(each: formats.ModelFormat, name: str, tmp_path: Path) -> None:
    project, into = tmp_path / "project", tmp_path / "into"
    into.mkdir()
    model = written(project / "Category1", each, name)
    assert is_model(model)
    assert ModelWatch(project / "Category1").known() == [model]
    assert find_model(project, 1).path == model
    hand_ins = HandIns(1)
    hand_ins.add(project)
    assert hand_ins.models == [model]
    assert stage(model, into, Contract(input_shape=(4,), output_shape=(3,))).kind == each.name
    (tmp_path / "snapshots").mkdir()
    snapshot = Snapshots(tmp_path / "snapshots").take(model, 1 << 20)
    assert snapshot.path.is_dir() == model.is_dir()


@pytest.mark.parametrize("name", ["notes.txt", "weights.npz", "main.tf", "mymodel.py", "config.json"])
def test_what_is_no_model_by_its_name_is_offered_nowhere(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"content")
    assert not is_model(tmp_path / name)
    assert ModelWatch(tmp_path).known() == []


def test_a_folder_without_a_models_parts_is_none(tmp_path: Path) -> None:
    folder = tmp_path / "mymodel"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    assert formats.of_folder(folder) is None
    assert not is_model(folder)
    assert ModelWatch(tmp_path).known() == []


def test_a_record_more_is_known_by_its_parts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder of a made-up format: the record alone makes the watch, the dropped path and the snapshot know it."""
    made_up = BY_NAME["savedmodel"]._replace(title="Orbax", parts=(("_METADATA",),))
    monkeypatch.setattr(formats, "FORMATS", (*FORMATS, made_up))
    monkeypatch.setattr(formats, "_PARTS", formats._PARTS | {"_METADATA"})
    model = tmp_path / "mymodel"
    model.mkdir()
    (model / "_METADATA").write_bytes(b"x")
    assert formats.of_folder(model) == made_up
    assert is_model(model)
    assert ModelWatch(tmp_path).known() == [model]


def test_a_contract_takes_no_other_format() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"input_shape": [1], "output_shape": [1], "formats": ["onnx"]}, Contract)


@pytest.mark.parametrize(
    ("words", "expected"),
    [("", ""), ("a", "a"), ("ab", "a or b"), ("abc", "a, b or c"), ("abcde", "a, b, c, d or e")],
)
def test_formats_are_listed_as_alternatives(words: str, expected: str) -> None:
    assert str(formats.listed(list(words))) == expected
