"""The process that prepares tensorflow-datasets: `python -m mockexam.packs.tfds_process`. Nothing imports it."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from mockexam.packs.child import RefusedError, Report, run_file, serve


def work(request: dict[str, Any], report: Report) -> dict[str, Any]:
    """Prepare below `request["data_dir"]`: with the pack's own builder, or a stock data set by its name."""
    report(0.0, "Starting tensorflow-datasets")
    follow(report)
    data_dir = Path(request["data_dir"])
    if request["action"] == "build":
        run_file(Path(request["script"]), "build")(data_dir, Path(request["source"]))
        report(0.95, "Reading the data set once")
        return {"examples": examples(request["name"], data_dir)}
    stock(request["name"], data_dir)
    if request["hidden_split"]:
        report(0.95, "Setting the hidden split aside")
        withhold(request["name"], data_dir, request["hidden_split"], Path(request["hidden"]), request)
    return {"examples": examples(request["name"], data_dir)}


def examples(name: str, data_dir: Path) -> dict[str, int]:
    """Number of examples in each split, as tfds.load would find them; RefusedError when it finds none."""
    import tensorflow_datasets as tfds

    try:
        builder = tfds.builder(name, data_dir=data_dir, try_gcs=False)
        splits = {split: int(info.num_examples) for split, info in builder.info.splits.items()}
    except (tfds.core.DatasetNotFoundError, AssertionError, OSError) as error:
        splits, found = {}, str(error)
    else:
        found = f"nothing below {data_dir.name}"
    if not splits:
        advice = "Let build() prepare it below its first argument under that name; see docs/packs.md."
        raise RefusedError(f'a data set that tfds.load("{name}", data_dir=…) reads', found, advice)
    return splits


def stock(name: str, data_dir: Path) -> None:
    """Download and prepare the stock data set `name`; archives are removed afterwards."""
    import shutil

    import tensorflow_datasets as tfds

    try:
        builder = tfds.builder(name, data_dir=data_dir, try_gcs=False)
    except tfds.core.DatasetNotFoundError:
        advice = "Correct `name` in problem.toml; the catalogue of tensorflow-datasets lists the names."
        raise RefusedError("a data set that tensorflow-datasets knows", f'"{name}"', advice) from None
    downloads = data_dir / "downloads"
    config = tfds.download.DownloadConfig(try_download_gcs=False)
    builder.download_and_prepare(download_dir=str(downloads), download_config=config)
    shutil.rmtree(downloads, ignore_errors=True)


def withhold(name: str, data_dir: Path, split: str, hidden: Path, request: dict[str, Any]) -> None:
    """Turn `split` into the hidden set and take it out of the prepared data set."""
    import tensorflow_datasets as tfds

    builder = tfds.builder(name, data_dir=data_dir, try_gcs=False)
    if split not in builder.info.splits or len(builder.info.splits) < 2:
        found = ", ".join(sorted(builder.info.splits))
        raise RefusedError(f'a split "{split}" beside another one', found, "Correct hidden_split in problem.toml.")
    write_hidden(builder.as_dataset(split=split, as_supervised=True), hidden, request)
    folder = Path(builder.data_dir)
    remove_split(folder, split)


def write_hidden(dataset: Any, hidden: Path, request: dict[str, Any]) -> None:
    """Write (inputs, labels) of a supervised data set: numbers times `scale`, pictures resized to the contract."""
    import numpy as np
    import tensorflow as tf

    from mockexam.packs.hidden_set import check_arrays

    contract, inputs, labels = request["contract"], [], []
    shape = contract["input_shape"]
    for features, label in dataset:
        if not isinstance(features, tf.Tensor) or features.dtype == tf.string:
            advice = "Ship the hidden set in hidden/ instead."
            raise RefusedError("inputs of numbers for hidden_split", f"{type(features).__name__}", advice)
        value = tf.cast(features, tf.float32)
        if len(shape) == 3 and value.shape.rank == 3 and None not in shape:
            value = tf.image.resize(value, shape[:2])
        if len(shape) == 2 and value.shape.rank == 3 and value.shape[-1] == 1:
            value = tf.squeeze(value, axis=-1)
        inputs.append(value.numpy() * np.float32(request["scale"]))
        labels.append(label.numpy())
    check_arrays(np.stack(inputs), np.stack(labels), contract)
    np.savez(hidden, inputs=np.stack(inputs), labels=np.stack(labels))


def remove_split(folder: Path, split: str) -> None:
    """Delete the records of `split` in a prepared data set, and its mention in dataset_info.json."""
    info = folder / "dataset_info.json"
    content = json.loads(info.read_text("utf-8"))
    content["splits"] = [item for item in content["splits"] if item["name"] != split]
    for path in folder.glob(f"*-{split}.*"):
        path.unlink()
    info.write_text(json.dumps(content, indent=2), "utf-8")


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
            label = str(self.desc or "").rstrip(".: ") or "Preparing the data set"
            share = min(1.0, self.n / self.total) if self.total else 0.0
            if "splits" in label:
                state["splits"] = share
            of = f" of {self.total:,.0f}" if self.total else ""
            report(0.05 + 0.85 * state["splits"], f"{label} {self.n:,.0f}{of}")

    tqdm.auto.tqdm = Bar


if __name__ == "__main__":
    serve(work)
