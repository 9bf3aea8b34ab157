"""The one place where a sentence becomes the text that a person reads.

English needs no catalogue. Another language is an ordinary gettext catalogue beside this file,
catalogues/LANGUAGE/LC_MESSAGES/mockexam.mo, chosen once when the program starts, as LANGUAGE, LC_ALL, LC_MESSAGES or
LANG asks.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from graders.sentences import Sentence, Words, each_text
from mockexam.language.plain import line_of, text_of

if TYPE_CHECKING:
    from pathlib import Path

    from graders.sentences import Catalogue

DOMAIN = "mockexam"
VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
ENGLISH = ("", "C", "POSIX", "en")

_chosen: Catalogue | None = None


def choose(catalogue: Catalogue | None) -> None:
    """Show everything in the language of that catalogue from now on; None is English."""
    global _chosen
    _chosen = catalogue


def choose_from_environment(folder: Path | None = None) -> None:
    """Take the language asked for if there is a catalogue of it (in `folder`, or ours); English if there is none."""
    asked = next((value for name in VARIABLES if (value := os.environ.get(name))), "")
    if asked.partition(":")[0].partition(".")[0].partition("_")[0] in ENGLISH:
        return
    # Imported here, so that nobody who reads English waits for it.
    import gettext
    from pathlib import Path

    try:
        choose(gettext.translation(DOMAIN, folder or Path(__file__).with_name("catalogues")))
    except OSError:
        choose(None)


def shown(words: Words) -> str:
    """What a person reads. Plain text (a name, a path, another program's output) is the same in every language.

    Nothing in it steers a terminal, and what was put into a sentence stays on its line.
    """
    if not isinstance(words, Sentence):
        return text_of(words)
    plain = each_text(words, line_of)
    assert isinstance(plain, Sentence)
    return text_of(plain.told(_chosen))


def translated(text: str) -> str:
    """The translation of a text that translators find by its place: the help of a command or an option."""
    return _chosen.gettext(text) if _chosen is not None and text else text
