"""What a schema can't say about a pack: sums, cross references, files that must be there."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from graders.contract import Bar
from mockexam.packs.model import PackFile, Problem
from mockexam.packs.places import Place

PLACEHOLDER = re.compile(r"\{\{([A-Za-z_][A-Za-z0-9_]*)\}\}")
SPACED = re.compile(r"\{\{(?:\s+\w+\s*|\w+\s+)\}\}")
RATES = frozenset({"accuracy", "binary_accuracy", "macro_f1"})
PICTURES = (".png", ".jpg", ".jpeg")


class Finding(msgspec.Struct, frozen=True):
    """A fault before its file and line are known: `place` is in the TOML file unless `file` names another one."""

    place: Place
    code: str
    expected: str
    found: str
    advice: str
    file: str | None = None
    severity: Literal["error", "warning"] = "error"


def pack_findings(pack: PackFile, problems: Sequence[Problem]) -> Iterator[Finding]:
    """What is wrong with the pack as a whole; ids of problems are their folders, so they can't clash."""
    weights = pack.form.weights
    place: Place = ("form", "weights")
    if sum(weights.values()) != 100:
        sums = " + ".join(str(weight) for weight in weights.values())
        yield Finding(place, "weights-sum", "100 points in all", f"{sums} = {sum(weights.values())}", "Share out 100.")
    present = {problem.category for problem in problems}
    for category in sorted(set(weights) - present):
        advice = f"Write one (`mockexam pack new --category {category}`), or give its points to other categories."
        yield Finding(place, "no-problem", f"a problem of category {category}", "none", advice)
    if not problems:
        return
    minutes = sum(min(p.minutes for p in problems if p.category == category) for category in present)
    if minutes > pack.form.minutes:
        advice = "Give the exam more minutes, or lower the problems' own."
        found = f"{minutes} minutes for the shortest problem of each category"
        expected = f"problems that fit into {pack.form.minutes} minutes"
        yield Finding(("form", "minutes"), "too-long", expected, found, advice, severity="warning")


def problem_findings(problem: Problem, pack: PackFile, twins: dict[str, str]) -> Iterator[Finding]:
    """What is wrong with one problem. `twins` maps the uuids seen so far to their problems, and is added to."""
    yield from _identity(problem, pack, twins)
    yield from _scoring(problem)
    yield from _texts(problem)
    yield from _data(problem)


def _identity(problem: Problem, pack: PackFile, twins: dict[str, str]) -> Iterator[Finding]:
    if problem.id != problem.folder.name:
        advice = "Rename the one or the other."
        yield Finding(("id",), "id-folder", f'"{problem.folder.name}", the folder\'s name', f'"{problem.id}"', advice)
    try:
        uuid.UUID(problem.uuid)
    except ValueError:
        advice = f'Use a new one: "{uuid.uuid4()}".'
        yield Finding(("uuid",), "bad-uuid", "a UUID", f'"{problem.uuid}"', advice)
    else:
        if (other := twins.setdefault(problem.uuid, problem.id)) != problem.id:
            advice = f'Give this problem a new one: "{uuid.uuid4()}".'
            yield Finding(("uuid",), "same-uuid", "a UUID of its own", f"the one of {other}", advice)
    if problem.category not in pack.form.weights:
        advice = "Give the category points in [form] weights of pack.toml."
        found = f"category {problem.category}, which has none"
        yield Finding(("category",), "no-weight", "a category with points", found, advice)
    for language in sorted(set(problem.translations) - set(problem.languages[1:])):
        expected = f"one of languages ({', '.join(problem.languages[1:]) or 'only one is stated'})"
        advice = f'Add "{language}" to languages, and a statement.{language}.md.'
        yield Finding(("translations", language), "stray-translation", expected, f'"{language}"', advice)


def _scoring(problem: Problem) -> Iterator[Finding]:
    scoring = problem.scoring
    for number, bar in enumerate(scoring.bars):
        yield from _bar(bar, ("scoring", "bars", number), problem)
    if scoring.mode != "ladder":
        if scoring.ladder:
            advice = 'Remove it, or set mode = "ladder".'
            yield Finding(("scoring", "ladder"), "stray-ladder", f'no ladder in mode "{scoring.mode}"', "one", advice)
        return
    if len(scoring.ladder) != scoring.tests:
        advice = "Give one limit for each test."
        found = f"{len(scoring.ladder)} limits"
        yield Finding(("scoring", "ladder"), "ladder-length", f"{scoring.tests} limits", found, advice)
    if len(scoring.bars) != 1:
        found = f"{len(scoring.bars)} bars"
        yield Finding(("scoring", "bars"), "ladder-bars", "one bar in a ladder", found, "Keep one of them.")
    elif scoring.ladder:
        yield from _ladder(scoring.ladder, scoring.bars[0])


def _ladder(ladder: tuple[float, ...], bar: Bar) -> Iterator[Finding]:
    falling = bar.at_most is not None
    if list(ladder) != sorted(ladder, reverse=falling):
        advice = "Sort the limits from the easiest to the hardest."
        found = ", ".join(f"{limit:g}" for limit in ladder)
        yield Finding(("scoring", "ladder"), "ladder-order", "limits from easy to hard", found, advice)
    hardest = bar.at_most if falling else bar.at_least
    if ladder[-1] != hardest:
        advice = "Give the bar and the last limit the same number."
        expected = f"the bar's own number ({hardest:g}) as the last limit"
        yield Finding(("scoring", "ladder"), "ladder-bar", expected, f"{ladder[-1]:g}", advice)


