from __future__ import annotations

from pathlib import Path

from tests.interpreters import other_pythons


def test_an_environment_counts_once_it_is_whole_and_made_after_todays_recipe(tmp_path: Path) -> None:
    recipe = other_pythons.RECIPES[0]
    executable, why_not = other_pythons.environment_python(recipe.name, tmp_path)
    assert executable is None
    assert recipe.name in why_not
    made = tmp_path / recipe.name / other_pythons.MADE
    made.parent.mkdir()
    made.write_text("3.8\ntensorflow==2.10.0\n")
    assert other_pythons.environment_python(recipe.name, tmp_path)[0] is None
    made.write_text(recipe.text)
    assert other_pythons.environment_python(recipe.name, tmp_path) == (tmp_path / recipe.name / "bin" / "python", "")


def test_the_variable_names_the_folder_and_the_cache_is_the_other_one() -> None:
    assert other_pythons.default_folder({other_pythons.FOLDER_VARIABLE: "/there"}) == Path("/there")
    assert other_pythons.default_folder({"XDG_CACHE_HOME": "/cache"}) == Path("/cache/mockexam-tests/other-pythons")


def test_a_version_that_is_nowhere_is_left_out_in_words(tmp_path: Path) -> None:
    recipe = other_pythons.Recipe("none", "3.99", ("tensorflow",))
    assert other_pythons.make(recipe, tmp_path) == "left out: this machine has no Python 3.99"
    assert not (tmp_path / "none").exists()
