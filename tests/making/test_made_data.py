"""The programs in making/ reproduce what ships, as far as they can without the packages they start from."""

from __future__ import annotations

import importlib
import io
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent.parent
PROBLEMS = ROOT / "problems" / "tensorflow_developer"


@pytest.fixture
def making(monkeypatch: pytest.MonkeyPatch) -> None:
    """The programs' folder, from which they import each other."""
    monkeypatch.syspath_prepend(str(ROOT / "making"))


def program(name: str) -> ModuleType:
    """One program of making/, without running it."""
    return importlib.import_module(name)


@pytest.mark.usefixtures("making")
@pytest.mark.parametrize("folder", ["data/train", "data/validation", "hidden"])
def test_hands_are_rendered_again_bit_for_bit(folder: str) -> None:
    renderer = program("rock_paper_scissors")
    seed, count = renderer.SETS[folder]
    for pose in renderer.CLASSES:
        shipped = PROBLEMS / "rock_paper_scissors" / folder / pose
        assert len(list(shipped.glob("*.jpg"))) == count
        again = io.BytesIO()
        renderer.picture(seed, pose, 5).save(again, "JPEG", quality=renderer.QUALITY)
        assert again.getvalue() == (shipped / f"{pose}0005.jpg").read_bytes()


@pytest.mark.usefixtures("making")
def test_sunspot_windows_have_their_label_a_year_after_the_last_month() -> None:
    sunspots = program("sunspots")
    inputs, labels = sunspots.windows(np.arange(100.0), sunspots.WINDOW, sunspots.HORIZON)
    assert inputs.shape == (59, 30, 1)
    assert (inputs[0, -1, 0], labels[0, 0]) == (29, 41)
    assert (inputs[-1, -1, 0], labels[-1, 0]) == (87, 99)


@pytest.mark.usefixtures("making")
@pytest.mark.parametrize("shipped", ["glosses/data/glosses.json", "deeds/data/definitions.json"])
def test_no_shipped_definition_has_an_unwelcome_word(shipped: str) -> None:
    wordnet = program("wordnet")
    texts = (PROBLEMS / shipped).read_text("utf-8")
    assert wordnet.UNWELCOME.search(texts) is None
    assert wordnet.UNWELCOME.search("an ethnic slur") is not None
