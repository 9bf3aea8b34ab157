"""The process that prepares tensorflow-datasets: `python -m mockexam.packs.workers.tfds`. Nothing imports it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graders.sentences import Words, sentence
from mockexam.files.writing import WHOLE, AtomicFile
from mockexam.packs.workers.child import RefusedError, Report, run_file, serve
from mockexam.packs.workers.requests import Build, CompareExamples, Examples, Overlap, Stock, TfdsRequest
from mockexam.packs.workers.rows import known_among

DOWNLOAD_ERRORS = frozenset({"DownloadError", "NonMatchingChecksumError", "ExtractError"})


def work(request: TfdsRequest, report: Report) -> Examples | Overlap:
    """Prepare a data set with the pack's own builder or by its name, or compare its rows with hidden ones."""
    report(0.0, sentence("Starting tensorflow-datasets"))
    if isinstance(request, CompareExamples):
        return known_among(request.hidden, public_rows(request.name, request.public, request.input_shape))
    follow(report)
    if isinstance(request, Build):
        run_file(request.script, "build")(request.data_dir, request.source)
        report(0.95, sentence("Reading the data set once"))
    else:
        stock(request.name, request.data_dir)
        if request.hidden_split:
            report(0.95, sentence("Setting the hidden split aside"))
            withhold(request, request.hidden_split)
    return Examples(examples(request.name, request.data_dir))


def examples(name: str, data_dir: Path) -> dict[str, int]:
    """Number of examples in each split, as tfds.load would find them; RefusedError when it finds none."""
    import tensorflow_datasets as tfds

    try:
        found: Words = sentence("nothing below {folder}", folder=data_dir.name)
        builder = tfds.builder(name, data_dir=data_dir, try_gcs=False)
        splits = {split: int(info.num_examples) for split, info in builder.info.splits.items()}
    except (tfds.core.DatasetNotFoundError, AssertionError, OSError) as error:
        splits, found = {}, str(error)
    if not splits:
        advice = sentence("Let build() prepare it below its first argument under that name; see docs/packs.md.")
        expected = sentence('a data set that tfds.load("{name}", data_dir=…) reads', name=name)
        raise RefusedError(expected, found, advice)
    return splits


def stock(name: str, data_dir: Path) -> None:
    """Download and prepare the stock data set `name`; archives are removed afterwards."""
    import shutil

    import tensorflow_datasets as tfds

    try:
        builder = tfds.builder(name, data_dir=data_dir, try_gcs=False)
    except tfds.core.DatasetNotFoundError:
        advice = sentence("Correct `name` in problem.toml; the catalogue of tensorflow-datasets lists the names.")
        raise RefusedError(sentence("a data set that tensorflow-datasets knows"), f'"{name}"', advice) from None
    downloads = data_dir / "downloads"
    config = tfds.download.DownloadConfig(try_download_gcs=False)
    try:
        builder.download_and_prepare(download_dir=str(downloads), download_config=config)
    except Exception as error:
        # By name, because the library moves these classes about. The errors of `requests` are OSErrors.
        if not isinstance(error, OSError) and type(error).__name__ not in DOWNLOAD_ERRORS:
            raise
        advice = sentence("Try again; if it still fails, take an exam whose data comes with it.")
        expected = sentence("to download {name}", name=name)
        raise RefusedError(expected, " ".join(str(error).split())[:300], advice) from None
    shutil.rmtree(downloads, ignore_errors=True)


def withhold(request: Stock, split: str) -> None:
    """Turn `split` into the hidden set and take it out of the prepared data set."""
    import tensorflow_datasets as tfds

    builder = tfds.builder(request.name, data_dir=request.data_dir, try_gcs=False)
    whole, _, part = split.partition("[")
    if whole not in builder.info.splits or (len(builder.info.splits) < 2 and not part):
        found = ", ".join(sorted(builder.info.splits))
        expected = sentence(
            'a split "{split}" beside another one, or a slice of it such as "{split}[90%:]"', split=whole
        )
        raise RefusedError(expected, found, sentence("Correct hidden_split in problem.toml."))
    write_hidden(builder.as_dataset(split=split, as_supervised=True), request)
    if part:
        remove_slice(builder, whole, split)
    else:
        remove_split(Path(builder.data_dir), split)


def write_hidden(dataset: Any, request: Stock) -> None:
    """Write (inputs, labels) of a supervised data set: numbers times `scale`, pictures resized to the contract."""
    import numpy as np
    import tensorflow as tf

    from mockexam.packs.workers.hidden_set import check_arrays

    shape, inputs, labels = request.expected.contract.input_shape, [], []
    for features, label in dataset:
        if not isinstance(features, tf.Tensor) or features.dtype == tf.string:
            advice = sentence("Ship the hidden set in hidden/ instead.")
            raise RefusedError(sentence("inputs of numbers for hidden_split"), type(features).__name__, advice)
        value = in_shape(features, shape)
        inputs.append(value.numpy() * np.float32(request.scale))
        labels.append(label.numpy())
    check_arrays(np.stack(inputs), np.stack(labels), request.expected)
    np.savez(request.hidden, inputs=np.stack(inputs), labels=np.stack(labels))


