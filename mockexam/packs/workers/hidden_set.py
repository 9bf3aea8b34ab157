"""Hidden sets: make them from pictures, and check that they fit the contract. Needs NumPy: for workers only."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from graders.contract import Scoring
from graders.scoring.draws import undefined_metrics
from graders.sentences import Words, sentence
from mockexam.exam import oracle
from mockexam.packs.format.model import Expected
from mockexam.packs.workers.child import RefusedError, Report
from mockexam.packs.workers.requests import Counted, Inspected

PICTURES = (".png", ".jpg", ".jpeg")
Shape = tuple[int | None, ...]
KINDS = {"float32": "fiu", "int32": "iu", "string": "SU"}  # of NumPy types that are accepted as an input type


def inspect(path: Path, expected: Expected) -> Inspected:
    """Rows and missing classes of the hidden set at `path`; RefusedError when it doesn't fit the contract."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            names = sorted(arrays.files)
            if [name for name in names if name != "time"] != ["inputs", "labels"]:
                found = ", ".join(names) or sentence("none")
                advice = sentence("Write {file} again.", file=path.name)
                raise RefusedError(sentence("the arrays inputs and labels, and time if you like"), found, advice)
            inputs, labels = arrays["inputs"], arrays["labels"]
            time = arrays["time"] if "time" in names else None
    except (OSError, ValueError, EOFError, AttributeError, zipfile.BadZipFile) as error:
        advice = sentence("Write it with numpy.savez_compressed(path, inputs=…, labels=…), without objects.")
        found = f"{path.name}: {error}"
        if "ickle" in str(error):
            found = sentence("{file}: pickled objects, or no .npz at all", file=path.name)
        raise RefusedError(sentence("an .npz of plain arrays"), found, advice) from None
    check_arrays(inputs, labels, expected)
    if time is not None:
        _check_time(time, len(inputs))
    return Inspected(len(inputs), missing_classes(labels, expected))


def check_arrays(inputs: np.ndarray[Any, Any], labels: np.ndarray[Any, Any], expected: Expected) -> None:
    """Raise RefusedError unless `inputs` and `labels` fit the contract."""
    contract = expected.contract
    advice = sentence("Correct the hidden set, or the contract in problem.toml.")
    if inputs.ndim == 0 or labels.ndim == 0 or len(inputs) != len(labels) or len(inputs) == 0:
        shapes = sentence("inputs {inputs}, labels {labels}", inputs=list(inputs.shape), labels=list(labels.shape))
        raise RefusedError(sentence("as many labels as inputs, and at least one"), shapes, advice)
    if not fits(inputs.shape[1:], contract.input_shape):
        wanted = sentence("inputs shaped {shape}", shape=written(contract.input_shape))
        raise RefusedError(wanted, written(inputs.shape[1:]), advice)
    if inputs.dtype.kind not in KINDS[contract.input_dtype]:
        wanted = sentence("inputs of {type}", type=contract.input_dtype)
        raise RefusedError(wanted, str(inputs.dtype), advice)
    for finite, array in ((sentence("finite inputs"), inputs), (sentence("finite labels"), labels)):
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            number = int((~np.isfinite(array)).sum())
            raise RefusedError(finite, sentence("{number} NaN or infinite", number=number), advice)
    _check_labels(labels, contract.output_shape, advice)
    if expected.classifies:
        _check_classes(labels, contract.output_shape, advice)
    if expected.scoring is not None:
        _check_variety(labels, expected.scoring)


def _check_time(time: np.ndarray[Any, Any], rows: int) -> None:
    """Raise RefusedError unless `time` is one number for each row."""
    advice = sentence("Write when the first predicted value of each row is, in any unit and order, or leave time out.")
    if time.shape != (rows,):
        raise RefusedError(sentence("time shaped {shape}", shape=written((rows,))), written(time.shape), advice)
    if time.dtype.kind not in "iuf":
        raise RefusedError(sentence("whole numbers or floats as time"), str(time.dtype), advice)
    if not np.isfinite(time).all():
        found = sentence("{number} NaN or infinite", number=int((~np.isfinite(time)).sum()))
        raise RefusedError(sentence("a finite time"), found, advice)


