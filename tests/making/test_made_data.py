"""The programs in making/ reproduce what ships, as far as they can without the packages they start from."""

from __future__ import annotations

import importlib
import io
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

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
@pytest.mark.parametrize("problem", ["rock_paper_scissors", "horses_people"])
def test_pictures_are_rendered_again_bit_for_bit(problem: str, folder: str) -> None:
    renderer = program(problem)
    seed, count = renderer.SETS[folder]
    for kind in renderer.CLASSES:
        shipped = PROBLEMS / problem / folder / kind
        assert len(list(shipped.glob("*.jpg"))) == count
        again = io.BytesIO()
        renderer.picture(seed, kind, 5).save(again, "JPEG", quality=renderer.QUALITY)
        assert again.getvalue() == (shipped / f"{kind}0005.jpg").read_bytes()


@pytest.mark.usefixtures("making")
def test_no_motif_is_both_public_and_hidden() -> None:
    pictures = program("pictures")
    parts: dict[str, set[tuple[str, str]]] = {}
    for part, kind, chosen in pictures.split(pictures.drawings()):
        parts.setdefault(part, set()).update((kind, drawing.motif) for drawing in chosen)
        assert len(list((PROBLEMS / "pictures" / part / kind).glob("*.jpg"))) == len(chosen)
    assert parts["hidden"]
    assert not parts["hidden"] & (parts["data/train"] | parts["data/validation"])
    assert not parts["data/train"] & parts["data/validation"]


@pytest.mark.usefixtures("making")
def test_pictures_have_many_shapes_in_public_and_one_in_hidden() -> None:
    sizes: dict[str, set[tuple[int, int]]] = {"data": set(), "hidden": set()}
    for part, found in sizes.items():
        for path in (PROBLEMS / "pictures" / part).rglob("*.jpg"):
            with Image.open(path) as picture:
                found.add(picture.size)
    assert sizes["hidden"] == {(64, 64)}
    assert len(sizes["data"]) > 100
    assert max(max(size) for size in sizes["data"]) <= program("pictures").LONGEST


@pytest.mark.usefixtures("making")
def test_every_drawing_of_the_table_comes_from_a_collection_with_a_notice() -> None:
    drawings = program("pictures").drawings()
    assert {drawing.source for drawing in drawings} == {
        "openclipart",
        "noto",
        "noto-v1",
        "fluent-emoji",
        "fluent-emoji-flat",
    }
    assert len({(drawing.source, drawing.name) for drawing in drawings}) == len(drawings)


@pytest.mark.usefixtures("making")
def test_passages_are_whole_sentences_without_stage_directions() -> None:
    sentence = "We have skilled and vigorous peoples, great strength, and abundant sources of raw materials. "
    found = list(program("eras").passages(sentence * 3 + "(Applause.) " + sentence * 3))
    assert len(found) == 2
    assert all(30 <= len(passage.split()) <= 60 and passage.endswith("materials.") for passage in found)
    assert "Applause" not in "".join(found)


@pytest.mark.usefixtures("making")
def test_sunspot_windows_have_their_label_a_year_after_the_last_month() -> None:
    sunspots = program("sunspots")
    inputs, labels = sunspots.windows(np.arange(100.0), sunspots.WINDOW, sunspots.HORIZON)
    assert inputs.shape == (59, 30, 1)
    assert (inputs[0, -1, 0], labels[0, 0]) == (29, 41)
    assert (inputs[-1, -1, 0], labels[-1, 0]) == (87, 99)


@pytest.mark.usefixtures("making")
@pytest.mark.parametrize(
    "shipped", ["glosses/data/glosses.json", "deeds/data/definitions.json", "eras/data/passages.json"]
)
def test_no_shipped_text_has_an_unwelcome_word(shipped: str) -> None:
    unwelcome = program("texts").UNWELCOME
    assert unwelcome.search((PROBLEMS / shipped).read_text("utf-8")) is None
    assert unwelcome.search("an ethnic slur") is not None
