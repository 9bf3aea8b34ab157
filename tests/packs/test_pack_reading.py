"""Reading packs: a right one as it is, a wrong one with every fault, its line and what to do."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mockexam.packs.faults import PackError
from mockexam.packs.reading import examine, read_pack

Write = Callable[..., Path]


def test_a_right_pack_is_read_as_written(write_pack: Write) -> None:
    pack = read_pack(write_pack())
    (problem,) = pack.problems
    assert (pack.id, pack.version, pack.form.minutes, pack.form.weights) == ("small", "1.0.0", 60, {1: 100})
    assert (problem.id, problem.category, problem.contract.input_shape) == ("line", 1, (1,))
    assert problem.scoring.bars[0].at_most == 0.6
    assert problem.statement() == "# A line\n\nReach a mean absolute error of at most 0.5.\n"


def test_any_length_is_written_any(write_pack: Write) -> None:
    pack = read_pack(write_pack(replace={"input_shape = [1]": 'input_shape = ["any", 1]'}))
    assert pack.problems[0].contract.input_shape == (None, 1)


def test_right_packs_do_not_pay_for_jsonschema(write_pack: Write) -> None:
    code = (
        "import sys; from pathlib import Path; from mockexam.packs.reading import read_pack; "
        "read_pack(Path(sys.argv[1])); print({'jsonschema', 'numpy', 'tensorflow'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code, write_pack()], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


FAULTS = [
    ("difficulty = 1", "dificulty = 1", "unknown-key", "dificulty = 1", "Did you mean `difficulty`?"),
    ("difficulty = 1", "", "missing-key", None, "Add `difficulty = …`."),
    ("difficulty = 1", "difficulty = 9", "bad-value", "difficulty = 9", "Give a smaller number."),
    ("difficulty = 1", 'difficulty = "hard"', "bad-value", 'difficulty = "hard"', "Change its value."),
    ("category = 1", "category = 6", "bad-value", "category = 6", "Give a smaller number."),
    ('metric = "mae"', 'metric = "maee"', "bad-value", 'metric = "maee"', 'Did you mean "mae"?'),
    ("at_most = 0.6", "", "bad-value", "[[scoring.bars]]", "Give one of them and remove the other."),
    ("at_most = 0.6", "at_most = 0.6\nat_least = 0.1", "bad-value", "[[scoring.bars]]", "Give one of them"),
    ("at_most = 0.6", "at_least = 0.6", "bar-side", "[[scoring.bars]]", "Write `at_most`"),
    ("at_most = 0.6", "at_mots = 0.6", "unknown-key", "at_mots = 0.6", "Did you mean `at_most`?"),
    ("input_shape = [1]", "input_shape = [0]", "bad-value", "input_shape = [0]", 'or "any"'),
    ("input_shape = [1]", 'input_shape = ["all"]', "bad-value", 'input_shape = ["all"]', 'or "any"'),
    ("draw_size = 20", "draw_size = 0", "bad-value", "draw_size = 0", "Give a larger number."),
    ("draw_size = 20", "ladder = [0.1]", "stray-ladder", "ladder = [0.1]", "Remove it"),
    ("draw_size = 20", 'mode = "ladder"\nladder = [0.7, 0.6]', "ladder-length", "ladder = [0.7, 0.6]", "each test"),
    (
        "draw_size = 20",
        'mode = "ladder"\ntests = 2\nladder = [0.6, 0.7]',
        "ladder-order",
        "ladder = [0.6, 0.7]",
        "Sort",
    ),
    ("draw_size = 20", 'mode = "ladder"\ntests = 2\nladder = [0.8, 0.7]', "ladder-bar", "ladder = [0.8, 0.7]", "same"),
    ("[data]", "[limits]\nwall_seconds = 900\n[data]", "bad-value", "wall_seconds = 900", "smaller"),
    ('metric = "mae"\nat_most = 0.6', 'metric = "accuracy"\nat_least = 86', "bar-side", "[[scoring.bars]]", "0.86"),
    ('"6f0c1a52-6f3c-4c0e-9a55-0d6a3d1c7b11"', '"one"', "bad-uuid", 'uuid = "one"', "Use a new one"),
    ('id = "line"', 'id = "lime"', "id-folder", 'id = "lime"', "Rename"),
    ('version = "1.0.0"', 'version = "1.0"', "bad-value", 'version = "1.0"', '"1.0.0"'),
    ("weights = { 1 = 100 }", "weights = { 1 = 90 }", "weights-sum", "weights = { 1 = 90 }", "Share out 100."),
    ("weights = { 1 = 100 }", "weights = { 1 = 60, 2 = 40 }", "no-problem", "weights", "--category 2"),
    ("weights = { 1 = 100 }", "weights = { 2 = 100 }", "no-weight", "category = 1", "[form] weights"),
    ("weights = { 1 = 100 }", "weights = { 7 = 100 }", "bad-value", "weights = { 7 = 100 }", "1 to 5"),
    ('format = 1\nid = "small"', 'format = 2\nid = "small"', "newer-format", "format = 2", "Update mockexam"),
    ('format = 1\nid = "line"', 'format = 0\nid = "line"', "older-format", "format = 0", "mockexam pack check"),
    ('title = "Small"', 'title = "Small', "toml", 'title = "Small', "Correct it"),
    ('kind = "files"', 'kind = "generator"', "missing-file", 'kind = "generator"', "docs/packs.md"),
    ('kind = "files"', 'kind = "builder"', "missing-key", "[data]", "tfds.load"),
    ('kind = "files"', 'kind = "files"\nnotice = "N"', "missing-file", 'notice = "N"', "remove the key"),
    ('kind = "files"', 'kind = "files"\nhidden_split = "test"', "stray-split", 'hidden_split = "test"', "hidden/"),
    (
        'target = "a mean',
        'languages = ["en", "ko"]\ntarget = "a mean',
        "missing-file",
        'languages = ["en", "ko"]',
        "Write",
    ),
    (
        "[data]",
        '[translations.ko]\ntitle = "줄"\ntarget = "0.5"\n[data]',
        "stray-translation",
        "[translations.ko]",
        "ko",
    ),
]


@pytest.mark.parametrize(("old", "new", "code", "line", "advice"), FAULTS, ids=[f"{f[2]}:{f[1][:30]}" for f in FAULTS])
def test_a_fault_names_its_line_and_says_what_to_do(
    write_pack: Write, old: str, new: str, code: str, line: str | None, advice: str
) -> None:
    examined = examine(write_pack(replace={old: new}))
    found = [fault for fault in examined.faults if fault.code == code and advice in fault.advice]
    assert examined.pack is None
    assert found, [str(fault) for fault in examined.faults]
    shown = found[0].file.read_text("utf-8").splitlines()[found[0].line - 1] if found[0].line else None
    assert (shown or "").startswith(line or "")
    assert (shown is None) == (line is None)


def test_every_fault_is_told_at_once(write_pack: Write) -> None:
    changes = {
        'version = "1.0.0"': 'version = "1"',
        "minutes = 60": "mintes = 60",
        "difficulty = 1": "difficulty = 0",
        "at_most = 0.6": "at_most = -1",
        "input_shape = [1]": "input_shape = [-1]",
        'kind = "files"': 'kind = "generator"',
        'title = "A line"': "titel = 3",
    }
    root = write_pack(replace=changes)
    (root / "line" / "statement.md").unlink()
    with pytest.raises(PackError) as caught:
        read_pack(root)
    codes = sorted(fault.code for fault in caught.value.faults)
    bad = ["bad-value"] * 3
    assert codes == [
        "bad-value",
        *bad[1:],
        "bar-side",
        "missing-file",
        "missing-file",
        "missing-key",
        *["unknown-key"] * 2,
    ]


def test_problems_share_no_uuid(write_pack: Write) -> None:
    root = write_pack()
    (root / "line").rename(root / "curve")
    write_again = root / "curve" / "problem.toml"
    write_again.write_text(write_again.read_text().replace('id = "line"', 'id = "curve"'))
    twin = write_pack("twin")
    (twin / "line").rename(root / "line")
    assert [fault.code for fault in examine(root).faults] == ["same-uuid"]


def test_a_statement_must_say_the_target(write_pack: Write) -> None:
    root = write_pack()
    (root / "line" / "statement.md").write_text("Do your best, {{name}}, {{ target }}.")
    faults = examine(root).faults
    assert [(fault.code, fault.file.name) for fault in faults] == [
        ("target-unstated", "statement.md"),
        ("spaced-value", "statement.md"),
        ("unknown-value", "statement.md"),
    ]


def test_an_empty_folder_is_no_pack(tmp_path: Path) -> None:
    (fault,) = examine(tmp_path).faults
    assert (fault.code, fault.file.name) == ("unreadable", "pack.toml")


def test_translations_fall_back(write_pack: Write) -> None:
    korean = 'languages = ["en", "ko"]\ntarget = "a mean'
    table = '[translations.ko]\ntitle = "직선"\ntarget = "0.5 이하"\n[data]'
    root = write_pack(replace={'target = "a mean': korean, "[data]": table})
    (root / "line" / "statement.ko.md").write_text("# {{title}}: {{target}}", "utf-8")
    problem = read_pack(root).problems[0]
    assert problem.statement("ko-KR") == problem.statement("ko") == "# 직선: 0.5 이하"
    assert problem.statement("de") == problem.statement("en-GB") == problem.statement()
    assert problem.title_in("ko_KR") == "직선"
    assert problem.title_in("fr") == "A line"


def test_the_digest_follows_content_only(write_pack: Write) -> None:
    root = write_pack()
    before = read_pack(root).digest
    (root / "line" / "proof.json").write_text("{}")
    (root / "line" / "__pycache__").mkdir()
    (root / "line" / "__pycache__" / "x.pyc").write_text("")
    assert read_pack(root).digest == before
    (root / "line" / "data" / "points.csv").write_text("0,0\n1,4\n")
    assert read_pack(root).digest != before
