"""Each fix in programs of the courses leaves a file that compiles and one finding less, in any layout."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from mockexam.inspections.edits import applied
from mockexam.inspections.findings import Finding
from mockexam.inspections.inspection import inspect
from tests.inspections.test_courses_in_tensorflow import PROGRAMS, START

WHOLE = (Path(__file__).parents[1] / "course_programs" / "programs").glob("*.py")
SOURCES = {name: START + code for name, (_, code) in PROGRAMS.items()} | {
    one.stem: one.read_text("utf-8") for one in WHOLE
}
MOST_FIXES = 12


def layouts(source: str) -> list[str]:
    """The program as it is, with other ends of lines, inside a function, with tabs, and below a docstring."""
    return [
        source,
        source.replace("\n", "\r\n"),
        f"def main():\n{textwrap.indent(source, '    ')}\nmain()\n",
        f"def main():\n{textwrap.indent(source, chr(9))}\n",
        f'"""문서 🙂"""\nfrom __future__ import annotations\n{source}',
    ]


def found(source: str) -> list[Finding]:
    return inspect(source, keras=3, modules=None, project=None)


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_each_fix_compiles_and_mends(name: str) -> None:
    for source in layouts(SOURCES[name]):
        before = found(source)
        for finding in before:
            for fix in finding.fixes:
                after = applied(source, fix.edits, finding.digest)
                compile(after, name, "exec")
                assert len(found(after)) < len(before), (fix.title, after)


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_all_fixes_one_after_the_other_come_to_an_end(name: str) -> None:
    source = SOURCES[name]
    for _ in range(MOST_FIXES):
        finding = next((one for one in found(source) if one.fixes), None)
        if finding is None:
            return
        source = applied(source, finding.fixes[0].edits, finding.digest)
        compile(source, name, "exec")
    raise AssertionError(source)
