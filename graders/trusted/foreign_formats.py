"""Recognise what people hand in instead of a Keras model, and tell them what to do about it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from graders import formats
from graders.recognition.names import is_litter
from graders.sentences import Sentence, Words, sentence
from graders.trusted.refused import Refused, refuse

EXPECTED = sentence("a whole model saved by Keras ({any})", any=formats.ANY)
_SAVE = sentence("Save the whole model: {statement}.", statement=formats.FORMATS[0].statement)
_SAVE_IN_KERAS = sentence(
    "Build and train the model with tf.keras and save it with {statement}.", statement=formats.FORMATS[0].statement
)
_HEAD = 4096
_LOOK = 1 << 16
_ENOUGH = 6  # so many line feeds have a carriage return before them by chance in one of 10^14 files
SHOWN = 4  # names of files in a message


class ForeignFormat(NamedTuple):
    """A kind of file that isn't a Keras model; one without signatures and suffixes is recognised by its text."""

    code: str
    found: Sentence
    advice: Sentence
    signatures: tuple[tuple[int, bytes], ...] = ()  # (offset, bytes)
    suffixes: tuple[str, ...] = ()


_CHECKPOINT = ForeignFormat(
    "checkpoint", sentence("a TensorFlow checkpoint: weights without the model"), _SAVE, suffixes=(".ckpt", ".index")
)
_HTML = ForeignFormat(
    "web-page",
    sentence("a web page"),
    sentence("The download brought an error or login page. Download the model again."),
)
_TORCH = ForeignFormat("pytorch", sentence("a PyTorch file"), _SAVE_IN_KERAS, suffixes=(".pt", ".pth"))
_NUMPY = ForeignFormat(
    "numpy",
    sentence("NumPy arrays"),
    sentence("Arrays of weights are not a model. {save}", save=_SAVE),
    signatures=((0, b"\x93NUMPY"),),
    suffixes=(".npy", ".npz"),
)
_SOURCE = ForeignFormat(
    "source-code",
    sentence("a Python script or notebook"),
    sentence("Run it, and submit the model that it saves."),
    suffixes=(".py", ".ipynb"),
)
_JSON = ForeignFormat(
    "architecture-only", sentence("JSON text: an architecture without weights, or settings"), _SAVE, suffixes=(".json",)
)
_TENSORFLOW_JS = ForeignFormat(
    "tensorflow-js",
    sentence("a TensorFlow.js model"),
    sentence("Submit the Keras model that it was converted from; Teachable Machine exports one as Keras (.h5)."),
)
_OF_TRANSFORMERS = ForeignFormat(
    "hugging-face", sentence("a Hugging Face model"), _SAVE_IN_KERAS, suffixes=(".safetensors",)
)
_HUGGING_FACE = frozenset({"model.safetensors", "pytorch_model.bin", "flax_model.msgpack"})
_AS_TEXT = ForeignFormat(
    "damaged",
    sentence("a model that was changed as if it were text, by an editor or on its way"),
    sentence("Save the model again, or copy it as binary: zip it before you send it, and don't save it in an editor."),
    signatures=tuple((offset, b"HDF") for offset in (1, 2, 3)),  # a whole HDF5 file is recognised before
)
_MACOS_TWIN = ForeignFormat(
    "macos-twin",
    sentence("what macOS keeps beside a file (its colours and origin), not the file itself"),
    sentence('Submit the file of the same name without "._" at its beginning.'),
    signatures=((0, b"\x00\x05\x16\x07"), (0, b"\x00\x05\x16\x00")),
)
_TEXT = ForeignFormat("text", sentence("a text file"), _SAVE)
_UNKNOWN = ForeignFormat("unknown-format", sentence("something that is not a Keras model"), _SAVE)

# In the order in which they are tried.
_FOREIGN: tuple[ForeignFormat, ...] = (
    ForeignFormat(
        "lfs-pointer",
        sentence("a Git LFS pointer: a note that says where the file is, not the file itself"),
        sentence("Run `git lfs pull` and submit again."),
        signatures=((0, b"version https://git-lfs"),),
    ),
    _MACOS_TWIN,
    _NUMPY,
    ForeignFormat(
        "other-archive",
        sentence("an archive that is not a zip"),
        sentence("Submit it unpacked, or pack the model as .zip."),
        signatures=(
            (0, b"\x1f\x8b"),
            (0, b"BZh"),
            (0, b"7z\xbc\xaf\x27\x1c"),
            (0, b"\xfd7zXZ"),
            (0, b"Rar!"),
            (257, b"ustar"),
        ),
    ),
    ForeignFormat(
        "picture",
        sentence("a picture"),
        _SAVE,
        signatures=((0, b"\x89PNG"), (0, b"\xff\xd8\xff"), (0, b"GIF8")),
    ),
    ForeignFormat(
        "pickle",
        sentence("a Python pickle"),
        sentence("Pickles are never opened. {save}", save=_SAVE),
        signatures=tuple((0, b"\x80" + bytes([version])) for version in range(2, 6)),
        suffixes=(".pkl", ".pickle", ".joblib"),
    ),
    ForeignFormat(
        "tflite",
        sentence("a TensorFlow Lite model"),
        sentence("Submit the Keras model that it was converted from. {save}", save=_SAVE),
        signatures=((4, b"TFL3"),),
        suffixes=(".tflite",),
    ),
    ForeignFormat("onnx", sentence("an ONNX model"), _SAVE_IN_KERAS, suffixes=(".onnx",)),
    ForeignFormat(
        "graph-only",
        sentence("a TensorFlow graph without its variables"),
        sentence("Submit the whole SavedModel folder: saved_model.pb and the folder variables beside it."),
        suffixes=(".pb", ".pbtxt"),
    ),
    _CHECKPOINT,
    _TORCH,
    _OF_TRANSFORMERS,
    _AS_TEXT,
    _SOURCE,
    _JSON,
)
_BY_SUFFIX = {suffix: each for each in _FOREIGN for suffix in each.suffixes}


