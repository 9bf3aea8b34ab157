"""What a schema can't check in a pack: sums, cross references, files that must be there."""

from __future__ import annotations

import difflib
import re
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from graders.contract import Threshold
from graders.metrics.record import Metric
from graders.metrics.table import METRICS
from graders.sentences import Sentence, Words, sentence, sentences
from mockexam.exam.form import OTHERS
from mockexam.packs.format.model import DRAWN, Form, PackFile, Problem
from mockexam.packs.format.positions import Place
from mockexam.packs.format.texts import Finding, text_findings, unlimited_findings

# The licences that packs commonly have, accepted without a look at the list of all.
COMMON = frozenset({"Apache-2.0", "MIT", "BSD-3-Clause", "CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "PDDL-1.0"})
LESS_COMMON = ("BSD-2-Clause", "CC-BY-NC-4.0", "CC-BY-NC-SA-4.0", "CC-BY-NC-ND-4.0", "GPL-3.0-only", "GPL-3.0-or-later")
PICTURES = (".png", ".jpg", ".jpeg")
# Files of a problem that can't serve as a notice: candidates mustn't see them, or already have a file of that name.
OWN_FILES = frozenset(
    {"problem.toml", "solution.py", "starter.py", "weak.py", "hints.md", "generator.py", "builder.py"}
)

# Key of [data] → the kinds that need it, and what to say when it is missing.
WANTED = (
    ("name", ("builder", "tfds"), sentence('Add `name = "…"`: what the candidate gives to tfds.load.')),
    ("probe", ("tfds",), sentence('Add `probe = "https://…"`: the address the data set is downloaded from.')),
    ("url", ("download",), sentence('Add `url = "https://…"`: the address of the file.')),
)


def pack_findings(pack: PackFile, problems: Sequence[Problem], *, whole: bool = True) -> Iterator[Finding]:
    """What is wrong with the pack as a whole; ids of problems are their folders, so they can't clash.

    Without `whole`, some problem couldn't be read, so a category may have a problem that isn't in `problems`.
    """
    weights = pack.form.weights
    place: Place = ("form", "weights")
    if sum(weights.values()) != 100:
        sums = " + ".join(str(weight) for weight in weights.values())
        found, advice = f"{sums} = {sum(weights.values())}", sentence("Share out 100.")
        yield Finding(place, "weights-sum", sentence("100 points in all"), found, advice)
    present = {problem.category for problem in problems}
    yield from _license(pack.license, ("license",))
    for category in sorted(set(weights) - present) if whole else ():
        advice = sentence(
            "Write one (`mockexam pack new --category {number}`), or give its points to other categories.",
            number=category,
        )
        expected = sentence("a problem of category {number}", number=category)
        yield Finding(place, "no-problem", expected, sentence("none"), advice)
    yield from _limits_of_submissions(pack.form)
    if not problems:
        return
    minutes = sum(min(p.minutes for p in problems if p.category == category) for category in present)
    if minutes > pack.form.minutes:
        advice = sentence("Give the exam more minutes, or lower the problems' own.")
        needed = sentence("{minutes} minutes for the shortest problem of each category", minutes=minutes)
        expected = sentences(
            "problems that fit into {count} minute", "problems that fit into {count} minutes", count=pack.form.minutes
        )
        yield Finding(("form", "minutes"), "too-long", expected, needed, advice, severity="warning")


def _limits_of_submissions(form: Form) -> Iterator[Finding]:
    """Rules on submissions that concern nobody, or that leave less of an exam than they seem to."""
    for name in ("max_submissions", "cooldown"):
        stated = getattr(form, name)
        for key in sorted(stated) if isinstance(stated, dict) else ():
            if key != OTHERS and int(key) not in form.weights:
                found = sentence("category {number}, which has none", number=key)
                advice = sentence("Remove it, or give the category points in weights.")
                yield Finding(("form", name, key), "no-weight", sentence("a category with points"), found, advice)
    seconds, most = form.minutes * 60, form.by_category("max_submissions")
    for category, cooldown in form.by_category("cooldown").items():
        if cooldown >= seconds:
            expected = sentence("a wait shorter than the exam ({seconds} seconds)", seconds=seconds)
            found = sentence("{seconds} seconds in category {category}", seconds=cooldown, category=category)
            advice = sentence("Shorten the wait, or set max_submissions = 1.")
            yield Finding(("form", "cooldown"), "cooldown-too-long", expected, found, advice)
        elif category in most and (most[category] - 1) * cooldown >= seconds:
            expected = sentence("an exam in which {number} submissions fit", number=most[category])
            found = sentences(
                "one in which {count} fits with this wait, in category {category}",
                "one in which {count} fit with this wait, in category {category}",
                count=-(-seconds // cooldown),
                category=category,
            )
            advice = sentence("Shorten the wait, or lower max_submissions.")
            yield Finding(("form", "max_submissions"), "never-used-up", expected, found, advice, severity="warning")


def problem_findings(problem: Problem, pack: PackFile | None, twins: dict[str, str]) -> Iterator[Finding]:
    """What is wrong with one problem; its points are left out when pack.toml can't be read.

    `twins` maps the uuids seen so far to their folders, and is added to.
    """
    yield from _identity(problem, pack, twins)
    yield from _scoring(problem)
    yield from _contract(problem)
    yield from text_findings(problem)
    if pack is not None and problem.category in pack.form.by_category("max_submissions"):
        yield from unlimited_findings(problem)
    yield from _data(problem)
    yield from _provenance(problem)


def _identity(problem: Problem, pack: PackFile | None, twins: dict[str, str]) -> Iterator[Finding]:
    if problem.id != problem.folder.name:
        advice = sentence("Rename one or the other.")
        expected = sentence('"{folder}", the folder\'s name', folder=problem.folder.name)
        yield Finding(("id",), "id-folder", expected, f'"{problem.id}"', advice)
    try:
        one = str(uuid.UUID(problem.uuid))  # it may be written in several ways
    except ValueError:
        advice = sentence('Use a new one: "{uuid}".', uuid=uuid.uuid4())
        yield Finding(("uuid",), "bad-uuid", sentence("a UUID"), f'"{problem.uuid}"', advice)
    else:
        if (other := twins.setdefault(one, problem.folder.name)) != problem.folder.name:
            advice = sentence('Give this problem a new one: "{uuid}".', uuid=uuid.uuid4())
            found = sentence("that of {problem}", problem=other)
            yield Finding(("uuid",), "same-uuid", sentence("a UUID of its own"), found, advice)
    if pack is not None and problem.category not in pack.form.weights:
        advice = sentence("Give the category points in [form] weights of pack.toml.")
        found = sentence("category {number}, which has none", number=problem.category)
        yield Finding(("category",), "no-weight", sentence("a category with points"), found, advice)
    for language in sorted(set(problem.translations) - set(problem.languages[1:])):
        expected = sentence("one of languages (only one is stated)")
        if len(problem.languages) > 1:
            expected = sentence("one of languages ({languages})", languages=", ".join(problem.languages[1:]))
        advice = sentence('Add "{language}" to languages, and a statement.{language}.md.', language=language)
        yield Finding(("translations", language), "stray-translation", expected, f'"{language}"', advice)
    for number, language in enumerate(problem.languages[1:], start=1):
        if language not in problem.translations:
            expected = sentence("[translations.{language}] with title and target", language=language)
            advice = sentence("Add it; until then they are shown in {language}.", language=problem.languages[0])
            place = ("languages", number)
            yield Finding(place, "untranslated", expected, sentence("none"), advice, severity="warning")


def _scoring(problem: Problem) -> Iterator[Finding]:
    scoring = problem.scoring
    for number, threshold in enumerate(scoring.thresholds):
        yield from _threshold(threshold, ("scoring", "bars", number), problem)
    if scoring.mode != "ladder":
        if scoring.graded_thresholds:
            advice = sentence('Remove it, or set mode = "ladder".')
            expected = sentence('no ladder in mode "{mode}"', mode=scoring.mode)
            yield Finding(("scoring", "ladder"), "stray-ladder", expected, sentence("one"), advice)
        return
    if len(scoring.graded_thresholds) != scoring.tests:
        expected, found = _limits(scoring.tests), _limits(len(scoring.graded_thresholds))
        advice = sentence("Give one limit for each test.")
        yield Finding(("scoring", "ladder"), "ladder-length", expected, found, advice)
    if len(scoring.thresholds) != 1:
        expected, advice = sentence("one bar in a ladder"), sentence("Keep one of them.")
        found = sentences("{count} bar", "{count} bars", count=len(scoring.thresholds))
        yield Finding(("scoring", "bars"), "ladder-bars", expected, found, advice)
    elif scoring.graded_thresholds:
        yield from _graded(scoring.graded_thresholds, scoring.thresholds[0])


def _limits(count: int) -> Sentence:
    return sentences("{count} limit", "{count} limits", count=count)


def _graded(limits: tuple[float, ...], threshold: Threshold) -> Iterator[Finding]:
    falling = threshold.at_most is not None
    if list(limits) != sorted(limits, reverse=falling):
        advice = sentence("Sort the limits from the easiest to the hardest.")
        found = ", ".join(f"{limit:g}" for limit in limits)
        yield Finding(("scoring", "ladder"), "ladder-order", sentence("limits from easy to hard"), found, advice)
    hardest = threshold.at_most if falling else threshold.at_least
    if limits[-1] != hardest:
        advice = sentence("Give the bar and the last limit the same number.")
        expected = sentence("the bar's own number ({number}) as the last limit", number=f"{hardest:g}")
        yield Finding(("scoring", "ladder"), "ladder-bar", expected, f"{limits[-1]:g}", advice)


def _threshold(threshold: Threshold, place: Place, problem: Problem) -> Iterator[Finding]:
    metric = METRICS[threshold.metric]
    limit = threshold.at_least if threshold.at_most is None else threshold.at_most
    for each, where in ((limit, place), *((one, ("scoring", "ladder")) for one in problem.scoring.graded_thresholds)):
        yield from _digits(each, where, problem.scoring.precision)
    if not metric.allows(threshold.at_most, threshold.at_least):
        limit = threshold.at_least if threshold.at_most is None else threshold.at_most
        expected, advice = _side(metric)
        yield Finding(place, "bar-side", expected, f"{limit:g}", advice)
    units = problem.contract.output_shape[-1] if problem.contract.output_shape else None
    fewest, most = metric.outputs
    if most == 1 and units != 1:
        advice = sentence("Set output_shape = [1], or use a metric for several classes.")
        expected = sentence("one output for {metric}", metric=metric.name)
        yield Finding(place, "bar-shape", expected, _outputs(problem), advice)
    elif units is not None and units < fewest:
        advice = sentence("Set output_shape to the number of classes, or use a metric for fewer.")
        expected = sentence("at least {count} outputs for {metric}", count=fewest, metric=metric.name)
        yield Finding(place, "bar-shape", expected, _outputs(problem), advice)


def _digits(limit: float | None, place: Place, precision: int | msgspec.UnsetType) -> Iterator[Finding]:
    """A limit between two values that a rounded metric can have asks for the next one without saying so."""
    if precision is msgspec.UNSET or limit is None or float(f"{limit:.{precision - 1}e}") == limit:
        return
    expected = sentences(
        "a bar of at most {count} digit, as [form] precision has it",
        "a bar of at most {count} digits, as [form] precision has it",
        count=precision,
    )
    advice = sentence("Write {number}, or give more digits of precision.", number=f"{limit:.{precision}g}")
    yield Finding(place, "bar-digits", expected, f"{limit:.15g}", advice, severity="warning")


def _side(metric: Metric) -> tuple[Sentence, Sentence]:
    """Which side the threshold of a metric has to be on, and how to write it."""
    if metric.better == "lower":
        least = f"{metric.range[0]:g}"
        return (
            sentence("{metric} to be at most something above {least}", metric=metric.name, least=least),
            sentence("Write `at_most` and such a number."),
        )
    low, high = f"{metric.constant:g}", f"{metric.range[1]:g}"
    return (
        sentence("{metric} to be at least something above {low}, up to {high}", metric=metric.name, low=low, high=high),
        sentence("Write `at_least` and such a number."),
    )


def _outputs(problem: Problem) -> Words:
    """The length of the last axis of the output, as a person would find it in problem.toml."""
    shape = problem.contract.output_shape
    if not shape:
        return sentence("none")
    return "any" if shape[-1] is None else str(shape[-1])


def _data(problem: Problem) -> Iterator[Finding]:
    data, folder = problem.data, problem.folder
    kind: Place = ("data", "kind")
    if data.kind in ("files", "builder") and not any_file(folder / "data"):
        advice = sentence("Put what the candidate trains on there.")
        yield Finding(kind, "missing-file", sentence("files in data/"), sentence("none"), advice)
    script = "generator.py" if data.kind in DRAWN else "builder.py" if data.kind == "builder" else None
    if script and not (folder / script).is_file():
        advice = sentence("Write it as docs/packs.md shows.")
        yield Finding(kind, "missing-file", script, sentence("no such file"), advice)
    given = msgspec.structs.asdict(data)
    for name, kinds, advice in WANTED:
        if data.kind in kinds and given[name] is None:
            expected = sentence('`{key}` for kind "{kind}"', key=name, kind=data.kind)
            yield Finding(("data",), "missing-key", expected, sentence("nothing"), advice)
    for name, only in (("hidden_split", "tfds"), ("url", "download"), ("sha256", "download")):
        if given[name] and data.kind != only:
            advice = sentence("Remove it, or correct the kind.")
            expected = sentence('{key} with kind "{kind}" only', key=name, kind=only)
            yield Finding(("data", name), "stray-key", expected, sentence('kind "{kind}"', kind=data.kind), advice)
    if not (data.kind in DRAWN or data.hidden_split) and not has_hidden(folder):
        advice = sentence("Put it there: `inputs` and `labels` as an .npz, or a folder of pictures per class.")
        expected = sentence("hidden/hidden.npz or hidden/<class>/ pictures")
        yield Finding(kind, "missing-file", expected, sentence("neither"), advice)


def _contract(problem: Problem) -> Iterator[Finding]:
    """What no model can satisfy, though each line is right by itself."""
    contract = problem.contract
    if contract.activation == "softmax" and contract.output_shape[-1:] in ((), (1,)):
        advice = sentence('Write activation = "sigmoid", or one output for each class.')
        expected = sentence("several outputs for a softmax")
        yield Finding(("contract", "activation"), "softmax-of-one", expected, sentence("one"), advice)


def _provenance(problem: Problem) -> Iterator[Finding]:
    data, place = problem.data, ("data", "notice")
    yield from _license(data.license, ("data", "license"))
    if data.notice is None:
        if "LicenseRef-" in data.license:
            advice = sentence('Write the licence, or who may do what, into a file and name it: notice = "NOTICE.txt".')
            expected = sentence("a notice file that says what {license} is", license=data.license)
            yield Finding(("data", "license"), "missing-key", expected, sentence("none"), advice)
    elif data.notice in OWN_FILES or data.notice.startswith("statement."):
        advice = sentence("Put the notice into a file of its own.")
        yield Finding(place, "bad-notice", sentence("a text for candidates"), data.notice, advice)
    elif not (problem.folder / data.notice).is_file():
        advice = sentence("Add it, or remove the key.")
        yield Finding(place, "missing-file", data.notice, sentence("no such file"), advice)
    elif (problem.folder / "data" / data.notice).exists():
        advice = sentence("Rename one of them: the notice is copied into the candidate's data folder.")
        yield Finding(place, "bad-notice", sentence("a name that no file in data/ has"), data.notice, advice)


def _license(text: str, place: Place) -> Iterator[Finding]:
    if text in COMMON or re.fullmatch(r"LicenseRef-[A-Za-z0-9.-]+", text):
        return
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    try:
        canonicalize_license_expression(text)
    except InvalidLicenseExpression:
        near = difflib.get_close_matches(text.replace(" ", "-"), [*COMMON, *LESS_COMMON], n=1)
        advice = sentence("https://spdx.org/licenses lists them.")
        if near:
            advice = sentence('Did you mean "{value}"?', value=near[0])
        yield Finding(place, "bad-license", sentence("an SPDX licence expression"), f'"{text}"', advice)


def any_file(folder: Path) -> bool:
    """Whether there is a file anywhere below `folder`."""
    return folder.is_dir() and any(path.is_file() for path in folder.rglob("*") if not path.name.startswith("."))


def has_hidden(folder: Path) -> bool:
    """Whether the problem in `folder` ships a hidden set: an .npz, or a picture in a class folder."""
    hidden = folder / "hidden"
    if (hidden / "hidden.npz").is_file():
        return True
    return any(path.suffix.lower() in PICTURES for path in hidden.glob("*/*"))
