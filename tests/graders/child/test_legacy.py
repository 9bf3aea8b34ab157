"""Models of TensorFlow 2.0 to 2.15 and of every minor version of Keras 3 give today what they gave then."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

from graders.contract import MEBIBYTE
from tests.graders.child.conftest import Examined, Examiner
from tests.graders.legacy import archives
from tests.graders.legacy.archives import AGREES, DIFFERS, NEAR, WRITERS, Writer
from tests.graders.legacy.outcome import outcome

RECORDED = archives.recorded()
# The first and last file of each kind are examined in CI, and a third of those between them; all others by hand.
SHARE = 3


@pytest.fixture(scope="module")
def unpack(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Writer]:
    """Writers as they are asked for: unpacked once."""

    class Unpacked(dict[str, Writer]):
        def __missing__(self, writer: str) -> Writer:
            self[writer] = archives.unpacked(writer, tmp_path_factory.mktemp("legacy"))
            return self[writer]

    return Unpacked()


def in_ci(writer: str) -> list[str]:
    """Which of a writer's files CI examines."""
    found = []
    for name in RECORDED[writer]:
        having = [other for other in WRITERS if name in RECORDED[other]]
        at = having.index(writer)
        if at in (0, len(having) - 1) or (at + sum(map(ord, name))) % SHARE == 0:
            found.append(name)
    return found


def test_there_is_something_of_every_version() -> None:
    versions = {f"2.{minor}" for minor in range(16)} | {f"keras-3.{minor}" for minor in range(16)}
    assert versions <= set(WRITERS)
    assert set(RECORDED) == set(WRITERS)
    assert sum(map(len, RECORDED.values())) > 2000


def test_the_archives_stay_small() -> None:
    assert sum(file.stat().st_size for file in archives.HERE.iterdir() if file.is_file()) < 15 * MEBIBYTE


def test_ci_examines_each_kind_in_each_format() -> None:
    everything = {name for names in RECORDED.values() for name in names}
    assert {name for writer in WRITERS for name in in_ci(writer)} == everything


def test_the_table_in_the_documentation_is_current() -> None:
    docs = Path(__file__).parents[3] / "docs"
    generator = runpy.run_path(str(docs / "generate_legacy.py"))
    assert (docs / "grading.md").read_text("utf-8") == generator["page"](), "run `python docs/generate_legacy.py`"


@pytest.mark.parametrize("writer", WRITERS)
def test_what_its_writer_loads_back_agrees(unpack: dict[str, Writer], writer: str) -> None:
    """All but what needs code that no file holds; of what no Keras loads back, nothing goes without a sentence."""
    wrote = unpack[writer]
    assert wrote.names == list(RECORDED[writer])
    for name, found in RECORDED[writer].items():
        needs = archives.NEED_CODE.get(archives.kind_of(name))
        if needs is not None and found != AGREES:
            assert found == needs, name
        elif f"{writer}/{name}" in archives.NOT_READ:
            assert found == archives.NOT_READ[f"{writer}/{name}"]
        elif archives.is_otherwise(writer, name):
            assert found == DIFFERS, name
        elif name in wrote.unreadable:
            assert found in (AGREES, "incomplete"), name
        else:
            assert found == AGREES, name


@pytest.mark.slow
@pytest.mark.parametrize("writer", WRITERS)
def test_files_are_read_as_they_were_written(examiner: Examiner, unpack: dict[str, Writer], writer: str) -> None:
    names = in_ci(writer)
    found = {name: outcome(examiner, unpack[writer], name) for name in names}
    assert found == {name: RECORDED[writer][name] for name in names}


@pytest.mark.soak
@pytest.mark.parametrize("writer", WRITERS)
def test_every_file_is_read_as_it_was_written(examiner: Examiner, unpack: dict[str, Writer], writer: str) -> None:
    found = {name: outcome(examiner, unpack[writer], name) for name in unpack[writer].names}
    assert found == RECORDED[writer]


def examined(examiner: Examiner, wrote: Writer, name: str, *, allowed: bool) -> Examined:
    import msgspec

    contract = msgspec.structs.replace(wrote.contract(name), lambda_allowed=allowed)
    return examiner.examine(wrote.folder / name, contract, wrote.inputs(name))


@pytest.mark.parametrize("name", ["2.3/times400.h5", "2.14/times400.keras", "2.15/times400", "keras-3.12/times400.h5"])
def test_lambda_layers_are_refused_by_name(examiner: Examiner, unpack: dict[str, Writer], name: str) -> None:
    writer, _, file = name.partition("/")
    reason = examined(examiner, unpack[writer], file, allowed=False).refusal
    assert (reason.link, reason.code) == ("rules", "lambda")
    assert "scale" in reason.found


@pytest.mark.parametrize(
    ("name", "python"),
    [
        ("2.3/times400.h5", (3, 8)),
        ("2.14/times400.h5", (3, 11)),
        ("2.15/times400.keras", (3, 11)),
        ("keras-3.12/times400.h5", (3, 11)),
        ("keras-3.12/times400.keras", (3, 11)),
    ],
)
def test_allowed_lambda_layers_run_if_this_python_wrote_them(
    examiner: Examiner, unpack: dict[str, Writer], name: str, python: tuple[int, int]
) -> None:
    writer, _, file = name.partition("/")
    wrote = unpack[writer]
    result = examined(examiner, wrote, file, allowed=True)
    if sys.version_info[:2] == python:
        assert np.abs(result.outputs - wrote.outputs(file)).max() < 400 * NEAR
    else:
        assert (result.refusal.link, result.refusal.code) == ("load", "lambda-python")
        assert "Python" in result.refusal.found
