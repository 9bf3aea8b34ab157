"""Release 0.1.0 reads and verifies what the code of today writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.compatibility.old_release import DEEDS, CommitMissingError, Deed, OldRelease, Written

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> OldRelease:
    try:
        return OldRelease.extract(tmp_path_factory.mktemp("old"))
    except CommitMissingError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    return Written.now(tmp_path_factory.mktemp("written"))


def test_the_code_is_the_old_one(old: OldRelease, written: Written, tmp_path: Path) -> None:
    places = old.places(written.machine("other", tmp_path / "machine"))
    assert places
    assert all(place.is_relative_to(old.code) for place in places)


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.__name__)
def test_the_old_release(old: OldRelease, written: Written, tmp_path: Path, deed: Deed) -> None:
    deed(old, written, tmp_path)
