"""Reading packs: a right one as it is, a wrong one with every fault, its line and what to do."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from mockexam import __version__
from mockexam.exam.program_rules import ProgramRules
from mockexam.packs.format.faults import PackError
from mockexam.packs.format.reading import examine, read_pack
from mockexam.packs.format.texts import LARGEST_TEXT
from mockexam.sitting.registration import rules_of

Write = Callable[..., Path]


def test_a_right_pack_is_read_as_written(write_pack: Write) -> None:
    pack = read_pack(write_pack())
    (problem,) = pack.problems
    assert (pack.id, pack.version, pack.form.minutes, pack.form.weights) == ("small", "1.0.0", 60, {1: 100})
    assert (problem.id, problem.category, problem.contract.input_shape) == ("line", 1, (1,))
    assert problem.scoring.thresholds[0].at_most == 0.6
    assert problem.statement() == "# A line\n\nReach a mean absolute error of at most 0.5.\n"


def test_any_length_is_written_any(write_pack: Write) -> None:
    pack = read_pack(write_pack(replace={"input_shape = [1]": 'input_shape = ["any", 1]'}))
    assert pack.problems[0].contract.input_shape == (None, 1)


def test_right_packs_do_not_pay_for_jsonschema(write_pack: Write) -> None:
    code = (
        "import sys; from pathlib import Path; from mockexam.packs.format.reading import read_pack; "
        "read_pack(Path(sys.argv[1])); print({'jsonschema', 'numpy', 'tensorflow'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code, write_pack()], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


FAULTS = [
    ('id = "line"', 'languages = ["English"]\nid = "line"', "bad-value", "languages", 'as in "en"'),
    ('kind = "files"', 'kind = "files"\nhidden_split = "train[90]"', "bad-value", "hidden_split", '"train[90%:]"'),
    ("difficulty = 1", "dificulty = 1", "unknown-key", "dificulty = 1", "Did you mean `difficulty`?"),
    ("difficulty = 1", "difficulty = 1\nwarp = 3", "unknown-key", "warp = 3", f"than this one ({__version__}), update"),
    ("difficulty = 1", "", "missing-key", None, "as in `difficulty = 1`."),
    ("difficulty = 1", "difficulty = 9", "bad-value", "difficulty = 9", "Give a smaller number."),
    ("difficulty = 1", 'difficulty = "hard"', "bad-value", 'difficulty = "hard"', "Change its value."),
    ("category = 1", "category = 1.0", "bad-value", "category = 1.0", "Change its value."),
    ("category = 1", "category = 6", "bad-value", "category = 6", "Give a smaller number."),
    ('metric = "mae"', 'metric = "maee"', "bad-value", 'metric = "maee"', 'Did you mean "mae"?'),
    ("at_most = 0.6", "", "bad-value", "[[scoring.bars]]", "Give one of them and remove the other."),
    ("at_most = 0.6", "at_most = 0.6\nat_least = 0.1", "bad-value", "[[scoring.bars]]", "Give one of them"),
    ("at_most = 0.6", "at_least = 0.6", "bar-side", "[[scoring.bars]]", "Write `at_most`"),
    ("at_most = 0.6", "at_mots = 0.6", "unknown-key", "at_mots = 0.6", "Did you mean `at_most`?"),
    ("input_shape = [1]", "input_shape = [0]", "bad-value", "input_shape = [0]", 'or "any"'),
    ("input_shape = [1]", 'input_shape = ["all"]', "bad-value", 'input_shape = ["all"]', 'or "any"'),
    ("at_most = 0.6", "at_most = nan", "bad-value", "at_most = nan", "Give a number."),
    ("[[scoring.bars]]", "[scoring.bars]", "bad-value", "[scoring.bars]", "Write [[scoring.bars]]"),
    ("[contract]", "[[contract]]", "bad-value", "[[contract]]", "Write [contract], with one bracket."),
    ("output_shape = [1]", 'output_shape = [1]\nactivation = "softmax"', "softmax-of-one", "activation", '"sigmoid"'),
    ("draw_size = 20", f"draw_size = {10**30}", "bad-value", "draw_size = 1", "Give a smaller number."),
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
    (
        'metric = "mae"\nat_most = 0.6',
        'metric = "accuracy"\nat_least = 86',
        "bar-side",
        "[[scoring.bars]]",
        "Write `at_least`",
    ),
    ('metric = "mae"', 'metric = "r2"', "bar-side", "[[scoring.bars]]", "Write `at_least`"),
    ('metric = "mae"\nat_most = 0.6', 'metric = "auc"\nat_least = 0.5', "bar-side", "[[scoring.bars]]", "Write"),
    (
        'output_shape = [1]\n\n[scoring]\ndraw_size = 20\n\n[[scoring.bars]]\nmetric = "mae"\nat_most = 0.6',
        'output_shape = [2]\n\n[scoring]\n[[scoring.bars]]\nmetric = "auc"\nat_least = 0.6',
        "bar-shape",
        "[[scoring.bars]]",
        "Set output_shape = [1]",
    ),
    (
        'output_shape = [1]\n\n[scoring]\ndraw_size = 20\n\n[[scoring.bars]]\nmetric = "mae"\nat_most = 0.6',
        'output_shape = [5]\n\n[scoring]\n[[scoring.bars]]\nmetric = "top_5_accuracy"\nat_least = 0.6',
        "bar-shape",
        "[[scoring.bars]]",
        "number of classes",
    ),
    ('"6f0c1a52-6f3c-4c0e-9a55-0d6a3d1c7b11"', '"one"', "bad-uuid", 'uuid = "one"', "Use a new one"),
    ('target = "a', 'languages = ["en", "en"]\ntarget = "a', "bad-value", "languages", "twice"),
    ('license = "Apache-2.0"', 'license = "Apache 2"', "bad-license", "license", '"Apache-2.0"'),
    ('"CC0-1.0"', '"LicenseRef-mine"', "missing-key", "license", 'notice = "NOTICE.txt"'),
    ('"CC0-1.0"', '"CC0-1.0"\nnotice = "/etc/passwd"', "bad-value", "notice", "plain name"),
    ('"CC0-1.0"', '"CC0-1.0"\nnotice = "solution.py"', "bad-notice", "notice", "a file of its own"),
    ('"CC0-1.0"', '"CC0-1.0"\nnotice = "points.csv"', "missing-file", "notice", "remove the key"),
    ('id = "line"', 'id = "lime"', "id-folder", 'id = "lime"', "Rename"),
    ('version = "1.0.0"', 'version = "1.0"', "bad-value", 'version = "1.0"', '"1.0.0"'),
    ("weights = { 1 = 100 }", "weights = { 1 = 90 }", "weights-sum", "weights = { 1 = 90 }", "Share out 100."),
    ("weights = { 1 = 100 }", "weights = { 1 = 60, 2 = 40 }", "no-problem", "weights", "--category 2"),
    ("weights = { 1 = 100 }", "weights = { 2 = 100 }", "no-weight", "category = 1", "[form] weights"),
    ("weights = { 1 = 100 }", "weights = { 7 = 100 }", "bad-value", "weights = { 7 = 100 }", "1 to 5"),
    ('format = 1\nid = "small"', 'format = 2\nid = "small"', "newer-format", "format = 2", "Update mockexam"),
    ('format = 1\nid = "line"', 'format = 0\nid = "line"', "older-format", "format = 0", "mockexam pack check"),
    ("difficulty = 1", "difficulty = 1\ndifficulty = 2", "toml", "difficulty = 2", "Correct it"),
    ("difficulty = 1", f"difficulty = {'[' * 2000}", "toml", None, "Correct it"),
    ('title = "Small"', 'title = "Small', "toml", 'title = "Small', "Correct it"),
    ("[form]", "[programs]\nkeras = 4\n[form]", "bad-value", "keras = 4", "Use one of them"),
    ("[form]", '[programs]\nkeras = "2"\n[form]', "bad-value", 'keras = "2"', "Change its value"),
    ("[form]", '[programs]\nothers = "no"\n[form]', "bad-value", 'others = "no"', "Change its value"),
    ("[form]", '[programs]\nadvice = "apis"\n[form]', "bad-value", 'advice = "apis"', 'Did you mean "api"?'),
    ("[form]", "[programs]\nrescues = true\n[form]", "unknown-key", "rescues = true", "`rescue`"),
    ('kind = "files"', 'kind = "generator"', "missing-file", 'kind = "generator"', "docs/packs.md"),
    ('kind = "files"', 'kind = "builder"', "missing-key", "[data]", "tfds.load"),
    ('kind = "files"', 'kind = "files"\nnotice = "N"', "missing-file", 'notice = "N"', "remove the key"),
    ('kind = "files"', 'kind = "files"\nhidden_split = "test"', "stray-key", 'hidden_split = "test"', "the kind"),
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
    found = [fault for fault in examined.faults if fault.code == code and advice in str(fault.advice)]
    assert examined.pack is None
    assert found, [str(fault) for fault in examined.faults]
    shown = found[0].file.read_text("utf-8").splitlines()[found[0].line - 1] if found[0].line else None
    assert (shown or "").startswith(line or "")
    assert (shown is None) == (line is None)


def test_a_misspelt_key_is_one_fault(write_pack: Write) -> None:
    for old, new in (("difficulty = 1", "dificulty = 1"), ("input_shape", "input_shpae"), ("[form]", "[from]")):
        root = write_pack(replace={old: new})
        assert [fault.code for fault in examine(root).faults] == ["unknown-key"], new
        shutil.rmtree(root)


def test_the_rules_for_programs_are_read(write_pack: Write) -> None:
    table = '[programs]\nkeras = 2\nothers = false\nadvice = "api"\nrescue = false\n[form]'
    pack = read_pack(write_pack(replace={"[form]": table}))
    assert rules_of(pack).programs == ProgramRules(keras=2, others=False, advice="api", rescue=False)


def test_a_pack_without_rules_for_programs_leaves_the_choice(write_pack: Write) -> None:
    assert rules_of(read_pack(write_pack())).programs == ProgramRules()


def test_a_wrong_keras_is_one_fault(write_pack: Write) -> None:
    examined = examine(write_pack(replace={"[form]": '[programs]\nkeras = "2"\n[form]'}))
    assert [fault.code for fault in examined.faults] == ["bad-value"]


def test_a_problem_that_cannot_be_read_is_not_missed_as_well(write_pack: Write) -> None:
    root = write_pack(replace={'title = "A line"': "title ="})
    assert [fault.code for fault in examine(root).faults] == ["toml"]


@pytest.mark.parametrize("name", ["pack.toml", "line/problem.toml", "line/statement.md", "line/starter.py"])
def test_a_file_that_is_not_utf_8_is_told_with_its_line(write_pack: Write, name: str) -> None:
    path = write_pack() / name
    path.write_bytes(path.read_bytes() + b"\n# Caf\xe9\n")
    faults = [(fault.code, fault.file, str(fault.found)) for fault in examine(path.parents[name.count("/")]).faults]
    assert faults == [("encoding", path, "the byte 0xe9")]
    assert examine(path.parents[name.count("/")]).faults[0].line == len(path.read_bytes().splitlines())


@pytest.mark.parametrize("change", ["mark", "crlf", "tabs"])
def test_what_editors_do_to_a_file_is_no_fault(write_pack: Write, change: str) -> None:
    root = write_pack()
    for path in [*root.glob("*.toml"), *root.glob("*/*.toml"), *root.glob("*/*.md"), *root.glob("*/*.py")]:
        content = path.read_bytes()
        changed = {"mark": b"\xef\xbb\xbf" + content, "crlf": content.replace(b"\n", b"\r\n")}
        path.write_bytes(changed.get(change, content.replace(b" = ", b"\t=\t")))
    assert examine(root).faults == ()
    assert read_pack(root).problems[0].statement() == "# A line\n\nReach a mean absolute error of at most 0.5.\n"


def test_a_pipe_is_no_pack_file(write_pack: Write) -> None:
    root = write_pack()
    (root / "pack.toml").unlink()
    os.mkfifo(root / "pack.toml")
    assert [fault.code for fault in examine(root).faults] == ["unreadable"]


def test_texts_that_no_pack_has_are_told_and_not_read(write_pack: Write) -> None:
    folder = write_pack() / "line"
    with (folder / "statement.md").open("w") as statement:
        statement.truncate(LARGEST_TEXT + 1)
    (folder / "starter.py").unlink()
    os.mkfifo(folder / "starter.py")
    (folder / "hints.md").mkdir()
    faults = examine(folder.parent).faults
    assert [(fault.code, fault.file.name) for fault in faults] == [
        ("unreadable", "statement.md"),
        ("unreadable", "starter.py"),
        ("unreadable", "hints.md"),
    ]


def test_translations_are_told_when_half_there(write_pack: Write) -> None:
    root = write_pack(replace={'target = "a mean': 'languages = ["en", "ko"]\ntarget = "a mean'})
    (root / "line" / "statement.ko.md").write_text("{{target}}", "utf-8")
    assert [(fault.code, fault.severity, fault.line) for fault in examine(root).faults] == [
        ("untranslated", "warning", 9)
    ]


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
        *["unknown-key"] * 2,
    ]


@pytest.mark.parametrize("written", ["6f0c1a52", "6F0C1A52"])
def test_problems_share_no_uuid(write_pack: Write, written: str) -> None:
    root = write_pack(replace={"6f0c1a52": written})
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


@pytest.mark.parametrize("rest", ["", "\nnot toml"])
def test_a_key_of_very_many_parts_is_refused_before_it_takes_memory(write_pack: Write, rest: str) -> None:
    root = write_pack()
    deep = ".".join(["a"] * 50_000)
    (root / "pack.toml").write_text(f"{(root / 'pack.toml').read_text()}\n{deep} = 1{rest}\n")
    tracemalloc.start()
    try:
        faults = examine(root).faults
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert [fault.code for fault in faults] == ["toml"]
    assert peak < 50_000_000


@pytest.mark.parametrize("title", ["\\u001b[2Jgone", "two\\nlines", "bell\\u0007", "\\u009b31mred"])
def test_a_title_that_a_terminal_would_obey_is_refused(write_pack: Write, title: str) -> None:
    root = write_pack()
    text = (root / "pack.toml").read_text()
    (root / "pack.toml").write_text(re.sub(r'title = ".*"', lambda _: f'title = "{title}"', text, count=1))

    (fault,) = examine(root).faults

    assert fault.code == "bad-value"
    assert "one line" in str(fault.expected)
    assert str(fault.found).isprintable()


def test_a_file_of_very_many_unknown_keys_is_told_in_few_words(write_pack: Write) -> None:
    root = write_pack()
    file = root / "line" / "problem.toml"
    keys = "".join(f"k{number} = 1\n" for number in range(20_000))
    long = f'"{"x" * 50_000}" = 1\n'
    file.write_text(file.read_text().replace("[contract]", f"{keys}{long}[contract]", 1))

    faults = examine(root).faults

    assert 100 < len(faults) <= 200
    assert sum(len(f"{fault.expected}{fault.found}{fault.advice}") for fault in faults) < 100_000


@pytest.mark.parametrize("value", ["2026-03-28T12:00:00+02:00", "12:00:00", '"' + "x" * 50_000 + '"'])
def test_a_value_of_any_kind_in_the_wrong_place_is_told_briefly(write_pack: Write, value: str) -> None:
    root = write_pack()
    file = root / "line" / "problem.toml"
    file.write_text(f"{file.read_text()}\n[limits]\nwall_seconds = {value}\n")

    (fault,) = examine(root).faults

    assert "limits.wall_seconds" in str(fault.expected)
    assert len(str(fault.found)) < 100