def is_zip(path: Path) -> bool:
    """Whether a file starts as a zip archive does."""
    return _head(path)[:4] in (b"PK\x03\x04", b"PK\x05\x06")


def refusal_of_file(path: Path, name: str) -> Refused:
    """Return the refusal of a file that is neither HDF5 nor zip; `name` is what the candidate calls it."""
    return _refusal(_recognise(_head(path), name), name)


def was_text(path: Path) -> bool:
    """Whether a file was changed as if it were text: by an editor, or by a transfer that mends the ends of lines.

    Every HDF5 file and archive has NUL bytes, bytes that are no UTF-8, and line feeds without a carriage return.
    """
    with path.open("rb") as file:
        content = file.read(_LOOK)
    if b"\0" not in content[:_HEAD] or _is_utf_8(content):
        return True
    return len(_places(b"\n", content)) >= _ENOUGH and content.count(b"\r\n") == content.count(b"\n")


def _places(pattern: bytes, content: bytes) -> set[bytes]:
    """What stands around each match. An archive repeats its dates, which may look like text: those count once."""
    return {content[max(0, at.start() - 3) : at.start() + 3] for at in re.finditer(pattern, content)}


def _is_utf_8(content: bytes) -> bool:
    """Whether bytes beyond ASCII, in several places, are all letters of UTF-8; a last letter may be cut off."""
    if len(_places(b"[\x80-\xff]+", content)) < _ENOUGH:
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(content) - 3
    return True


def refusal_as_text(name: str) -> Refused:
    """Return the refusal of a file that was changed as if it were text."""
    return _refusal(_AS_TEXT, name)


def refusal_of_rivals(name: str, chosen: Path, rivals: Sequence[Path]) -> Refused:
    """Return the refusal of an archive in which later copies lie beside the model: nobody knows which is meant."""
    return refuse(
        "format",
        "several-models",
        sentence('one model called "{stem}", and no later copy of it', stem=formats.STEM),
        _holding(name, {str(model) for model in (chosen, *rivals)}),
        sentence("Submit the one that is meant."),
    )


def refusal_of_unfinished(name: str) -> Refused:
    """Return the refusal of a download that hasn't ended."""
    return refuse(
        "file",
        "unfinished",
        sentence("a file that has been downloaded to its end"),
        sentence("{file} is still being downloaded, or the download was broken off", file=name),
        sentence("Wait until the browser has finished, or download it again."),
    )


def refusal_of_folder(folder: Path, name: str, models: Sequence[Path], unfinished: Path | None = None) -> Refused:
    """Return the refusal of a folder, or of an archive's content, that isn't a model or holds several."""
    if unfinished is not None:
        return refusal_of_unfinished(f"{name}/{unfinished}")
    if len(models) > 1:
        return refuse(
            "format",
            "several-models",
            sentence('one model, or one that is called "{stem}"', stem=formats.STEM),
            _holding(name, {str(model) for model in models}),
            sentence("Submit one of them."),
        )
    names = {child.name for child in folder.rglob("*") if child.is_file() and not is_litter(child.name)}
    suffixes = {Path(each).suffix.lower() for each in names}
    if "data.pkl" in names:
        return _refusal(_TORCH, name)
    if "model.json" in names and any(each.endswith(".bin") for each in names):
        return _refusal(_TENSORFLOW_JS, name)
    if _HUGGING_FACE & names:
        return _refusal(_OF_TRANSFORMERS, name)
    if any(each.startswith("variables.") for each in names):
        return refuse(
            "format",
            "incomplete",
            sentence("a SavedModel folder: saved_model.pb and variables"),
            sentence("{file} holds {names}, without saved_model.pb", file=name, names=_listing(names)),
            sentence("Submit the folder that holds saved_model.pb, with everything in it."),
        )
    if "checkpoint" in names or ".index" in suffixes:
        return _refusal(_CHECKPOINT, name)
    if names and suffixes <= {".npy"}:
        return _refusal(_NUMPY, name)
    if "config.json" in names or "metadata.json" in names:
        return refuse(
            "format",
            "incomplete",
            sentence("a .keras model: config.json and model.weights.h5"),
            _holding(name, names),
            sentence('Save it again with model.save("mymodel.keras").'),
        )
    found = _holding(name, names) if names else sentence("{file} holds no file", file=name)
    return refuse("format", "no-model", EXPECTED, found, _SAVE)


def _recognise(head: bytes, name: str) -> ForeignFormat:
    for each in _FOREIGN:
        if any(head.startswith(start, offset) for offset, start in each.signatures):
            return each
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
    found = sentence("{file} is {kind}", file=name, kind=foreign.found)
    return refuse("format", foreign.code, EXPECTED, found, foreign.advice)


def _holding(name: str, names: set[str]) -> Sentence:
    return sentence("{file} holds {names}", file=name, names=_listing(names))


def _listing(names: set[str]) -> Words:
    listed = ", ".join(sorted(names)[:SHOWN])
    if len(names) <= SHOWN:
        return listed
    return sentence("{names} and {count} more", names=listed, count=len(names) - SHOWN)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD)
