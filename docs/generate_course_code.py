"""Write docs/course-code.md from the table: `python docs/generate_course_code.py`. A test proves it current."""

from __future__ import annotations

from pathlib import Path

from mockexam.inspections.page import markdown

PAGE = Path(__file__).with_name("course-code.md")


def page() -> str:
    """The whole page, as the app shows it too."""
    return markdown()


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
