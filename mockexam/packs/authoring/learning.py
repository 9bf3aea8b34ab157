"""What it takes to learn the hidden labels from scores alone, under the rules of a pack: findings of a proof."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from graders.sentences import Words, sentence, sentences
from mockexam.exam import oracle
from mockexam.exam.oracle import Attack, Labels
from mockexam.packs.authoring.proof import Finding
from mockexam.packs.format.model import Form, Problem
from mockexam.packs.workers.requests import Counted

LABELS, SUBMISSIONS = sentence("labels"), sentence("submissions")
SOME = sentence("what an attack through the score has to learn")
RULES = sentence("how far the rules of the exam are from what such an attack takes")


def of_labels(counted: Counted) -> Finding:
    """What the labels of a hidden set hold: a reading, from which `under` says how many submissions tell it."""
    found = sentence(
        "{labels} in {rows} rows, {bits} bits in all",
        labels=f"{counted.total:,}",
        rows=f"{counted.rows:,}",
        bits=f"{counted.bits:,.0f}",
    )
    values = {name: float(value) for name, value in msgspec.structs.asdict(counted).items()}
    return Finding(kind="oracle", name=LABELS, expected=SOME, found=found, right=True, values=values)


def under(findings: Iterable[Finding], problem: Problem, form: Form) -> Iterator[Finding]:
    """The findings, with what such an attack takes under the rules as they are now."""
    for finding in findings:
        if finding.kind != "oracle":
            yield finding
        elif str(finding.name) == str(LABELS):
            yield finding
            yield _submissions(_labels(finding), problem, form)


def _labels(finding: Finding) -> Labels:
    values = finding.values
    whole = {name: int(values[name]) for name in ("rows", "total", "classes")}
    return Labels(bits=values["bits"], spread=values["spread"], **whole)


def _submissions(labels: Labels, problem: Problem, form: Form) -> Finding:
    precision = None if isinstance(form.precision, msgspec.UnsetType) else form.precision
    attack = oracle.attack(problem.scoring, labels, precision=precision, metric_shown=form.metric_shown)
    found = sentence("{needed}; {allowed}", needed=_needed(attack), allowed=_allowed(problem.category, form))
    return Finding(kind="oracle", name=SUBMISSIONS, expected=RULES, found=found, right=True)


def _needed(attack: Attack) -> Words:
    every = _number(attack.all_labels)
    bounds = sentence("at least {every} to know every label", every=every)
    if attack.to_pass is not None:
        least = _number(attack.to_pass)
        bounds = sentence("at least {least} to meet the bar, {every} to know every label", least=least, every=every)
    if attack.known is None:
        return bounds
    return sentence("{bounds} ({known} by the best attack known)", bounds=bounds, known=_number(attack.known))


def _number(count: int) -> Words:
    return f"{count:,}" if count < oracle.MOST else sentence("over {count}", count=f"{oracle.MOST:,}")


def _allowed(category: int, form: Form) -> Words:
    """How many submissions a candidate has in a category: by number, and as many as fit into the exam."""
    most = form.by_category("max_submissions").get(category)
    wait = form.by_category("cooldown").get(category)
    fit = -(-form.minutes * 60 // wait) if wait else None
    if most is not None and (fit is None or most <= fit):
        return sentences("the rules allow {count}", "the rules allow {count}", count=most)
    if fit is not None:
        return sentence("{count} fit into the exam with a wait of {wait} s", count=f"{fit:,}", wait=wait)
    return sentence("the rules allow any number")
