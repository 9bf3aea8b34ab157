"""Prove that a problem is fair: the reference passes, nothing cheap does, and each breach is refused in words."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Protocol, get_args

import msgspec

import mockexam
from graders import Task, Threshold, Verdict
from graders.sentences import Sentence, Words, sentence
from mockexam.packs.authoring import learning
from mockexam.packs.authoring.check import leaked_lines
from mockexam.packs.authoring.proof import Finding, Kind, Proof, kept, ordered, parts_of
from mockexam.packs.data.preparation import Prepared, prepare
from mockexam.packs.format.digest import content_files, file_digest
from mockexam.packs.format.model import Form, Problem, fill
from mockexam.packs.workers import client
from mockexam.packs.workers.client import ChildError, Progress
from mockexam.packs.workers.requests import (
    CompareExamples,
    CompareFiles,
    CountLabels,
    LookUpAnswers,
    MadeKind,
    MadeModel,
    MakeModels,
    Overlap,
    Ran,
    Request,
    RunScript,
)

CERTAIN = 0.99  # of the draws that the reference passes in full
RARE = 0.01  # of the draws that a cheap model may pass in full
MADE_KINDS: tuple[MadeKind, ...] = get_args(MadeKind)
STARTER_SECONDS = 120.0
CONTROL_SECONDS = 300.0
COMPARE_SECONDS = 900.0


class Grader(Protocol):
    """The part of graders.Service that is needed here."""

    def start(self) -> None: ...

    def submit(self, model: Path, task: Task, *, key: str) -> Future[Verdict]: ...


def earlier(problem: Problem, seed: int, form: Form) -> Proof | None:
    """What still holds of the proof beside the problem; the hints and the rules of the exam are looked at again."""
    if (found := kept(problem, seed, hints_findings(problem))) is None:
        return None
    return msgspec.structs.replace(found, findings=tuple(learning.under(found.findings, problem, form)))


def hints_findings(problem: Problem) -> tuple[Finding, ...]:
    """Whether the hints, if there are any, quote the solution."""
    if (hints := problem.hints) is None:
        return ()
    solution = problem.solution_path.read_text("utf-8", "replace")
    leaks = [line for _, line in leaked_lines(hints, solution, problem.starter + problem.statement())]
    found = sentence("quoted: {code}", code=leaks[0]) if leaks else sentence("no line of the solution in them")
    expected = sentence("no line of the solution in the hints")
    return (Finding(kind="hints", name="hints.md", expected=expected, found=found, right=not leaks),)


def prove(
    problem: Problem,
    service: Grader,
    *,
    form: Form,
    seed: int,
    cache: Path,
    progress: Progress,
    known: Proof | None = None,
) -> Proof:
    """Try everything that `known` has no findings for; may train the reference solution.

    Raises PreparationError when there is no data to try it on.
    """
    began = time.monotonic()
    known = known or Proof(problem=problem.id, mockexam="", seed=seed, seconds=0.0, parts={}, findings=())
    with tempfile.TemporaryDirectory(prefix="mockexam-") as scratch:
        trial = _Trial(problem, service, seed, Path(scratch), cache, progress)
        findings = tuple(trial.findings(known.lacking))
    old = (finding for finding in known.findings if finding.kind != "hints" and finding.kind not in known.lacking)
    return Proof(
        problem=problem.id,
        mockexam=mockexam.__version__,
        seed=seed,
        seconds=round(known.seconds + time.monotonic() - began, 1),
        parts=parts_of(problem, seed),
        findings=ordered(learning.under([*old, *hints_findings(problem), *findings], problem, form)),
    )


class _Trial:
    """One problem in a scratch folder, tried step by step."""

    def __init__(
        self, problem: Problem, service: Grader, seed: int, scratch: Path, cache: Path, progress: Progress
    ) -> None:
        self.problem = problem
        self.service = service
        self.seed = seed
        self.scratch = scratch
        self.cache = cache
        self.progress = progress
        self.tests = problem.scoring.tests

    def findings(self, wanted: tuple[Kind, ...]) -> Iterator[Finding]:
        """The findings of the kinds that are wanted, the quick ones first."""
        self.service.start()  # it warms up while the data is prepared
        workdir = self.scratch / "workdir"
        prepared = prepare(
            self.problem, seed=self.seed, public=workdir / "data", cache=self.cache, progress=self._step(0.0, 0.1)
        )
        self.task = Task(
            contract=self.problem.contract,
            scoring=self.problem.scoring,
            limits=self.problem.limits,
            hidden=str(prepared.hidden),
        )
        if "data" in wanted:
            yield self._nothing_hidden(workdir / "data", prepared)
            yield self._no_row_twice(workdir / "data", prepared)
        if "starter" in wanted:
            yield self._starter(workdir, prepared)
        if "oracle" in wanted:
            request = CountLabels(hidden=prepared.hidden, expected=self.problem.expected)
            yield learning.of_labels(client.ask(request, seconds=COMPARE_SECONDS, progress=self._step(0.2, 0.2)))
        if "order" in wanted:
            yield from self._looked_up(prepared)
        if made := tuple(kind for kind in MADE_KINDS if kind in wanted):
            yield from self._made(prepared, made)
        if "weak" in wanted:
            yield from self._weak(prepared)
        if "reference" in wanted:
            yield from self._reference(prepared)
        self.progress(1.0, sentence("{problem} has been tried", problem=self.problem.id))

    # ------------------------------------------------------------------------------------------- without models

    def _nothing_hidden(self, public: Path, prepared: Prepared) -> Finding:
        hidden = {file_digest(path) for path in (self.problem.folder / "hidden").rglob("*") if path.is_file()}
        hidden.add(file_digest(prepared.hidden))
        shown = [name for name, path in content_files(public) if file_digest(path) in hidden]
        found = sentence("no hidden file among them")
        if shown:
            found = sentence("hidden files among them: {files}", files=", ".join(shown))
        expected, name = sentence("no hidden file among the public ones"), sentence("public files")
        return Finding(kind="data", name=name, expected=expected, found=found, right=not shown)

    def _no_row_twice(self, public: Path, prepared: Prepared) -> Finding:
        """No hidden row is among the public ones, in any file and scale; what is trained on is checked later."""
        request: Request[Overlap] = CompareFiles(public=public, hidden=prepared.hidden)
        if self.problem.data.kind in ("builder", "tfds"):
            assert self.problem.data.name is not None
            request = CompareExamples(
                name=self.problem.data.name,
                public=public,
                hidden=prepared.hidden,
                input_shape=self.problem.contract.input_shape,
            )
        rows = client.ask(request, seconds=COMPARE_SECONDS, progress=self._step(0.1, 0.15))
        found = sentence(
            "{known} of {hidden} hidden rows among {public} public ones",
            known=rows.known,
            hidden=rows.hidden,
            public=rows.public,
        )
        if not rows.public:
            found = sentence("no public row has the form of a hidden one; the rows of the reference are compared below")
        expected = sentence("no hidden row among the public ones")
        return Finding(kind="data", name=sentence("rows"), expected=expected, found=found, right=rows.known == 0)

    def _looked_up(self, prepared: Prepared) -> Iterator[Finding]:
        """Readings, which can't be wrong: whether a look-up pays is no fault of the rows, as long as it is refused."""
        request = LookUpAnswers(hidden=prepared.hidden, scoring=self.problem.scoring)
        found = client.ask(request, seconds=COMPARE_SECONDS, progress=self._step(0.2, 0.2))
        expected = sentence("what a look-up among the hidden rows scores")
        if not found.held:
            told = sentence("they have no order that shows")
            if found.ordered:
                told = sentence("they have an order, and their answers aren't among the values of other rows")
            yield Finding(kind="order", name=sentence("hidden rows"), expected=expected, found=told, right=True)
        held, adjoining = sentence("a look-up over the hidden rows"), sentence("a look-up in the rows that adjoin")
        for name, values in ((held, found.held), (adjoining, found.adjoining)):
            for threshold in self.problem.scoring.thresholds if values else ():
                yield Finding(kind="order", name=name, expected=expected, found=_beside(threshold, values), right=True)

    # ---------------------------------------------------------------------------------------------- with models

    def _starter(self, workdir: Path, prepared: Prepared) -> Finding:
        (workdir / "starter.py").write_text(fill(self.problem.starter, prepared.values), "utf-8")
        expected = sentence("no passing model from the untouched starter")
        try:
            ran = self._run(workdir / "starter.py", STARTER_SECONDS, self._step(0.15, 0.2))
        except ChildError as error:
            return Finding(kind="starter", name="starter.py", expected=expected, found=str(error.found), right=True)
        if not ran.models:
            found = sentence("no model, and no message about it")
            if ran.error:
                found = sentence("no model; it says: {error}", error=ran.error)
            return Finding(kind="starter", name="starter.py", expected=expected, found=found, right=True)
        verdict = self._grade(workdir / ran.models[0]).result()
        found = sentence("a model: {verdict}", verdict=_verdict(verdict))
        return Finding(
            kind="starter", name="starter.py", expected=expected, found=found, right=verdict.passed < self.tests
        )

    def _made(self, prepared: Prepared, kinds: tuple[MadeKind, ...]) -> Iterator[Finding]:
        """The findings on models that are made so that they mustn't pass, graded side by side."""
        into = self.scratch / "made"
        into.mkdir()
        request = MakeModels(kinds=kinds, expected=self.problem.expected, hidden=prepared.hidden, into=into)
        models = client.ask(request, seconds=CONTROL_SECONDS, progress=self._step(0.2, 0.3)).models
        futures = [(made, self._grade(made.path)) for made in models]
        step = self._step(0.3, 0.5)
        for number, (made, future) in enumerate(futures):
            step(number / len(futures), sentence("Testing: {model}", model=made.name))
            verdict = future.result()
            judge = self._cheap if made.kind == "control" else self._refused
            yield judge(made, verdict)

    def _cheap(self, made: MadeModel, verdict: Verdict) -> Finding:
        return self._below(made.name, "control", verdict)

    def _below(self, name: Words, kind: Kind, verdict: Verdict) -> Finding:
        expected = sentence("a score below {tests}/{tests}", tests=self.tests)
        right = verdict.outcome == "scored" and verdict.passed < self.tests
        # Nothing is drawn for graded thresholds: every candidate gets the same score.
        if self.task.scoring.mode != "ladder":
            expected = sentence(
                "a score below {tests}/{tests}, and in all but {share} of other draws too",
                tests=self.tests,
                share=f"{RARE:.0%}",
            )
            right = right and (not verdict.pass_probabilities or verdict.pass_probabilities[-1] <= RARE)
        return Finding(
            kind=kind, name=name, expected=expected, found=_verdict(verdict), right=right, values=_means(verdict)
        )

    def _refused(self, made: MadeModel, verdict: Verdict) -> Finding:
        code = verdict.reason.code if verdict.reason is not None else ""
        expected = sentence("a refusal that says {code}", code=made.codes[0])
        if len(made.codes) > 1:
            expected = sentence("a refusal that says {code} or {other}", code=made.codes[0], other=made.codes[1])
        if made.kind == "order":
            expected = sentence("a refusal that says {code}: it copies its answers from other rows", code=made.codes[0])
        right = verdict.outcome == "refused" and code in made.codes
        found = _verdict(verdict)
        return Finding(kind=made.kind, name=made.name, expected=expected, found=found, right=right)

    def _weak(self, prepared: Prepared) -> Iterator[Finding]:
        if not (self.problem.folder / "weak.py").is_file():
            return
        workdir = self._workdir("weak", prepared)
        try:
            ran = self._run(workdir / "weak.py", self._training_seconds(), self._step(0.5, 0.6))
        except ChildError as error:
            ran = Ran(error=error.found)
        if not ran.models:
            found = ran.error or sentence("no mymodel file")
            expected = sentence("a model of weak.py")
            yield Finding(kind="weak", name="weak.py", expected=expected, found=found, right=False)
            return
        yield self._below("weak.py", "weak", self._grade(workdir / ran.models[0]).result())

    def _reference(self, prepared: Prepared) -> Iterator[Finding]:
        workdir = self._workdir("reference", prepared)
        step = self._step(0.6, 0.97)
        try:
            ran = self._run(workdir / "solution.py", self._training_seconds(), step, hidden=prepared.hidden)
        except ChildError as error:
            yield self._failed("; ".join(filter(None, (str(error.found), error.log[-300:]))))
            return
        if ran.error or not ran.models:
            yield self._failed(ran.error or sentence("no mymodel file"))
            return
        yield self._in_time(ran)
        yield _strangers(ran)
        verdict = self._grade(workdir / ran.models[0]).result()
        full = verdict.pass_probabilities[-1] if verdict.pass_probabilities else 0.0
        right = verdict.passed == self.tests and full >= CERTAIN
        expected = sentence("{tests}/{tests}, in {share} of other draws too", tests=self.tests, share=f"{CERTAIN:.0%}")
        yield Finding(
            kind="reference",
            name=sentence("score"),
            expected=expected,
            found=_verdict(verdict),
            right=right,
            values=_means(verdict),
        )

    def _failed(self, found: Words) -> Finding:
        expected, name = sentence("a trained model"), sentence("score")
        return Finding(kind="reference", name=name, expected=expected, found=found, right=False)

    def _in_time(self, ran: Ran) -> Finding:
        # On a busy machine the clock runs on while others compute; processor time then says more.
        seconds = min(ran.seconds, ran.processor_seconds)
        limit = 60 * self.problem.train_minutes
        expected = sentence("training within {limit} s", limit=f"{limit:.0f}")
        found = sentence("{seconds} s of {limit} s", seconds=f"{seconds:.0f}", limit=f"{limit:.0f}")
        name = sentence("time")
        return Finding(kind="reference", name=name, expected=expected, found=found, right=seconds <= limit)

    # ----------------------------------------------------------------------------------------------------- tools

    def _workdir(self, name: str, prepared: Prepared) -> Path:
        """A candidate's folder with the scripts in it."""
        workdir = self.scratch / name
        shutil.copytree(self.scratch / "workdir" / "data", workdir / "data")
        for path in self.problem.folder.glob("*.py"):
            if path.name not in ("starter.py", "generator.py", "builder.py"):
                (workdir / path.name).write_text(fill(path.read_text("utf-8"), prepared.values), "utf-8")
        return workdir

    def _run(self, script: Path, seconds: float, progress: Progress, hidden: Path | None = None) -> Ran:
        return client.ask(RunScript(script=script, seed=self.seed, hidden=hidden), seconds=seconds, progress=progress)

    def _training_seconds(self) -> float:
        return 240 * self.problem.train_minutes + 120

    def _grade(self, model: Path) -> Future[Verdict]:
        return self.service.submit(model, self.task, key=f"prove/{self.problem.uuid}/{self.seed}")

    def _step(self, start: float, end: float) -> Progress:
        def report(fraction: float, detail: Words) -> None:
            doing = sentence("{problem}: {detail}", problem=self.problem.id, detail=detail)
            self.progress(start + (end - start) * fraction, doing)

        return report


