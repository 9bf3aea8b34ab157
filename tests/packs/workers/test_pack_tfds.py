"""Data sets of tensorflow-datasets that a pack's own builder prepares."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mockexam.packs.data.preparation import PreparationError, prepare
from mockexam.packs.format.reading import read_pack

Write = Callable[..., Path]

BUILDER = """\
import numpy as np
import tensorflow_datasets as tfds
from tensorflow_datasets.image_classification.mnist import FashionMNIST


def build(data_dir, source):
    pictures = np.load(source / "pictures.npy")
    with tfds.core.registered.skip_registration():

        class Local(FashionMNIST):
            name = "fashion_mnist"

            def _split_generators(self, dl_manager):
                return {"train": ((n, {"image": p, "label": n % 10}) for n, p in enumerate(pictures))}

            def _generate_examples(self):
                raise NotImplementedError

    Local(data_dir=str(data_dir)).download_and_prepare()
"""

LOAD = """\
import json, sys
import tensorflow_datasets as tfds
data, info = tfds.load(sys.argv[1], data_dir=sys.argv[2], download=False, split="train", with_info=True)
print(json.dumps([len(data), info.features["label"].int2str(4) if len(sys.argv) > 3 else "", sorted(info.splits)]))
"""


def loaded(name: str, public: Path, *more: str) -> list[object]:
    run = [sys.executable, "-c", LOAD, name, str(public), *more]
    result: list[object] = json.loads(subprocess.run(run, capture_output=True, text=True, check=True).stdout)
    return result


@pytest.fixture
def builder_pack(write_pack: Write) -> Path:
    root = write_pack(replace={'kind = "files"': 'kind = "builder"\nname = "fashion_mnist"'})
    data = root / "line" / "data"
    (data / "points.csv").unlink()
    np.save(data / "pictures.npy", np.arange(20 * 784, dtype=np.uint8).reshape(20, 28, 28, 1))
    (root / "line" / "builder.py").write_text(BUILDER)
    return root


@pytest.mark.slow
def test_a_builder_prepares_the_stock_data_set_from_the_packs_files(builder_pack: Path, tmp_path: Path) -> None:
    told: list[tuple[float, str]] = []
    public = tmp_path / "data"
    prepare(
        read_pack(builder_pack).problems[0],
        seed=1,
        public=public,
        cache=tmp_path / "cache",
        progress=lambda *step: told.append(step),
    )
    assert loaded("fashion_mnist", public, "labels") == [20, "Coat", ["train"]]
    assert not list(public.rglob("pictures.npy"))
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert any(str(detail).startswith("Generating train examples") for _, detail in told)


@pytest.mark.slow
def test_a_builder_that_prepares_something_else_is_told(builder_pack: Path, tmp_path: Path) -> None:
    problem = builder_pack / "line" / "problem.toml"
    problem.write_text(problem.read_text().replace("fashion_mnist", "mnist"))
    with pytest.raises(PreparationError) as caught:
        prepare(
            read_pack(builder_pack).problems[0],
            seed=1,
            public=tmp_path / "data",
            cache=tmp_path / "cache",
            progress=lambda *_: None,
        )
    assert 'tfds.load("mnist"' in str(caught.value.expected)
    assert not (tmp_path / "data").exists()
