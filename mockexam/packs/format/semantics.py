"""What a schema can't say about a pack: sums, cross references, files that must be there."""

from __future__ import annotations

import difflib
import re
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

from graders.contract import Bar
from graders.metrics.record import Metric
from graders.metrics.table import METRICS
from mockexam.packs.format.model import DRAWN, PackFile, Problem
from mockexam.packs.format.positions import Place
from mockexam.packs.format.texts import Finding, text_findings

# Of the licences that packs have, those that need no look into the list of all.
COMMON = frozenset({"Apache-2.0", "MIT", "BSD-3-Clause", "CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "PDDL-1.0"})
OTHERS = ("BSD-2-Clause", "CC-BY-NC-4.0", "CC-BY-NC-SA-4.0", "CC-BY-NC-ND-4.0", "GPL-3.0-only", "GPL-3.0-or-later")
PICTURES = (".png", ".jpg", ".jpeg")
# Files of a problem that no notice can be: what they hold is not for candidates, or is in their way.
OWN_FILES = frozenset(
    {"problem.toml", "solution.py", "starter.py", "weak.py", "hints.md", "generator.py", "builder.py"}
)


def pack_findings(pack: PackFile, problems: Sequence[Problem], *, whole: bool = True) -> Iterator[Finding]:
    """What is wrong with the pack as a whole; ids of problems are their folders, so they can't clash.

    Not `whole`: some problem couldn't be read, so a category may have a problem that isn't in `problems`.
    """
    weights = pack.form.weights
    place: Place = ("form", "weights")
    if sum(weights.values()) != 100:
        sums = " + ".join(str(weight) for weight in weights.values())
        yield Finding(place, "weights-sum", "100 points in all", f"{sums} = {sum(weights.values())}", "Share out 100.")
    present = {problem.category for problem in problems}
    yield from _license(pack.license, ("license",))
    for category in sorted(set(weights) - present) if whole else ():
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


def problem_findings(problem: Problem, pack: PackFile | None, twins: dict[str, str]) -> Iterator[Finding]:
    """What is wrong with one problem; not with its points when pack.toml can't be read.

    `twins` maps the uuids seen so far to their folders, and is added to.
    """
    yield from _identity(problem, pack, twins)
    yield from _scoring(problem)
    yield from _contract(problem)
    yield from text_findings(problem)
    yield from _data(problem)
    yield from _provenance(problem)


def _identity(problem: Problem, pack: PackFile | None, twins: dict[str, str]) -> Iterator[Finding]:
    if problem.id != problem.folder.name:
        advice = "Rename the one or the other."
        yield Finding(("id",), "id-folder", f'"{problem.folder.name}", the folder\'s name', f'"{problem.id}"', advice)
    try:
        one = str(uuid.UUID(problem.uuid))  # it may be written in several ways
    except ValueError:
        advice = f'Use a new one: "{uuid.uuid4()}".'
        yield Finding(("uuid",), "bad-uuid", "a UUID", f'"{problem.uuid}"', advice)
    else:
        if (other := twins.setdefault(one, problem.folder.name)) != problem.folder.name:
            advice = f'Give this problem a new one: "{uuid.uuid4()}".'
            yield Finding(("uuid",), "same-uuid", "a UUID of its own", f"the one of {other}", advice)
    if pack is not None and problem.category not in pack.form.weights:
        advice = "Give the category points in [form] weights of pack.toml."
        found = f"category {problem.category}, which has none"
        yield Finding(("category",), "no-weight", "a category with points", found, advice)
    for language in sorted(set(problem.translations) - set(problem.languages[1:])):
        expected = f"one of languages ({', '.join(problem.languages[1:]) or 'only one is stated'})"
        advice = f'Add "{language}" to languages, and a statement.{language}.md.'
        yield Finding(("translations", language), "stray-translation", expected, f'"{language}"', advice)
    for number, language in enumerate(problem.languages[1:], start=1):
        if language not in problem.translations:
            expected, place = f"[translations.{language}] with title and target", ("languages", number)
            advice = f"Add it; until then they are shown in {problem.languages[0]}."
            yield Finding(place, "untranslated", expected, "none", advice, severity="warning")


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
    metric = METRICS[bar.metric]
    if not metric.allows(bar.at_most, bar.at_least):
        limit = bar.at_least if bar.at_most is None else bar.at_most
        expected, advice = _side(metric)
        yield Finding(place, "bar-side", expected, f"{limit:g}", advice)
    units = problem.contract.output_shape[-1] if problem.contract.output_shape else None
    fewest, most = metric.outputs
    if most == 1 and units != 1:
        advice = "Set output_shape = [1], or use a metric for several classes."
        yield Finding(place, "bar-shape", f"one output for {metric.name}", f"{units}", advice)
    elif units is not None and units < fewest:
        advice = "Set output_shape to the number of classes, or use a metric for fewer."
        yield Finding(place, "bar-shape", f"at least {fewest} outputs for {metric.name}", f"{units}", advice)


def _side(metric: Metric) -> tuple[str, str]:
    """What the bar of a metric has to be, and how to write it."""
    if metric.better == "lower":
        return f"{metric.name} to be at most something above {metric.range[0]:g}", "Write `at_most` and such a number."
    low, high = metric.constant, metric.range[1]
    return (
        f"{metric.name} to be at least something above {low:g}, up to {high:g}",
        "Write `at_least` and such a number.",
    )


def _data(problem: Problem) -> Iterator[Finding]:
    data, folder = problem.data, problem.folder
    kind: Place = ("data", "kind")
    if data.kind in ("files", "builder") and not any_file(folder / "data"):
        yield Finding(kind, "missing-file", "files in data/", "none", "Put what the candidate trains on there.")
    script = "generator.py" if data.kind in DRAWN else "builder.py" if data.kind == "builder" else None
    if script and not (folder / script).is_file():
        yield Finding(kind, "missing-file", script, "no such file", "Write it as docs/packs.md shows.")
    for name, value, kinds, example in (
        ("name", data.name, ("builder", "tfds"), '"…"`: what the candidate gives to tfds.load.'),
        ("probe", data.probe, ("tfds",), '"https://…"`: the address the data set is downloaded from.'),
        ("url", data.url, ("download",), '"https://…"`: the address of the file.'),
    ):
        if data.kind in kinds and value is None:
            advice = f"Add `{name} = {example}"
            yield Finding(("data",), "missing-key", f'`{name}` for kind "{data.kind}"', "nothing", advice)
    for name, value, only in (
        ("hidden_split", data.hidden_split, "tfds"),
        ("url", data.url, "download"),
        ("sha256", data.sha256, "download"),
    ):
        if value and data.kind != only:
            advice = "Remove it, or correct the kind."
            yield Finding(("data", name), "stray-key", f'{name} with kind "{only}" only', f'kind "{data.kind}"', advice)
    if not (data.kind in DRAWN or data.hidden_split) and not has_hidden(folder):
        advice = "Put it there: `inputs` and `labels` as an .npz, or a folder of pictures per class."
        expected = "hidden/hidden.npz or hidden/<class>/ pictures"
        yield Finding(kind, "missing-file", expected, "neither", advice)


def _contract(problem: Problem) -> Iterator[Finding]:
    """What no model can be, though each line for itself is right."""
    contract = problem.contract
    if contract.activation == "softmax" and contract.output_shape[-1:] in ((), (1,)):
        advice = 'Write activation = "sigmoid", or one output for each class.'
        yield Finding(("contract", "activation"), "softmax-of-one", "several outputs for a softmax", "one", advice)


def _provenance(problem: Problem) -> Iterator[Finding]:
    data, place = problem.data, ("data", "notice")
    yield from _license(data.license, ("data", "license"))
    if data.notice is None:
        if "LicenseRef-" in data.license:
            advice = 'Write the licence, or who may do what, into a file and name it: notice = "NOTICE.txt".'
            expected = f"a notice file that says what {data.license} is"
            yield Finding(("data", "license"), "missing-key", expected, "none", advice)
    elif data.notice in OWN_FILES or data.notice.startswith("statement."):
        advice = "Put the notice into a file of its own."
        yield Finding(place, "bad-notice", "a text for candidates", data.notice, advice)
    elif not (problem.folder / data.notice).is_file():
        yield Finding(place, "missing-file", data.notice, "no such file", "Add it, or remove the key.")
    elif (problem.folder / "data" / data.notice).exists():
        advice = "Rename one of them: the notice is copied into the candidate's data folder."
        yield Finding(place, "bad-notice", "a name that no file in data/ has", data.notice, advice)


def _license(text: str, place: Place) -> Iterator[Finding]:
    if text in COMMON or re.fullmatch(r"LicenseRef-[A-Za-z0-9.-]+", text):
        return
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    try:
        canonicalize_license_expression(text)
    except InvalidLicenseExpression:
        near = difflib.get_close_matches(text.replace(" ", "-"), [*COMMON, *OTHERS], n=1)
        advice = f'Did you mean "{near[0]}"?' if near else "https://spdx.org/licenses lists them."
        yield Finding(place, "bad-license", "an SPDX licence expression", f'"{text}"', advice)


def any_file(folder: Path) -> bool:
    """Whether there is a file anywhere below `folder`."""
    return folder.is_dir() and any(path.is_file() for path in folder.rglob("*") if not path.name.startswith("."))


def has_hidden(folder: Path) -> bool:
    """Whether the problem in `folder` ships a hidden set: an .npz, or a picture in a class folder."""
    hidden = folder / "hidden"
    if (hidden / "hidden.npz").is_file():
        return True
    return any(path.suffix.lower() in PICTURES for path in hidden.glob("*/*"))
