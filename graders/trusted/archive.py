"""Unpack a candidate's zip archive on the trusted side, within limits, or say why not."""

from __future__ import annotations

from pathlib import Path

from graders.archives import ArchiveError, Limits, Names, Rule, guarded
from graders.contract import MEBIBYTE
from graders.recognition.names import is_litter
from graders.sentences import Sentence, Words, each_text, sentence, sentences
from graders.trusted.refused import Refused, refuse

MOST_MEMBERS = 2000
MOST_DIRECTORY_BYTES = 4 * MEBIBYTE
MOST_UNPACKED_BYTES = 1024 * MEBIBYTE
MOST_DEPTH = 10


def unpack(source: Path, into: Path, name: str) -> None:
    """Unpack the archive `source` into the new folder `into`.

    Raises Refused when it is damaged, too large, or holds names that could leave the folder.
    """
    limits = Limits(MOST_MEMBERS, MOST_UNPACKED_BYTES, MOST_DIRECTORY_BYTES, MOST_DEPTH)
    try:
        with guarded(source, limits, _NAMES) as archive:
            into.mkdir(mode=0o755)
            archive.unpack(into, mode=0o444, dated=True)
    except ArchiveError as error:
        raise _refused(error, name) from None


# What the zip programs of all systems write, and the names a candidate may give to files beside the model.
_NAMES = Names(refused=":", backslash_separates=True, legacy=True, unprintable=True, folders=True, is_noise=is_litter)


def _refused(error: ArchiveError, name: str) -> Refused:
    member = f"{error.member[:80]!r}"
    if unsafe := _unsafe(error.rule, name, member):
        return refuse(
            "format",
            "archive-unsafe",
            sentence("an archive with plain files only"),
            unsafe,
            sentence("Save the model again with model.save, or zip its folder with the system's zip program."),
        )
    if error.rule in ("twice", "clash"):
        return refuse(
            "format",
            "archive-unsafe",
            sentence("an archive with each file once"),
            sentence("{file}: {member} twice", file=name, member=member),
            sentence("Save the model again with model.save."),
        )
    if error.rule == "members":
        return _too_many(name, f"{error.amount:,}")
    if error.rule == "bytes":
        return _bomb(name, f"{error.amount / MEBIBYTE:,.0f}")
    if error.rule == "truncated":
        return refuse(
            "format",
            "truncated",
            sentence("a complete archive"),
            sentence("{file} has no archive directory at its end", file=name),
            sentence("The file was cut short while saving, copying or downloading. Save or copy it again."),
        )
    return _damaged(name, error.found)


def _unsafe(rule: Rule, name: str, member: str) -> Sentence | None:
    """What is unsafe about a member, for the rules that it may break by what it is."""
    named = {"file": name, "member": member}
    unsafe: dict[Rule, Sentence] = {
        "name": sentence("{file}: member {member} has a path that leaves the archive", **named),
        "long": sentence("{file}: member {member} has a path that is too long", **named),
        "special": sentence("{file}: member {member} is a link or a device", **named),
        "encrypted": sentence("{file}: member {member} is encrypted", **named),
        "compression": sentence("{file}: member {member} is compressed in an unusual way", **named),
    }
    return unsafe.get(rule)


def _too_many(name: str, amount: str) -> Refused:
    return refuse(
        "size",
        "too-many-files",
        sentences("at most {count} file in an archive", "at most {count} files in an archive", count=MOST_MEMBERS),
        # The archive itself says how many: a number may be larger than a verdict's may be, so it is text.
        sentence("{file} holds {amount}", file=name, amount=amount),
        sentence("Put only the model into the archive, not the project or its data."),
    )


def _bomb(name: str, size: str) -> Refused:
    return refuse(
        "size",
        "unpacks-too-big",
        sentence("at most {size} MiB when unpacked", size=MOST_UNPACKED_BYTES // MEBIBYTE),
        sentence("{file} unpacks to {size} MiB", file=name, size=size),
        sentence("Save a smaller model, with fewer or smaller layers."),
    )


def _damaged(name: str, detail: Words) -> Refused:
    detail = each_text(detail, lambda text: text[:120])
    return refuse(
        "format",
        "damaged",
        sentence("an archive that can be unpacked"),
        sentence("{file} is damaged ({detail})", file=name, detail=detail),
        sentence("The file was cut short or changed on its way. Save or copy it again."),
    )
