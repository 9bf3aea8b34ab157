"""One record of the exam's form: what a category more takes, and that no text tells another form."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from mockexam.cli import main
from mockexam.exam import form
from mockexam.exam.rules import Rules
from mockexam.packs.authoring.new import new_pack
from mockexam.packs.format.model import Form
from mockexam.tui.look import formatting

ROOT = Path(__file__).parents[2]

SIXTH = """
import contextlib, io, json, sys, types
from importlib.util import find_spec

spec = find_spec("mockexam.exam.form")
source = open(spec.origin, encoding="utf-8").read()
last = 'Category(5, sentence("sequences"), sentence("Sequences and time series"), 30, "tide"),'
assert last in source
sixth = 'Category(6, sentence("graphs"), sentence("Graphs and their nodes"), 5, "roads"),'
source = source.replace(last, last.replace("30", "25") + sixth)
module = types.ModuleType(spec.name)
sys.modules[spec.name] = module
exec(compile(source, spec.origin, "exec"), vars(module))
import mockexam.exam
mockexam.exam.form = module

from mockexam.cli import main
from mockexam.exam.rules import Rules
from mockexam.packs.format.model import Form
from mockexam.packs.format.schema import pack_schema, problem_schema
from mockexam.tui.look import formatting
from mockexam.tui.pages.instructions import instructions
from mockexam.tui.pages.welcome_state import BUILT_IN_FORM

said = io.StringIO()
with contextlib.redirect_stdout(said):
    main(["pack", "new", "--help"])
print(json.dumps({
    "rules": Rules().weights[6],
    "pack": Form().weights[6],
    "keys": pack_schema()["$defs"]["Form"]["properties"]["weights"]["propertyNames"]["pattern"],
    "most": problem_schema()["properties"]["category"]["maximum"],
    "option": said.getvalue(),
    "instructions": instructions(Rules()).plain,
    "welcome": formatting.form(*BUILT_IN_FORM),
}))
"""


def test_a_category_more_is_one_line_of_the_form() -> None:
    run = subprocess.run([sys.executable, "-c", SIXTH], capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    assert (told["rules"], told["pack"], told["keys"], told["most"]) == (5.0, 5, "^[1-6]$", 6)
    assert "6 graphs" in " ".join(told["option"].split())
    assert "Graphs and their nodes" in told["instructions"]
    assert "10/15/20/25/25/5" in told["instructions"]
    assert told["welcome"].startswith("Six problems, 300 minutes")


def test_the_categories_are_numbered_in_one_digit_and_share_100_points() -> None:
    assert list(form.CATEGORIES) == list(range(1, len(form.CATEGORIES) + 1))
    assert form.LAST < 10
    assert sum(form.WEIGHTS.values()) == 100


def test_an_attempt_and_a_pack_begin_with_the_same_form() -> None:
    rules, pack = Rules(), Form()
    assert (rules.minutes, rules.pass_mark, rules.weights) == (pack.minutes, pack.pass_mark, pack.weights)
    assert (rules.counts, rules.retake_days, rules.retake) == (pack.counts, pack.retake_days, pack.retake)


def test_every_category_has_a_sample_problem() -> None:
    for number in form.CATEGORIES:
        folder = files("mockexam.packs").joinpath("templates", f"category{number}")
        assert folder.joinpath("problem.toml.template").is_file()


def test_a_new_pack_has_the_form_of_the_exam(tmp_path: Path) -> None:
    folders = new_pack(tmp_path / "pack", list(form.CATEGORIES), author="Somebody")
    assert [folder.name for folder in folders] == [each.sample for each in form.CATEGORIES.values()]
    told = tomllib.loads((tmp_path / "pack" / "pack.toml").read_text("utf-8"))["form"]
    weights = {str(number): points for number, points in form.WEIGHTS.items()}
    assert told == {"minutes": form.MINUTES, "pass_mark": form.PASS_MARK, "weights": weights}


def test_the_built_in_pack_has_the_form_of_the_exam() -> None:
    told = tomllib.loads((ROOT / "problems" / "tensorflow_developer" / "pack.toml").read_text("utf-8"))["form"]
    assert {int(number): points for number, points in told["weights"].items()} == form.WEIGHTS
    assert (told["minutes"], told["pass_mark"]) == (form.MINUTES, form.PASS_MARK)


def test_texts_tell_this_form(capsys: pytest.CaptureFixture[str]) -> None:
    problems = formatting.problems(len(form.CATEGORIES))
    main(["--help"])
    assert f"{problems.lower()}, {form.MINUTES} minutes" in " ".join(capsys.readouterr().out.split())
    readme = " ".join((ROOT / "README.md").read_text("utf-8").split())
    assert problems in readme
    assert f"{form.MINUTES} minutes" in readme
    assert f"{form.PASS_MARK} of 100 points pass" in readme
    candidate = (ROOT / "docs" / "candidate.md").read_text("utf-8")
    assert f"{form.MINUTES} minutes for {problems.lower()}" in candidate
    packs = (ROOT / "docs" / "packs.md").read_text("utf-8")
    assert ", ".join(f"{each.number} {each.name}" for each in form.CATEGORIES.values()) in packs
    assert ", ".join(f"{number} = {points}" for number, points in form.WEIGHTS.items()) in packs
