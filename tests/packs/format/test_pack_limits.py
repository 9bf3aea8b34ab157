"""The keys of [form] about submissions and what is told of them: read as written, and nonsense is named."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from mockexam.packs.format import schema
from mockexam.packs.format.model import PackFile
from mockexam.packs.format.reading import _convert, examine, read_pack
from mockexam.packs.format.validation import Validator
from mockexam.sitting.registration import rules_of

DOCS = Path(__file__).parents[3] / "docs"
Write = Callable[..., Path]
FORM = "weights = { 1 = 100 }"


def _with(*lines: str) -> dict[str, str]:
    return {FORM: "\n".join((FORM, *lines))}


def test_a_pack_without_the_keys_sets_no_limits(write_pack: Write) -> None:
    pack = read_pack(write_pack())
    rules = rules_of(pack)
    assert (rules.max_submissions, rules.cooldown, rules.precision, rules.metric_shown) == ({}, {}, None, "value")
    # Proofs keep a digest of the scoring: it must be what it was before there was a precision.
    assert b"precision" not in msgspec.json.encode(pack.problems[0].scoring)


def test_a_number_holds_in_every_category_with_points(write_pack: Write) -> None:
    pack = read_pack(write_pack(replace=_with("max_submissions = 7", "cooldown = 90", "precision = 3")))
    rules = rules_of(pack)
    assert (rules.max_submissions, rules.cooldown, rules.precision) == ({1: 7}, {1: 90}, 3)
    assert pack.problems[0].scoring.precision == 3


def test_a_table_names_categories_and_the_others(write_pack: Write) -> None:
    form = read_pack(write_pack(replace=_with("max_submissions = { 1 = 7, others = 9 }", "cooldown = { 1 = 0 }"))).form
    assert form.by_category("max_submissions") == {1: 7}
    whole = msgspec.structs.replace(form, weights={1: 40, 3: 60})
    assert whole.by_category("max_submissions") == {1: 7, 3: 9}
    assert whole.by_category("cooldown") == {1: 0}
    assert rules_of(read_pack(write_pack("other", replace=_with("cooldown = 0")))).cooldown == {}


NONSENSE = [
    ("max_submissions = 0", "bad-value", "max_submissions = 20"),
    ("max_submissions = -1", "bad-value", "max_submissions = 20"),
    ("max_submissions = 2.5", "bad-value", "max_submissions = 20"),
    ("max_submissions = true", "bad-value", "max_submissions = 20"),
    ("max_submissions = { 1 = 0 }", "bad-value", "max_submissions = 20"),
    ("max_submissions = { 6 = 1 }", "bad-value", "max_submissions = 20"),
    ("max_submissions = { default = 1 }", "bad-value", "max_submissions = 20"),
    ("max_submissions = { 2 = 5 }", "no-weight", "Remove it"),
    ("cooldown = -60", "bad-value", "cooldown = 60"),
    ("cooldown = '10 min'", "bad-value", "cooldown = 60"),
    ("cooldown = 3600", "cooldown-too-long", "Shorten the wait"),
    ("cooldown = { others = 3600 }", "cooldown-too-long", "Shorten the wait"),
    ("precision = 0", "bad-value", "Give a larger number."),
    ("precision = 16", "bad-value", "Give a smaller number."),
    ("metric_shown = 'improvements'", "bad-value", 'Did you mean "improvement"?'),
    ("max_submission = 5", "unknown-key", "Did you mean `max_submissions`?"),
]


@pytest.mark.parametrize(("line", "code", "advice"), NONSENSE)
def test_nonsense_is_named_where_it_stands(line: str, code: str, advice: str, write_pack: Write) -> None:
    examined = examine(write_pack(replace=_with(line)))
    assert examined.pack is None
    (fault,) = examined.faults
    assert (fault.code, fault.line) == (code, 11)
    assert advice in str(fault.advice)
    assert fault.file.name == "pack.toml"


def test_a_precision_is_no_key_of_a_problem(write_pack: Write) -> None:
    examined = examine(write_pack(replace={"draw_size = 20": "draw_size = 20\nprecision = 3"}))
    assert [fault.code for fault in examined.faults] == ["unknown-key"]


def test_submissions_that_never_fit_are_warned_of(write_pack: Write) -> None:
    root = write_pack(replace=_with("max_submissions = 7", "cooldown = 600"))
    examined = examine(root)
    assert examined.pack is not None
    assert [(fault.code, fault.severity) for fault in examined.faults] == [("never-used-up", "warning")]
    assert "6 fit" in str(examined.faults[0].found)  # at 0, 10, … 50 of 60 minutes


def test_a_ladder_with_more_digits_than_are_told_is_warned_of(write_pack: Write) -> None:
    ladder = 'mode = "ladder"\nladder = [0.9, 0.85, 0.8, 0.7, 0.6]'
    examined = examine(write_pack(replace=_with("precision = 1") | {"draw_size = 20": ladder}))
    assert [(fault.code, fault.severity, fault.line) for fault in examined.faults] == [("bar-digits", "warning", 17)]


def test_texts_that_promise_more_than_the_limit_are_warned_of(write_pack: Write) -> None:
    root = write_pack(replace=_with("max_submissions = 7"))
    statement = root / "line" / "statement.md"
    statement.write_text(statement.read_text() + "\nYou may submit as often as you like.\n")
    (fault,) = examine(root).faults
    assert (fault.code, fault.severity, fault.file.name, fault.line) == ("unlimited", "warning", "statement.md", 5)
    (root / "pack.toml").write_text((root / "pack.toml").read_text().replace("max_submissions = 7", "cooldown = 60"))
    assert examine(root).faults == ()


def test_a_bar_with_more_digits_than_are_told_is_warned_of(write_pack: Write) -> None:
    replace = _with("precision = 1") | {"at_most = 0.6": "at_most = 0.55"}
    examined = examine(write_pack(replace=replace))
    assert [(fault.code, fault.severity, fault.line) for fault in examined.faults] == [("bar-digits", "warning", 18)]
    assert examine(write_pack("other", replace=_with("precision = 1"))).faults == ()


VALUES = [
    "",
    "x",
    0,
    -1,
    1,
    2.0,
    15,
    16,
    10_001,
    86_401,
    True,
    [],
    [1],
    {},
    {"1": 1},
    {"others": 0},
    {"x": 1},
    {"1": ""},
]


def test_reader_and_schema_are_of_one_mind_about_them() -> None:
    page = (DOCS / "packs.md").read_text("utf-8")
    (example,) = re.findall(r"```toml\n\[form\]\nmax_submissions.*?```", page, re.DOTALL)
    whole = re.search(r"```toml\n(format = 1.*?)```", page, re.DOTALL)
    assert whole
    rules = Validator(schema.pack_schema())
    for key in tomllib.loads(example[8:-3])["form"]:
        for value in VALUES:
            raw = tomllib.loads(whole[1])
            raw["form"] |= tomllib.loads(example[8:-3])["form"] | {key: value}
            try:
                _convert(raw, PackFile)
                taken = True
            except msgspec.ValidationError:
                taken = False
            assert taken == rules.is_valid(raw), (key, value)
