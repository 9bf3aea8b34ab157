"""What a file is by its name: a model, a copy that a desktop or browser numbered, a download under way, or litter.

Only names are looked at. Case, the form of letters and spaces around a name say nothing, since systems change them.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from graders import formats

_LITTER = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini", ".ipynb_checkpoints", "__pycache__", ".gitkeep")
_WEIGHTS = ".weights"
"""What Keras asks for in the name of a file that `save_weights` writes; such a file is no whole model."""

# What programs add to the name of a copy, in the languages of Windows, macOS, GNOME and Google Drive.
# untranslated: in all languages at once
_WORDS = """
    copy copie copia cópia còpia kopie kopia kópia kopi kopio kopya kopija koopia másolat копия копие копія αντίγραφο
    salin salinan สำเนา คัดลอก نسخة עותק 복사본 사본 コピー 副本 複本 複製 拷贝 拷貝 复件
"""
_COPY = frozenset(_WORDS.split())
_LINKS = frozenset(("of", "von", "van", "de", "di", "da", "av", "af", "another", "weitere", "autre", "otra", "~"))
_EAST_ASIAN_LINKS = frozenset("의の的")
_SIGNS = re.compile(r"[\s()\[\]\-–—“”\"'«»]+")
_COUNTED = re.compile(r"(?P<word>\D+?)(?P<number>\d+)|(?P<ordinal>\d+)(?P<end>st|nd|rd|th|\.)")
_EAST_ASIAN_LINK = re.compile(rf"(?<!\w)([{''.join(_EAST_ASIAN_LINKS)}])(?=\w)")
_NUMBER = re.compile(r"\d{1,3}")
_NUMBERED = re.compile(r"(?:\s*\(\d{1,3}\)|\s+\d{1,3}|\s*-\d{1,3})")
"""`mymodel (1)`, `mymodel(1)`, `mymodel 2`, `mymodel-1`: browsers, Finder, mail. Not `mymodel_1` or `mymodel2`: no
program calls a copy so, but people call their next attempt so."""
_OF_DRIVE = re.compile(r"-\d{8}t\d{6}z(?:-\d+)*")
"""A folder as Google Drive packs it, as in `mymodel-20261130T141500Z-1-001.zip`."""
_UNFINISHED = re.compile(r"(?P<name>.+)\.(?:crdownload|part|partial|download|opdownload|filepart|aria2)")
"""Chrome and Edge; Firefox, wget and curl's wrappers; Internet Explorer; Safari; Opera; WinSCP; aria2."""
_OF_FIREFOX = re.compile(r"(?P<stem>.+)\.[\w-]{8}(?P<suffix>\.\w+)")
"""Firefox puts eight characters of its own before the suffix."""


class Name(NamedTuple):
    """A name taken apart. `stem` is without suffixes, spaces and capitals."""

    stem: str
    is_model: bool
    """Whether a whole model is called so."""
    is_zip: bool
    is_called: bool
    """Whether it is the name that starters give, with any suffix of a model or none."""
    is_copy: bool
    """Whether it is what a desktop or browser calls the next file of that name."""
    is_unfinished: bool
    """Whether it is a model's download that hasn't ended; how that will be called is told by the others."""

    has_suffix: bool = False
    """Whether it ends as files of models or archives do, if only of weights."""

    @property
    def may_be_model(self) -> bool:
        """Whether who names it may mean a model."""
        return self.is_model or self.has_suffix

    @property
    def is_meant(self) -> bool:
        """Whether it is called as starters call a model, or is a copy of one that was."""
        return self.is_called or self.is_copy


@lru_cache(maxsize=4096)
def name_of(name: str) -> Name:
    """Take a file's name apart."""
    plain = folded(name)
    if name.startswith("._"):
        return Name(plain, False, False, False, False, False)
    unfinished = _UNFINISHED.fullmatch(plain)
    if unfinished is not None:
        target = name_of(_of_firefox(unfinished["name"]))
        return Name(target.stem, False, False, target.is_called, target.is_copy, target.is_model)
    stem, suffixes = _parted(plain)
    is_copy = stem != formats.STEM and _is_copy(stem)
    is_called = stem == formats.STEM
    whole = any(suffix in formats.MODEL_SUFFIXES for suffix in suffixes) and not stem.endswith(_WEIGHTS)
    is_zip = formats.ARCHIVE_SUFFIX in suffixes[-1:]
    return Name(stem, whole or is_called or is_copy, is_zip, is_called, is_copy, False, bool(suffixes))


def is_litter(name: str) -> bool:
    """Whether a file or folder is what desktops and notebooks add to archives and folders."""
    return name in _LITTER or name.startswith("._")


def folded(name: str) -> str:
    """A name as those see it that ignore case, the form of letters, and spaces or dots at its end."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFD", name).casefold()).strip().rstrip(". ")


def _parted(plain: str) -> tuple[str, tuple[str, ...]]:
    """The stem and the suffixes of models and archives behind it, in order, without what wget adds: `mymodel.h5.1`."""
    known = formats.MODEL_SUFFIXES | {formats.ARCHIVE_SUFFIX}
    suffixes: tuple[str, ...]
    numbered, dot, number = plain.rpartition(".")
    if dot and _NUMBER.fullmatch(number) and any(numbered.endswith(suffix) for suffix in known):
        stem, suffixes = _parted(numbered)
        return f"{stem} ({number})", suffixes
    suffixes = ()
    while suffix := next((suffix for suffix in known if plain.endswith(suffix) and plain != suffix), ""):
        plain, suffixes = plain.removesuffix(suffix).rstrip(), (suffix, *suffixes)
    return plain, suffixes


def _of_firefox(name: str) -> str:
    found = _OF_FIREFOX.fullmatch(name)
    return found["stem"] + found["suffix"] if found else name


def _is_copy(stem: str) -> bool:
    before, called, after = stem.partition(formats.STEM)
    if not called:
        return False
    for suffix in (*formats.MODEL_SUFFIXES, formats.ARCHIVE_SUFFIX):  # Drive's `mymodel.h5의 사본`
        after = after.removeprefix(suffix)
    if not before and (_NUMBERED.fullmatch(after) or _OF_DRIVE.fullmatch(after)):
        return True
    words = [word for word in _SIGNS.split(_EAST_ASIAN_LINK.sub(r"\1 ", f"{before} {after}")) if word]
    apart = not before[-1:].isalnum() and not _is_latin(after[:1])
    return apart and any(_is_word(word) for word in words) and all(_is_part(word) for word in words)


def _is_latin(letter: str) -> bool:
    return letter.isascii() and (letter.isalnum() or letter == "_")


def _is_word(word: str) -> bool:
    counted = _COUNTED.fullmatch(word)  # Jupyter's `mymodel-Copy1`
    return word in _COPY or bool(counted and counted["word"] in _COPY)


def _is_part(word: str) -> bool:
    counted = _COUNTED.fullmatch(word)
    return (
        _is_word(word)
        or word in _LINKS | _EAST_ASIAN_LINKS
        or bool(_NUMBER.fullmatch(word))
        or bool(counted and counted["ordinal"])
    )
