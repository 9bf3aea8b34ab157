"""The bank as a whole: enough problems of each category, forms that differ, and an exam that takes its time."""

from __future__ import annotations

from collections import Counter

import pytest

from mockexam.packs.catalogue import choose_form
from mockexam.packs.format.model import Pack, Problem


def test_every_category_has_three_problems_or_more(pack: Pack) -> None:
    counts = Counter(problem.category for problem in pack.problems)
    assert min(counts[category] for category in pack.form.weights) >= 3


def test_two_retakes_meet_no_problem_again(pack: Pack) -> None:
    met: set[str] = set()
    for seed in (1, 2, 3):
        form = choose_form(pack, seed, met)
        assert not met & {problem.uuid for problem in form}
        met |= {problem.uuid for problem in form}


@pytest.mark.parametrize("language", ["en", "ko"])
def test_forms_of_three_seeds_have_other_titles(pack: Pack, language: str) -> None:
    forms = {tuple(problem.title_in(language) for problem in choose_form(pack, seed)) for seed in (1, 2, 3)}
    assert len(forms) == 3


def test_titles_tell_problems_apart(pack: Pack) -> None:
    for language in ("en", "ko"):
        titles = [problem.title_in(language) for problem in pack.problems]
        assert len(set(titles)) == len(titles)


def test_any_form_takes_about_the_minutes_of_the_exam(pack: Pack) -> None:
    for seed in range(50):
        expected = sum(problem.minutes for problem in choose_form(pack, seed))
        assert 0.85 * pack.form.minutes <= expected <= 1.05 * pack.form.minutes


def test_every_problem_names_what_must_not_be_enough(problem: Problem) -> None:
    source = (problem.folder / "weak.py").read_text("utf-8")
    compile(source, "weak.py", "exec")
    assert "must not pass" in source.splitlines()[0]
