"""Recognise what people hand in instead of a Keras model, and tell them what to do about it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from graders.trusted.archive import is_noise
from graders.trusted.refused import Refused, refuse

EXPECTED = "a whole model saved by Keras (mymodel.h5, mymodel.keras or a SavedModel folder)"
_SAVE = 'Save the whole model: model.save("mymodel.h5").'
_SAVE_IN_KERAS = 'Build and train the model with tf.keras and save it with model.save("mymodel.h5").'
_HEAD = 4096


class ForeignFormat(NamedTuple):
    """A kind of file that is no Keras model."""

    code: str
    found: str
    advice: str


_CHECKPOINT = ForeignFormat("checkpoint", "a TensorFlow checkpoint: weights without the model", _SAVE)
_LFS = ForeignFormat("lfs-pointer", "a Git LFS pointer: a note where the file is, not the file",
    "Run `git lfs pull` and submit again.")  # fmt: skip
_HTML = ForeignFormat(
    "web-page", "a web page", "The download brought an error or login page. Download the model again."
)
_TFLITE = ForeignFormat(
    "tflite", "a TensorFlow Lite model", "Submit the Keras model that it was converted from. " + _SAVE
)
_ONNX = ForeignFormat("onnx", "an ONNX model", _SAVE_IN_KERAS)
_TORCH = ForeignFormat("pytorch", "a PyTorch file", _SAVE_IN_KERAS)
_PICKLE = ForeignFormat("pickle", "a Python pickle", "Pickles are never opened. " + _SAVE)
_NUMPY = ForeignFormat("numpy", "NumPy arrays", "Arrays of weights are no model. " + _SAVE)
_SOURCE = ForeignFormat("source-code", "a Python script or notebook", "Run it, and submit the model that it saves.")
_JSON = ForeignFormat("architecture-only", "JSON text: an architecture without weights, or settings", _SAVE)
_GRAPH = ForeignFormat("graph-only", "a TensorFlow graph without its variables",
    "Submit the whole SavedModel folder: saved_model.pb and the folder variables beside it.")  # fmt: skip
_ARCHIVE = ForeignFormat(
    "other-archive",
    "an archive that is no zip",
    "Submit it unpacked, or pack the model as .zip.",
)
_IMAGE = ForeignFormat("picture", "a picture", _SAVE)
_TEXT = ForeignFormat("text", "a text file", _SAVE)
_UNKNOWN = ForeignFormat("unknown-format", "something that is not a Keras model", _SAVE)

_BY_HEAD: tuple[tuple[bytes, ForeignFormat], ...] = (
    (b"version https://git-lfs", _LFS),
    (b"\x93NUMPY", _NUMPY),
    (b"\x1f\x8b", _ARCHIVE),
    (b"BZh", _ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", _ARCHIVE),
    (b"\xfd7zXZ", _ARCHIVE),
    (b"Rar!", _ARCHIVE),
    (b"\x89PNG", _IMAGE),
    (b"\xff\xd8\xff", _IMAGE),
    (b"GIF8", _IMAGE),
    *((b"\x80" + bytes([version]), _PICKLE) for version in range(2, 6)),
)
_BY_SUFFIX: dict[str, ForeignFormat] = {
    ".ckpt": _CHECKPOINT, ".index": _CHECKPOINT, ".tflite": _TFLITE, ".onnx": _ONNX, ".pt": _TORCH, ".pth": _TORCH,
    ".pkl": _PICKLE, ".pickle": _PICKLE, ".joblib": _PICKLE, ".py": _SOURCE, ".ipynb": _SOURCE, ".pb": _GRAPH,
    ".pbtxt": _GRAPH, ".npy": _NUMPY, ".npz": _NUMPY, ".json": _JSON,
}  # fmt: skip


def is_zip(path: Path) -> bool:
    """Whether a file starts as a zip archive does."""
    return _head(path)[:4] in (b"PK\x03\x04", b"PK\x05\x06")


def refusal_of_file(path: Path, name: str) -> Refused:
    """Return the refusal of a file that is neither HDF5 nor zip; `name` is what the candidate calls it."""
    return _refusal(_recognise(_head(path), name), name)


def refusal_of_folder(folder: Path, name: str) -> Refused:
    """Return the refusal of a folder, or of an archive's content, that is no model."""
    names = {child.name for child in folder.rglob("*") if child.is_file() and not is_noise(child.name)}
    suffixes = {Path(each).suffix.lower() for each in names}
    if "data.pkl" in names:
        return _refusal(_TORCH, name)
    if any(each.startswith("variables.") for each in names):
        return refuse("format", "incomplete", "a SavedModel folder: saved_model.pb and variables",
            f"{name} holds {_listing(names)}, without saved_model.pb",
            "Submit the folder that holds saved_model.pb, with everything in it.")  # fmt: skip
    if "checkpoint" in names or ".index" in suffixes:
        return _refusal(_CHECKPOINT, name)
    if names and suffixes <= {".npy"}:
        return _refusal(_NUMPY, name)
    if "config.json" in names or "metadata.json" in names:
        return refuse("format", "incomplete", "a .keras model: config.json and model.weights.h5",
            f"{name} holds {_listing(names)}", 'Save it again with model.save("mymodel.keras").')  # fmt: skip
    if sum(suffix in (".h5", ".hdf5", ".keras") for suffix in (Path(each).suffix.lower() for each in names)) > 1:
        return refuse("format", "several-models", "one model", f"{name} holds {_listing(names)}",
            "Submit one of them.")  # fmt: skip
    found = f"{name} holds {_listing(names)}" if names else f"{name} holds no file"
    return refuse("format", "no-model", EXPECTED, found, _SAVE)


def _recognise(head: bytes, name: str) -> ForeignFormat:
    for start, stranger in _BY_HEAD:
        if head.startswith(start):
            return stranger
    if head[4:8] == b"TFL3":
        return _TFLITE
    if head[257:262] == b"ustar":
        return _ARCHIVE
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype html", b"<html", b"<?xml", b"<head")):
        return _HTML
    suffix = Path(name).suffix.lower()
    if ".data-0" in suffix or name == "checkpoint":
        return _CHECKPOINT
    if suffix in _BY_SUFFIX:
        return _BY_SUFFIX[suffix]
    if _is_text(head):
        return _text_kind(text)
    return _UNKNOWN


def _text_kind(text: bytes) -> ForeignFormat:
    if text.startswith((b"import ", b"from ", b"#!", b"def ", b'"""')) or b"\nimport " in text:
        return _SOURCE
    return _JSON if text.startswith((b"{", b"[{")) else _TEXT


def _is_text(head: bytes) -> bool:
    return bool(head) and all(byte in b"\t\r\n\x0c\x1b" or byte >= 0x20 for byte in head)


def _refusal(foreign: ForeignFormat, name: str) -> Refused:
    return refuse("format", foreign.code, EXPECTED, f"{name} is {foreign.found}", foreign.advice)


def _listing(names: set[str]) -> str:
    shown = sorted(names)[:4]
    return ", ".join(shown) + (f" and {len(names) - len(shown)} more" if len(names) > len(shown) else "")


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD)
