"""What the window says of an interpreter: its packages, where it lies, and what speaks against it."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from graders.sentences import Sentence, Words, sentence, sentences
from mockexam.exam.program_rules import ProgramRules
from mockexam.interpreters.description import Description
from mockexam.interpreters.installation import OLDEST_FOR_JEDI
from mockexam.interpreters.interpreter import Interpreter
from mockexam.language.catalogue import shown
from mockexam.tui.interpreters.offers import Offer, packages
from mockexam.tui.look import formatting

COLUMN = 14
"""Cells of a package's name, before its version."""

_KINDS = {
    "venv": sentence("virtual environment"),
    "conda": sentence("conda environment"),
    "pyenv": sentence("installed by pyenv"),
    "uv": sentence("installed by uv"),
    "system": sentence("installed on this machine"),
}


def about(interpreter: Interpreter) -> Words:
    """What tells an interpreter from others of its name."""
    if interpreter.ours:
        return sentence("mockexam's own, as in the exam") if interpreter.legacy else sentence("mockexam's own, today's")
    return formatting.homely(interpreter.prefix)


def details(offer: Offer) -> Content:
    """Everything that files tell of it."""
    lines = [Content.styled(shown(offer.interpreter.name()), "bold $text-strong"), _where(offer.interpreter)]
    lines += [Content.styled(shown(line), "$stop") for line in ([offer.refused] if offer.refused else [])]
    lines += [Content.styled(shown(line), "$amber") for line in offer.doubts]
    lines += [Content.styled(shown(line), "$text-soft") for line in _notes(offer.interpreter)]
    lines.append(Content(""))
    first, rest = packages(offer.interpreter.versions)
    for name, version in first:
        missing = shown(sentence("not installed"))
        lines.append(_row(name, version, "$text-strong") if version else _row(name, missing, "$text-faint"))
    if rest:
        more = sentences("and {count} more package", "and {count} more packages", count=len(rest))
        lines += [Content(""), Content.styled(shown(more), "$text-soft")]
        lines += [_row(name, version, "$text-body") for name, version in rest]
    return Content("\n").join(lines)


def rule(rules: ProgramRules) -> Sentence | None:
    """What the exam's rules fix of the choice; None when they leave it open."""
    if rules.keras is not None and not rules.others:
        return sentence("The rules of this exam ask for Keras {keras}, in mockexam's own Python.", keras=rules.keras)
    if rules.keras is not None:
        return sentence("The rules of this exam ask for Keras {keras}.", keras=rules.keras)
    return None if rules.others else sentence("The rules of this exam ask for mockexam's own Python.")


def gpus_of(description: Description) -> Sentence:
    """What it said of its GPUs when it was asked."""
    if description.fault is not None:
        return sentence("TensorFlow can't be imported there: {fault}", fault=description.fault)
    version = description.tensorflow or ""
    if description.gpus:
        return sentence("TensorFlow {version} finds {names}.", version=version, names=", ".join(description.gpus))
    return sentence("TensorFlow {version} finds no GPU: programs run on the processor.", version=version)


def _where(interpreter: Interpreter) -> Content:
    kind = sentence("mockexam's own Python") if interpreter.ours else _KINDS[interpreter.kind]
    place = sentence(
        "{python}, {kind}: {path}",
        python=interpreter.python,
        kind=kind,
        path=formatting.homely(interpreter.executable),
    )
    return Content.styled(shown(place), "$text-soft")


def _notes(interpreter: Interpreter) -> Iterator[Sentence]:
    if interpreter.tensorflow is None:
        yield sentence("It has no TensorFlow: programs that import it fail.")
    elif interpreter.legacy:
        yield sentence("Programs get Keras 2: `keras`, `tf.keras` and `keras_preprocessing` lead to tf-keras.")
    if interpreter.installation.version < OLDEST_FOR_JEDI:
        yield sentence("Completion reads its packages with mockexam's own Python, since Jedi can't run in this one.")


def _row(name: str, version: str, style: str) -> Content:
    return Content.assemble((f"{name:<{COLUMN}} ", "$text-soft"), (version, style))