def in_shape(features: Any, shape: tuple[int | None, ...]) -> Any:
    """One example as float32 in the contract's shape, as far as resizing and an axis of length one allow."""
    import tensorflow as tf

    value = tf.cast(features, tf.float32)
    if len(shape) == 3 and value.shape.rank == 3 and None not in shape and tuple(value.shape[:2]) != shape[:2]:
        value = tf.image.resize(value, shape[:2])
    if len(shape) == 2 and value.shape.rank == 3 and value.shape[-1] == 1:
        value = tf.squeeze(value, axis=-1)
    return value


def public_rows(name: str, data_dir: Path, shape: tuple[int | None, ...]) -> Iterator[Any]:
    """Every example of every split of a prepared data set, one feature at a time, in the form of a hidden input."""
    import numpy as np
    import tensorflow_datasets as tfds

    builder = tfds.builder(name, data_dir=data_dir, try_gcs=False)
    for split in builder.info.splits:
        for example in tfds.as_numpy(builder.as_dataset(split=split)):
            for value in example.values():
                if isinstance(value, bytes | str):
                    yield np.array([value], object)
                elif isinstance(value, np.ndarray) and value.ndim >= len(shape) > 0:
                    yield in_shape(value, shape).numpy()[None]


def remove_split(folder: Path, split: str) -> None:
    """Delete the records of `split` in a prepared data set, and its mention in dataset_info.json."""
    info = folder / "dataset_info.json"
    content = json.loads(info.read_text("utf-8"))
    content["splits"] = [item for item in content["splits"] if item["name"] != split]
    for path in folder.glob(f"*-{split}.*"):
        path.unlink()
    info.write_text(json.dumps(content, indent=2), "utf-8")


def remove_slice(builder: Any, whole: str, part: str) -> None:
    """Delete the records of the slice `part` (as in "train[90%:]") from the shards of the split `whole`."""
    import tensorflow as tf

    taken = {str(one.filename): (one.skip, one.skip + one.take) for one in slices(builder, part)}
    lengths = []
    for one in slices(builder, whole):
        path, count = Path(one.filename), int(one.examples_in_shard)
        first, last = taken.get(str(path), (0, 0))
        kept = count - (last - first)
        if kept < count:
            records = tf.data.TFRecordDataset(str(path)).as_numpy_iterator()
            with AtomicFile(path, WHOLE) as rest, tf.io.TFRecordWriter(str(rest.draft)) as writer:
                for number, record in enumerate(records):
                    if not first <= number < last:
                        writer.write(record)
        lengths.append(kept)
    info = Path(builder.data_dir) / "dataset_info.json"
    content = json.loads(info.read_text("utf-8"))
    for item in content["splits"]:
        if item["name"] == whole:
            item["shardLengths"] = [str(length) for length in lengths]
            item["numBytes"] = str(sum(Path(one.filename).stat().st_size for one in slices(builder, whole)))
    info.write_text(json.dumps(content, indent=2), "utf-8")


def slices(builder: Any, split: str) -> list[Any]:
    """tensorflow-datasets' file instructions of a split or slice: file, records to skip, records to take."""
    return list(builder.info.splits[split].file_instructions)


def follow(report: Report) -> None:
    """Send what tensorflow-datasets would draw as progress bars to `report`."""
    import tqdm.auto
    import tqdm.std

    state = {"splits": 0.0}

    class Bar(tqdm.std.tqdm):  # type: ignore[misc]
        """A bar that is reported, not drawn."""

        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **(options | {"file": io.StringIO(), "disable": False, "mininterval": 0.2}))

        def display(self, *_: Any, **__: Any) -> None:
            label = str(self.desc or "").rstrip(".: ")
            share = min(1.0, self.n / self.total) if self.total else 0.0
            if "splits" in label:
                state["splits"] = share
            doing, done = label or sentence("Preparing the data set"), f"{self.n:,.0f}"
            counted = sentence("{doing} {done}", doing=doing, done=done)
            if self.total:
                counted = sentence("{doing} {done} of {total}", doing=doing, done=done, total=f"{self.total:,.0f}")
            report(0.05 + 0.85 * state["splits"], counted)

    tqdm.auto.tqdm = Bar


if __name__ == "__main__":
    serve(work, TfdsRequest)
