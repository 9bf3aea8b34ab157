"""The process in which the stock builders of the online pack run on local archives: `python stock_process.py FOLDER`.

Prints, for each problem of a tensorflow-datasets kind, the outcome of its preparation, and what its own scripts make of
pictures that `tfds.testing.mock_data` draws.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import runpy
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds
from PIL import Image
from tensorflow_datasets.datasets.rock_paper_scissors import rock_paper_scissors_dataset_builder as hands
from tensorflow_datasets.image_classification import cats_vs_dogs as cats
from tensorflow_datasets.image_classification import horses_or_humans as horses
from tensorflow_datasets.image_classification import mnist

from mockexam.packs.catalogue import Catalogue
from mockexam.packs.format.model import Problem, fill
from mockexam.packs.workers import tfds as worker
from mockexam.packs.workers.child import forbid_network
from mockexam.packs.workers.requests import CompareExamples, Overlap, Stock

CATS = 120


def picture(number: int, kind: str, size: int = 300) -> bytes:
    """A picture unlike any other."""
    buffer = io.BytesIO()
    Image.new("RGB", (size, size), (number % 256, 100, 50)).save(buffer, kind)
    return buffer.getvalue()


def archive(path: Path, members: Iterator[tuple[str, bytes]]) -> str:
    """Write a zip; returns its address."""
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members:
            file.writestr(name, content)
    return address(path)


def address(path: Path) -> str:
    """A URL in the form that TensorFlow takes: a %20 would be part of the name."""
    return f"file://{path}"


def idx(path: Path, array: Any, header: int) -> None:
    """Write an array in the format of MNIST's files: a header that nobody reads, then bytes."""
    path.write_bytes(gzip.compress(bytes(header) + array.astype(np.uint8).tobytes()))


def point_to_local_archives(folder: Path) -> None:
    """Put small archives where the stock builders look for those of their sites."""
    pixels = np.arange(60 * 784, dtype=np.uint32).reshape(60, 784) * 7
    for name, first, last in (("train", 0, 40), ("t10k", 40, 60)):
        idx(folder / f"{name}-images-idx3-ubyte.gz", pixels[first:last] % 251, 16)
        idx(folder / f"{name}-labels-idx1-ubyte.gz", np.arange(first, last) % 10, 8)
    mnist.MNIST.URL = f"{address(folder)}/"
    mnist._TRAIN_EXAMPLES, mnist._TEST_EXAMPLES = 40, 20
    for module, name, kinds in ((hands, "rps/", ("rock", "paper", "scissors")), (horses, "", ("horses", "humans"))):
        test = "rps-test-set/" if name else ""
        train_names = [f"{name}{kind}/{number}.png" for kind in kinds for number in range(8)]
        test_names = [f"{test}{kind}/{number}.png" for kind in kinds for number in range(3)]
        module._TRAIN_URL = archive(
            folder / f"{module.__name__}.zip", ((one, picture(n, "PNG")) for n, one in enumerate(train_names))
        )
        module._TEST_URL = archive(
            folder / f"{module.__name__}-test.zip", ((one, picture(99 + n, "PNG")) for n, one in enumerate(test_names))
        )
    names = [f"PetImages/{kind}/{number}.jpg" for number in range(CATS // 2) for kind in ("Cat", "Dog")]
    whole = ((name, picture(n, "JPEG", 20 + n)) for n, name in enumerate(names))
    damaged = [("PetImages/Cat/666.jpg", b"damaged")]
    cats._URL = archive(folder / "cats.zip", iter([*whole, *damaged]))
    cats._NUM_CORRUPT_IMAGES = 1


def prepared(problem: Problem, folder: Path) -> dict[str, Any]:
    """Prepare a problem's data as the application does; returns what the candidate and the hidden set then have."""
    hidden, public = folder / "hidden.npz", folder / "data"
    data, expected = problem.data, problem.expected
    assert data.name is not None
    stock = Stock(
        name=data.name,
        data_dir=public,
        hidden_split=data.hidden_split,
        hidden=hidden,
        expected=expected,
        scale=data.scale,
    )
    worker.work(stock, lambda *_: None)
    with np.load(hidden) as arrays:
        inputs, labels = arrays["inputs"], arrays["labels"]
    compare = CompareExamples(name=data.name, public=public, hidden=hidden, input_shape=expected.contract.input_shape)
    same = worker.work(compare, lambda *_: None)
    assert isinstance(same, Overlap)
    splits = tfds.builder(data.name, data_dir=public).info.splits
    read = tfds.load(data.name, data_dir=public, download=False, split="train")
    return {
        "splits": {name: len(list(read)) if name == "train" else split.num_examples for name, split in splits.items()},
        "hidden": [list(inputs.shape), str(inputs.dtype), float(inputs.min()), float(inputs.max())],
        "labels": sorted(set(labels.tolist())),
        "known": same.known,
        "left": sorted(path.name for path in public.rglob("*") if "test" in path.name or path.name == "downloads"),
    }


def scripts(problem: Problem, folder: Path) -> dict[str, Any]:
    """What the starter prints, and the shapes of the reference's model, on randomly drawn pictures."""
    os.chdir(folder)
    (folder / "starter.py").write_text(fill(problem.starter, {}), "utf-8")
    (folder / "solution.py").write_bytes(problem.solution_path.read_bytes())
    with tfds.testing.mock_data(num_examples=40):
        try:
            runpy.run_path(str(folder / "starter.py"), run_name="__main__")
            said = "nothing"
        except SystemExit as ending:
            said = str(ending)
        model = runpy.run_path(str(folder / "solution.py"))["solution_model"](epochs=1)
    shapes = [list(model.input_shape[1:]), list(model.output_shape[1:])]
    return {"said": said, "shapes": shapes, "activation": model.layers[-1].activation.__name__}


def sliced(folder: Path) -> list[Any]:
    """The rows of a middle slice, and of what is left when it is taken out of several shards."""
    builder = tfds.builder("cats_vs_dogs", data_dir=folder)
    shards = tfds.download.DownloadConfig(num_shards=5)
    builder.download_and_prepare(download_dir=str(folder / "downloads"), download_config=shards)

    def names(split: str) -> list[str]:
        found = tfds.load("cats_vs_dogs", data_dir=folder, download=False, split=split)
        return sorted(example["image/filename"].numpy().decode() for example in found)

    before, taken = names("train"), names("train[30%:75%]")
    worker.remove_slice(builder, "train", "train[30%:75%]")
    return [before, taken, names("train")]


def main(folder: Path) -> None:
    """Print everything as one JSON object."""
    forbid_network()
    tf.keras.utils.set_random_seed(1)
    (folder / "sites").mkdir()
    point_to_local_archives(folder / "sites")
    found: dict[str, Any] = {}
    for problem in Catalogue().pack("tensorflow-developer-online").problems:
        if problem.data.kind == "tfds":
            desk = folder / problem.id
            desk.mkdir()
            found[problem.id] = prepared(problem, desk) | scripts(problem, desk)
    found["sliced"] = sliced(folder / "sliced")
    print("\n" + json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