def _bar(bar: Bar, place: Place, problem: Problem) -> Iterator[Finding]:
    limit = bar.at_least if bar.at_most is None else bar.at_most
    if bar.metric in RATES and (bar.at_least is None or not 0 < bar.at_least <= 1):
        advice = "Write `at_least` and a share such as 0.86."
        yield Finding(place, "bar-side", f"{bar.metric} to be at least a share of 1", f"{limit:g}", advice)
    if bar.metric not in RATES and (bar.at_most is None or bar.at_most <= 0):
        advice = "Write `at_most` and a number above 0."
        yield Finding(place, "bar-side", f"{bar.metric} to be at most something above 0", f"{limit:g}", advice)
    units = problem.contract.output_shape[-1] if problem.contract.output_shape else None
    if bar.metric.startswith("binary") and units != 1:
        advice = "Set output_shape = [1], or use the metric for several classes."
        yield Finding(place, "bar-shape", f"one output for {bar.metric}", f"{units}", advice)
    if "categorical" in bar.metric and units is not None and units < 2:
        advice = "Set output_shape to the number of classes, or use the binary metric."
        yield Finding(place, "bar-shape", f"several outputs for {bar.metric}", f"{units}", advice)


def _texts(problem: Problem) -> Iterator[Finding]:
    files = {"statement.md": 0}
    files.update({f"statement.{language}.md": n for n, language in enumerate(problem.languages) if n})
    for name, number in files.items():
        path = problem.folder / name
        if not path.is_file():
            place: Place = ("languages", number) if number else ()
            advice = "Write it: the task, the contract and the metric wanted."
            yield Finding(place, "missing-file", name, "no such file", advice)
            continue
        language = problem.languages[number]
        text = path.read_text("utf-8", "replace")
        target = problem.target_in(language)
        if "{{target}}" not in text and target not in text:
            advice = "Write {{target}} where it says how good the model must be."
            yield Finding((), "target-unstated", f'the target "{target}"', "a statement without it", advice, name)
        yield from _placeholders(problem, name, text)
    for name in ("starter.py", "solution.py"):
        path = problem.folder / name
        if not path.is_file():
            yield Finding((), "missing-file", name, "no such file", "Write it, or see `mockexam pack new`.")
        else:
            yield from _placeholders(problem, name, path.read_text("utf-8", "replace"))


def _placeholders(problem: Problem, name: str, text: str) -> Iterator[Finding]:
    if name.endswith(".md"):  # Python has uses of its own for two braces
        for spaced in SPACED.findall(text):
            yield Finding((), "spaced-value", "{{name}} without spaces", spaced, "Remove the spaces.", name)
    if problem.data.kind == "generator":
        return  # its values are known only when it has run; `pack check` runs it
    for unknown in sorted(set(PLACEHOLDER.findall(text)) - {"target", "title"}):
        advice = 'Write the value itself, or draw it in a generator (kind = "generator").'
        found = "{{" + unknown + "}}"
        yield Finding((), "unknown-value", "{{target}}, {{title}} or plain text", found, advice, name)


def _data(problem: Problem) -> Iterator[Finding]:
    data, folder = problem.data, problem.folder
    kind: Place = ("data", "kind")
    if data.kind in ("files", "builder") and not any_file(folder / "data"):
        yield Finding(kind, "missing-file", "files in data/", "none", "Put what the candidate trains on there.")
    if data.kind in ("generator", "builder") and not (folder / f"{data.kind}.py").is_file():
        yield Finding(kind, "missing-file", f"{data.kind}.py", "no such file", "Write it as docs/packs.md shows.")
    if data.kind in ("builder", "tfds") and data.name is None:
        advice = 'Add `name = "…"`: what the candidate gives to tfds.load.'
        yield Finding(("data",), "missing-key", f'`name` for kind "{data.kind}"', "nothing", advice)
    if data.kind == "tfds" and data.probe is None:
        advice = 'Add `probe = "https://…"`: the address the data set is downloaded from.'
        yield Finding(("data",), "missing-key", '`probe` for kind "tfds"', "nothing", advice)
    if data.hidden_split and data.kind != "tfds":
        advice = "Remove it and put the hidden set into hidden/."
        found = f'kind "{data.kind}"'
        yield Finding(("data", "hidden_split"), "stray-split", 'hidden_split with kind "tfds" only', found, advice)
    if data.notice and not (folder / data.notice).is_file():
        yield Finding(("data", "notice"), "missing-file", data.notice, "no such file", "Add it, or remove the key.")
    if not (data.kind == "generator" or data.hidden_split) and not has_hidden(folder):
        advice = "Put it there: `inputs` and `labels` as an .npz, or a folder of pictures per class."
        expected = "hidden/hidden.npz or hidden/<class>/ pictures"
        yield Finding(kind, "missing-file", expected, "neither", advice)


def any_file(folder: Path) -> bool:
    """Whether there is a file anywhere below `folder`."""
    return folder.is_dir() and any(path.is_file() for path in folder.rglob("*") if not path.name.startswith("."))


def has_hidden(folder: Path) -> bool:
    """Whether the problem in `folder` ships a hidden set: an .npz, or a picture in a class folder."""
    hidden = folder / "hidden"
    if (hidden / "hidden.npz").is_file():
        return True
    return any(path.suffix.lower() in PICTURES for path in hidden.glob("*/*"))
