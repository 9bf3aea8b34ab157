"""The page about code from the courses."""

from __future__ import annotations

import runpy
from pathlib import Path

from mockexam.inspections.page import markdown, sections
from mockexam.inspections.table import PATTERNS

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_in_the_documentation_is_current() -> None:
    generator = runpy.run_path(str(DOCS / "generate_course_code.py"))
    written = (DOCS / "course-code.md").read_text("utf-8")
    assert written == generator["page"](), "run `python docs/generate_course_code.py`"


def test_every_pattern_has_its_section_with_code_before_and_after() -> None:
    assert [section.id for section in sections()] == [pattern.id for pattern in PATTERNS]
    page = markdown()
    for pattern in PATTERNS:
        assert f'<a id="{pattern.id}"></a>' in page
        assert f"```python\n{pattern.example.before.rstrip()}\n```" in page
        assert all(f"```python\n{code.rstrip()}\n```" in page for code in pattern.example.after)


def test_each_section_says_since_when_and_under_which_keras() -> None:
    for section in sections():
        since = section.words[-1].english
        assert since.startswith("Fails under Keras ")
        assert any(figure.isdigit() for figure in since.partition("since")[2])


def test_titles_are_no_markup() -> None:
    assert "## predict([10.0])".replace("[", "\\[").replace("]", "\\]") in markdown()