def _beside(threshold: Threshold, values: dict[str, float]) -> Sentence:
    """What a metric came to, beside the threshold."""
    limit = threshold.at_most if threshold.at_most is not None else threshold.at_least
    parts = {"metric": threshold.metric, "value": f"{values[threshold.metric]:.2g}", "threshold": f"{limit:g}"}
    return sentence("{metric} {value}, bar {threshold}", **parts)


def _strangers(ran: Ran) -> Finding:
    known, rows = ran.hidden_rows_trained_on, ran.trained_rows
    found = sentence(
        "{known} of {hidden} hidden rows among {rows} trained on", known=known, hidden=ran.hidden_rows, rows=rows
    )
    if not rows:
        found = sentence("nothing to compare: the training was not seen, because it isn't done with Model.fit")
    expected, name = sentence("no hidden row among those that the reference trains on"), sentence("rows")
    return Finding(kind="reference", name=name, expected=expected, found=found, right=known == 0 and rows > 0)


def _verdict(verdict: Verdict) -> Words:
    """A verdict in a line."""
    if verdict.outcome == "scored":
        passed = f"{verdict.passed}/{len(verdict.tests)}"
        if not verdict.pass_probabilities:
            return passed
        share = f"{verdict.pass_probabilities[-1]:.1%}"
        if verdict.pass_probability_sets:
            sets = f"{verdict.pass_probability_sets:,}"
            return sentence("{passed}, all in {share} of {sets} draws", passed=passed, share=share, sets=sets)
        return sentence("{passed}, all in {share} of draws", passed=passed, share=share)
    reason = verdict.reason
    return f"{verdict.outcome}: {reason.code} ({reason.expected}; {reason.found})" if reason else verdict.outcome


def _means(verdict: Verdict) -> dict[str, float]:
    names = verdict.tests[0].values if verdict.tests else {}
    return {name: sum(test.values[name] for test in verdict.tests) / len(verdict.tests) for name in names}