def _check_variety(labels: np.ndarray[Any, Any], scoring: Scoring) -> None:
    """Raise RefusedError when a test may draw labels from which a metric can't be computed."""
    if scoring.draw_size is not None and scoring.draw_size > len(labels):
        return  # `pack check` reports that itself
    if undefined := undefined_metrics(labels, scoring):
        wanted = sentence(
            "labels that differ within every test, or these metrics are undefined: {metrics}",
            metrics=", ".join(undefined),
        )
        advice = sentence("Ship more rows of the rarer labels, raise draw_size, or use another metric.")
        raise RefusedError(wanted, sentence("labels so alike that a test may draw equal ones only"), advice)


def _check_labels(labels: np.ndarray[Any, Any], output: Shape, advice: Words) -> None:
    if labels.dtype.kind not in "biuf":
        raise RefusedError(sentence("numbers as labels"), str(labels.dtype), advice)
    shape = labels.shape[1:]
    classes = output[-1] if output else None
    if fits(shape, output) or (output and output[-1] == 1 and fits(shape, output[:-1])):
        return
    if not fits(shape, output[:-1]) and not fits(shape, (*output[:-1], 1)):
        expected = sentence(
            "labels shaped {shape}, or class numbers shaped {other}",
            shape=written(output),
            other=written(output[:-1]),
        )
        raise RefusedError(expected, written(shape), advice)
    if classes is not None and (labels.min() < 0 or labels.max() >= classes or (labels % 1 != 0).any()):
        raise RefusedError(sentence("class numbers 0 to {last}", last=classes - 1), _range(labels), advice)


def _range(labels: np.ndarray[Any, Any]) -> Words:
    return sentence("{least} to {most}", least=f"{labels.min():g}", most=f"{labels.max():g}")


def _check_classes(labels: np.ndarray[Any, Any], output: Shape, advice: Words) -> None:
    """Raise RefusedError for labels that look one-hot but aren't, and for yes-or-no labels other than 0 and 1."""
    units = output[-1] if output else None
    one_hot = units is not None and units > 1 and fits(labels.shape[1:], output)
    if one_hot and not (((labels == 0) | (labels == 1)).all() and (labels.sum(axis=-1) == 1).all()):
        raise RefusedError(sentence("one-hot labels, a single 1 among 0"), _range(labels), advice)
    if units == 1 and not ((labels == 0) | (labels == 1)).all():
        raise RefusedError(sentence("labels 0 and 1"), _range(labels), advice)


def missing_classes(labels: np.ndarray[Any, Any], expected: Expected) -> tuple[int, ...]:
    """The classes that no label names; none when the labels aren't classes."""
    output = expected.contract.output_shape
    units = output[-1] if output else None
    if not expected.classifies or units is None:
        return ()
    named = labels.argmax(axis=-1) if units > 1 and fits(labels.shape[1:], output) else labels.astype(np.int64)
    return tuple(sorted(set(range(max(units, 2))) - set(np.unique(named).tolist())))


def counted(labels: np.ndarray[Any, Any], rows: int, expected: Expected) -> Counted:
    """What labels (n, …) that fit the contract hold; n differs from the `rows` where rows share labels."""
    output = expected.contract.output_shape
    units = output[-1] if output else None
    single = labels
    if expected.classifies and units is not None and units > 1 and fits(labels.shape[1:], output):
        single = labels.argmax(axis=-1)
    counts = np.unique(single, return_counts=True)[1].tolist()
    spread = 0.0 if expected.classifies else float(labels.std())
    found = oracle.labels_of(counts, rows, regression=not expected.classifies, spread=spread)
    return Counted(found.rows, found.total, found.bits, found.classes, found.spread)


def fits(shape: Shape, wanted: Shape) -> bool:
    """Whether `shape` matches `wanted`, where None stands for any length."""
    return len(shape) == len(wanted) and all(b is None or a == b for a, b in zip(shape, wanted, strict=True))


def written(shape: Shape) -> str:
    """A shape for people, such as (28, 28), with "any" for None."""
    return "(" + ", ".join("any" if length is None else str(length) for length in shape) + ")"


