"""Test the models of an exported attempt again, and see whether a result says the same."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import mockexam
from graders.sentences import sentence
from graders.verdict import Verdict
from mockexam.errors import RefusalError
from mockexam.exam.rules import counted
from mockexam.packs.catalogue import Catalogue
from mockexam.packs.format.model import Pack
from mockexam.sitting.grading import GradingService
from mockexam.sitting.registration import rules_of
from mockexam.sitting.tasks import asked, grading_key, hidden_set, task_of
from mockexam.store.home import Home
from mockexam.store.snapshots import content_hash
from mockexam.transfer.bundle import Bundle
from mockexam.transfer.problems import pack_of
from mockexam.transfer.signed_result import SignedResult, Tested


@dataclass(frozen=True)
class Regraded:
    """A submission that counts: the verdict that the result was made from, and today's."""

    category: int
    number: int
    then: Verdict
    now: Verdict

    @property
    def agrees(self) -> bool:
        """Whether both say the same about the five tests."""
        return (self.then.outcome, self.then.passed) == (self.now.outcome, self.now.passed)

    @property
    def is_refused_now(self) -> bool:
        """Whether a grader of another version tested what today's refuses: neither confirms nor contradicts the other.

        A receipt that names today's version has no such excuse.
        """
        return self.then.counts and self.now.outcome == "refused" and self.grader_then != mockexam.__version__

    @property
    def grader_then(self) -> str | None:
        """The version of the grader of the result, if its receipt names one."""
        return (self.then.receipt.grader or None) if self.then.receipt is not None else None


def check_fit(said: SignedResult, bundle: Bundle) -> None:
    """Raise RefusalError unless the exported attempt is the one the result belongs to, with the same submissions."""
    attempt = bundle.label.kept.attempt
    theirs = {(one.category, one.number, one.sha256) for one in bundle.label.submissions}
    ours = {(one.category, one.number, one.sha256) for one in said.submissions}
    same = (said.attempt, said.pack.digest, said.seed) == (attempt.id, attempt.pack_digest, attempt.seed)
    if not same or not ours <= theirs:
        if same:
            found = sentence("attempt {attempt} with other submissions", attempt=attempt.id)
        else:
            found = sentence("attempt {attempt}", attempt=attempt.id)
        expected = sentence("the exported attempt {attempt} of this result", attempt=said.attempt)
        raise RefusalError(expected, found, sentence("Ask for the right file."))


def regrade(
    said: SignedResult, bundle: Bundle, home: Home, catalogue: Catalogue, service: Callable[[], GradingService]
) -> Iterator[Regraded]:
    """Test what counted in each category, one after another, with the installed pack's hidden sets.

    Raises RefusalError: the pack is not here, the draws are not those of the seed, or a model is missing or not the
    one that was submitted.
    """
    pack = pack_of(catalogue, said.pack.id, said.pack.version, said.pack.digest)
    check_draws(said, pack)
    with tempfile.TemporaryDirectory(prefix="mockexam-") as scratch:
        for drawn in sorted(said.problems, key=lambda drawn: drawn.category):
            mine = [one for one in said.submissions if one.category == drawn.category]
            if (one := counted(mine, said.rules.counts)) is None:
                continue
            problem = pack.problem(drawn.problem)
            hidden = hidden_set(problem, bundle.label.kept.attempt.seed, home.cache)
            task = asked(task_of(problem, hidden), one.category)
            model = _model(bundle, one, Path(scratch))
            now = service().submit(model, task, key=drawn.key, press=one.number).result()
            yield Regraded(one.category, one.number, one.verdict, now)


def check_draws(said: SignedResult, pack: Pack) -> None:
    """Raise RefusalError unless rules, problems and draws are those that the pack yields for the seed."""
    known = {problem.id: problem for problem in pack.problems}
    for drawn in said.problems:
        problem = known.get(drawn.problem)
        if problem is None or problem.category != drawn.category or drawn.key != grading_key(said.seed, problem.uuid):
            raise RefusalError(
                sentence("the draws of {pack} for seed {seed}", pack=pack.id, seed=said.seed),
                sentence("others in category {category}", category=drawn.category),
                sentence("Don't trust this result."),
            )
    asked, rules = rules_of(pack), said.rules
    # Not the wait, which a class may enforce, nor the rules on programs, which nobody can check.
    names = ("minutes", "pass_mark", "weights", "counts", "max_submissions", "cooldown", "precision", "metric_shown")
    same = all(getattr(asked, name) == getattr(rules, name) for name in names)
    if not same or set(asked.weights) != {one.category for one in said.problems}:
        raise RefusalError(
            sentence("the rules of {pack}", pack=pack.id),
            sentence("others in the result"),
            sentence("Don't trust this result."),
        )


def _model(bundle: Bundle, one: Tested, scratch: Path) -> Path:
    """The submitted model, unpacked and compared with its hash."""
    copy = scratch / one.sha256
    expected = sentence("the model {sha256}…", sha256=one.sha256[:12])
    if not copy.exists():
        try:
            bundle.snapshot(one.sha256, copy)
        except (OSError, KeyError) as error:
            raise RefusalError(expected, str(error), sentence("Ask for the export again.")) from None
    if not copy.exists() or content_hash(copy) != one.sha256:
        raise RefusalError(expected, sentence("another, or none"), sentence("Don't trust this file."))
    return copy
