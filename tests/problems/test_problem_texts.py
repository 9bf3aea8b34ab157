"""What every problem of the built-in pack says to the candidate, and that it says the truth about its contract."""

from __future__ import annotations

import re

import pytest

from mockexam.packs.format.model import Pack, Problem
from mockexam.packs.format.skills import SKILLS


def test_every_category_has_a_problem(pack: Pack) -> None:
    assert {problem.category for problem in pack.problems} == {1, 2, 3, 4, 5}


def test_uuids_are_unique(pack: Pack) -> None:
    assert len({problem.uuid for problem in pack.problems}) == len(pack.problems)


def test_skills_are_of_the_handbook(problem: Problem) -> None:
    assert set(problem.skills) <= set(SKILLS)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_statement_states_contract_and_target(problem: Problem, language: str) -> None:
    statement = problem.statement(language)
    assert problem.target_in(language) in statement
    for shape in (problem.contract.input_shape, problem.contract.output_shape):
        assert written(shape) in statement
    assert "Lambda" in statement
    assert problem.contract.activation in ("any", "linear") or problem.contract.activation in statement
    if problem.scoring.draw_size:
        assert f"{problem.scoring.draw_size:,}" in statement
    for limit in problem.scoring.graded_thresholds:
        assert f"{limit:.3f}" in statement or f"{limit:g}" in statement


def test_both_languages_say_the_same_numbers(problem: Problem) -> None:
    english, korean = (set(re.findall(r"\d+\.\d+", problem.statement(language))) for language in ("en", "ko"))
    assert english == korean


def test_the_korean_statement_is_korean(problem: Problem) -> None:
    assert re.search("[가-힣]{2}", problem.statement("ko"))
    assert re.search("[가-힣]{2}", problem.target_in("ko"))
    assert re.search("[가-힣]{2}", problem.title_in("ko"))


def test_the_starter_header_states_the_contract(problem: Problem) -> None:
    header = problem.starter.split("\nimport ")[0].split("\nfrom ")[0]
    assert all(line.startswith("#") for line in header.strip().splitlines())
    assert f"CATEGORY {problem.category}:" in header
    assert problem.target in header
    assert written(problem.contract.input_shape) in header
    assert written(problem.contract.output_shape) in header
    assert "mymodel.h5" in header
    assert "scores zero" in header
    assert "Lambda" in header


def test_the_starter_keeps_the_shape_of_the_original(problem: Problem) -> None:
    starter = problem.starter
    assert "def solution_model():" in starter
    assert "YOUR CODE HERE" in starter
    assert "DO NOT CHANGE" in starter
    assert 'if __name__ == "__main__":\n    model = solution_model()\n' in starter
    assert starter.rstrip().endswith('model.save(HERE / "mymodel.h5")')
    compile(starter, "starter.py", "exec")


def test_the_published_target_is_stricter_than_the_graded_bar(problem: Problem) -> None:
    wanted = float(re.findall(r"\d+(?:\.\d+)?", problem.target)[0])
    threshold = problem.scoring.thresholds[0]
    if threshold.at_least is not None:
        assert wanted > threshold.at_least
    else:
        assert threshold.at_most is not None
        assert wanted < threshold.at_most


def test_hints_hold_no_line_of_the_solution(problem: Problem) -> None:
    hints = problem.hints
    assert hints is not None
    lines = [line.strip() for line in problem.solution_path.read_text("utf-8").splitlines()]
    assert not [line for line in lines if len(line) > 20 and line in hints]


def written(shape: tuple[int | None, ...]) -> str:
    """A shape as Python writes it."""
    return str(shape)