def pictures(folder: Path) -> list[tuple[int, Path]]:
    """Label and path of each picture in `folder`/<class>/; classes are numbered in alphabetical order."""
    return [
        (label, path)
        for label, place in enumerate(class_folders(folder))
        for path in sorted(place.iterdir())
        if path.suffix.lower() in PICTURES and path.name[0] != "."
    ]


def class_folders(folder: Path) -> list[Path]:
    """The folders of pictures, in the order in which Keras numbers them."""
    return sorted(path for path in folder.iterdir() if path.is_dir() and path.name[0] != ".")


def inspect_pictures(folder: Path, expected: Expected) -> Inspected:
    """Number of hidden pictures; RefusedError when one has the wrong size, or there are too many classes."""
    contract = expected.contract
    from PIL import Image

    shape, files, wrong = contract.input_shape, pictures(folder), list[RefusedError]()
    for _, path in files:
        try:
            with Image.open(path) as picture:
                size = (picture.height, picture.width, *([] if len(shape) == 2 else [shape[-1]]))
        except (OSError, Image.DecompressionBombError) as error:
            wrong.append(_no_picture(path, error))
        else:
            if not fits(size, shape):
                wrong.append(_wrong_size(path, size, shape))
    if wrong:
        first, found = wrong[0], wrong[0].found
        if len(wrong) > 1:
            found = sentence("{found}, and {count} more that are wrong", found=found, count=len(wrong) - 1)
        raise RefusedError(first.expected, found, first.advice)
    classes = len(class_folders(folder))
    if empty := [place.name for number, place in enumerate(class_folders(folder)) if number not in dict(files)]:
        advice = sentence("Put pictures into it, or remove it: every folder counts as a class.")
        wanted = sentence("pictures in each class folder of hidden/")
        raise RefusedError(wanted, sentence("none in {folders}", folders=", ".join(empty)), advice)
    if contract.output_shape not in ((1,), (classes,)):
        advice = sentence("Correct output_shape in problem.toml, or the class folders.")
        wanted = sentence("{number} class folders", number=written(contract.output_shape))
        raise RefusedError(wanted, f"{classes}", advice)
    if expected.scoring is not None:
        _check_variety(np.array([label for label, _ in files]), expected.scoring)
    return Inspected(len(files))


def decode(folder: Path, target: Path, shape: Shape, scale: float, report: Report) -> None:
    """Turn `folder`/<class>/ pictures into an .npz: float32 pixels 0 to 255 times `scale`, labels in class order."""
    files = pictures(folder)
    inputs = []
    for number, (_, path) in enumerate(files):
        inputs.append(_pixels(path, shape) * np.float32(scale))
        if number % 50 == 0:
            report(number / len(files), sentence("Reading the hidden pictures"))
    np.savez(target, inputs=np.stack(inputs), labels=np.array([label for label, _ in files], np.int32))


def _pixels(path: Path, shape: Shape) -> np.ndarray[Any, Any]:
    from PIL import Image

    colour = len(shape) == 3 and shape[-1] == 3
    try:
        with Image.open(path) as picture:
            pixels = np.asarray(picture.convert("RGB" if colour else "L"), np.float32)
    except (OSError, Image.DecompressionBombError) as error:
        raise _no_picture(path, error) from None
    if len(shape) == 3 and shape[-1] == 1:
        pixels = pixels[..., np.newaxis]
    if not fits(pixels.shape, shape):
        raise _wrong_size(path, pixels.shape, shape)
    return pixels


def _no_picture(path: Path, error: Exception) -> RefusedError:
    return RefusedError(sentence("a picture"), f"{_named(path)}: {error}", sentence("Replace the file."))


def _wrong_size(path: Path, size: Shape, shape: Shape) -> RefusedError:
    advice = sentence("Store hidden pictures in the contract's own size.")
    expected = sentence("a picture shaped {shape}", shape=written(shape))
    return RefusedError(expected, f"{_named(path)}: {written(size)}", advice)


def _named(path: Path) -> str:
    """A picture's path as hidden/<class>/<name>, which says more than one in a scratch folder."""
    return "/".join(path.parts[-3:])
