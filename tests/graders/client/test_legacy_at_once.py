"""What a release wrote is handed in all at once to a grader that has just been started, and again when it is warm."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from graders import Service, Verdict
from tests.graders.legacy import archives
from tests.graders.legacy.archives import AGREES, DIFFERS, WRITERS, Writer

pytestmark = pytest.mark.real_time

RECORDED = archives.recorded()
BURSTS = ("2.0", "2.15", "keras-3.0", "keras-3.15")
"""In CI: the first and the last of both generations, a part of their files each; all others by hand."""
SHARE = 8
PRESSES = 10


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    yield service
    service.stop()


def at_once(service: Service, wrote: Writer, names: list[str]) -> dict[str, str]:
    """What becomes of files that are all submitted before the first is answered."""
    waiting = {name: service.submit(wrote.folder / name, wrote.task(name), key="k") for name in names}
    return {name: became(future.result(1200)) for name, future in waiting.items()}


def became(verdict: Verdict) -> str:
    """ "agrees", the code of the refusal, or the outcome that no honest file may have."""
    if verdict.outcome == "scored":
        return AGREES if verdict.passed == 5 else DIFFERS
    assert verdict.reason is not None
    return verdict.reason.code if verdict.outcome == "refused" else f"{verdict.outcome}: {verdict.reason.found}"


def expected(writer: str, names: list[str]) -> dict[str, str]:
    return {name: RECORDED[writer][name] for name in names}


@pytest.mark.slow
@pytest.mark.parametrize("writer", BURSTS)
def test_files_that_wait_for_the_grader(service: Service, writer: str, tmp_path: Path) -> None:
    wrote = archives.unpacked(writer, tmp_path)
    names = [name for name in wrote.names if sum(map(ord, name)) % SHARE == 0]

    assert at_once(service, wrote, names) == expected(writer, names)


@pytest.mark.soak
@pytest.mark.parametrize("writer", WRITERS)
def test_all_files_cold_and_then_warm(service: Service, writer: str, tmp_path: Path) -> None:
    wrote = archives.unpacked(writer, tmp_path)

    assert at_once(service, wrote, wrote.names) == expected(writer, wrote.names)
    assert at_once(service, wrote, wrote.names) == expected(writer, wrote.names)


@pytest.mark.soak
@pytest.mark.parametrize("name", [f"keras-3.15/{name}" for name in RECORDED["keras-3.15"]])
def test_ten_presses_are_one_verdict(warm: Service, name: str, tmp_path: Path) -> None:
    writer, _, file = name.partition("/")
    wrote = archives.unpacked(writer, tmp_path)
    task = wrote.task(file)

    presses = [warm.submit(wrote.folder / file, task, key="k").result(300) for _ in range(PRESSES)]

    assert len({(each.outcome, each.tests, each.reason, each.notes) for each in presses}) == 1


@pytest.fixture(scope="module")
def warm() -> Iterator[Service]:
    service = Service()
    service.start()
    yield service
    service.stop()
