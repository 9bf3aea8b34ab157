"""Find the threshold that a good model passes every time: train the reference often, and draw tests even more often."""

from __future__ import annotations

import math
import shutil
import statistics
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

import mockexam
from graders import Threshold
from graders.sentences import Words, sentence, sentences
from mockexam.errors import RefusalError
from mockexam.files import writing
from mockexam.packs.authoring.proof import Proof, content_of
from mockexam.packs.data.preparation import prepare
from mockexam.packs.format.model import Problem, fill
from mockexam.packs.workers import client
from mockexam.packs.workers.client import Progress
from mockexam.packs.workers.requests import Measure, RunScript

SETS = 200
CERTAIN = 0.99
STEPS = 9


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """The threshold and the target of one metric that the trainings suggest."""

    metric: str
    at_most: bool
    mean: float  # over all trainings and draws
    between_trainings: float  # standard deviation of the trainings' means
    between_draws: float  # standard deviation of one training's draws, averaged over the trainings
    hardest: float  # threshold that all tests pass in 99 % of sets
    threshold: float = msgspec.field(name="bar")  # `hardest`, made easier by the margin
    target: float  # what to publish: a model that reaches it on one's own data passes all tests in 99 % of cases
    current: float | None
    current_chance: float | None  # P(all tests pass) at the current threshold
    chances: tuple[tuple[float, float], ...]  # threshold → P(all tests pass)
    cheapest: tuple[str, float] | None  # the best model that must not pass, from proof.json


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """What several trainings say about the thresholds of a problem."""

    problem: str
    content: str
    mockexam: str
    trainings: int
    sets: int
    margin: float
    proposals: tuple[Proposal, ...]


def calibrate(
    problem: Problem, *, trainings: int, margin: float, seed: int, cache: Path, progress: Progress
) -> Calibration:
    """Train the reference `trainings` times with different seeds and propose thresholds.

    `margin` is in standard deviations between draws. Raises ChildError or RefusalError when a training fails.
    """
    runs: list[dict[str, list[list[float]]]] = []
    for number in range(trainings):

        def report(fraction: float, detail: Words, number: int = number) -> None:
            doing = sentence(
                "{problem}, training {number} of {trainings}: {detail}",
                problem=problem.id,
                number=number + 1,
                trainings=trainings,
                detail=detail,
            )
            progress((number + fraction) / trainings, doing)

        runs.append(_run(problem, seed + number, cache, report))
    progress(1.0, sentence("{problem} is calibrated", problem=problem.id))
    thresholds = {threshold.metric: threshold for threshold in problem.scoring.thresholds}
    return Calibration(
        problem=problem.id,
        content=content_of(problem, seed),
        mockexam=mockexam.__version__,
        trainings=trainings,
        sets=len(next(iter(runs[0].values()))),
        margin=margin,
        proposals=tuple(
            propose(threshold, [run[name] for run in runs], margin, _cheapest(problem, threshold))
            for name, threshold in thresholds.items()
        ),
    )


def propose(
    threshold: Threshold, runs: list[list[list[float]]], margin: float, cheapest: tuple[str, float] | None
) -> Proposal:
    """The proposal for one metric from values by training, set and test.

    The hardest threshold is the 99 % quantile of each set's worst test. The target is the threshold tightened by
    z = Φ⁻¹(0.99^(1/tests)) standard deviations between draws: a model that is as good as the target passes one test
    with probability Φ(z), and all of them, which are independent, with 0.99.
    """
    sign = 1.0 if threshold.at_most is not None else -1.0  # from here on smaller is better
    worst = sorted(max(sign * value for value in tests) for run in runs for tests in run)
    means = [statistics.fmean(value for tests in run for value in tests) for run in runs]
    noise = statistics.fmean(statistics.pstdev([value for tests in run for value in tests]) for run in runs)
    hardest = worst[math.ceil(CERTAIN * len(worst)) - 1]
    step = _step(noise or abs(hardest) / 20)
    proposed = math.ceil(round((hardest + margin * noise) / step, 9)) * step
    z = statistics.NormalDist().inv_cdf(CERTAIN ** (1 / len(runs[0][0])))
    target = math.floor(round((proposed - z * noise) / step, 9)) * step
    current = threshold.at_most if threshold.at_most is not None else threshold.at_least
    low, high = worst[0] - noise, proposed + 2 * noise
    limits = [low + (high - low) * number / (STEPS - 1) for number in range(STEPS)]
    return Proposal(
        metric=threshold.metric,
        at_most=threshold.at_most is not None,
        mean=statistics.fmean(means),
        between_trainings=statistics.pstdev(means),
        between_draws=noise,
        hardest=sign * hardest,
        threshold=round(sign * proposed, 9),
        target=round(sign * target, 9),
        current=current,
        current_chance=None if current is None else _chance(worst, sign * current),
        chances=tuple((round(sign * limit, 9), _chance(worst, limit)) for limit in limits),
        cheapest=cheapest,
    )


def write(calibration: Calibration, folder: Path) -> None:
    """Write calibration.json and calibration.txt beside the problem."""
    text = msgspec.json.format(msgspec.json.encode(calibration), indent=2) + b"\n"
    for name, content in (("calibration.json", text), ("calibration.txt", report(calibration).encode())):
        writing.write(folder / name, content, writing.WHOLE)


def report(calibration: Calibration, told: Callable[[Words], str] = str) -> str:
    """The calibration as a text, its sentences rendered by `told`; by default as calibration.txt has them."""
    return "\n".join(map(told, _lines(calibration))) + "\n"


def _lines(calibration: Calibration) -> Iterator[Words]:
    yield sentence(
        "{problem}: {trainings} trainings, {sets}, mockexam {version}",
        problem=calibration.problem,
        trainings=calibration.trainings,
        sets=sentences("{count} set of tests each", "{count} sets of tests each", count=calibration.sets),
        version=calibration.mockexam,
    )
    yield sentence("content {digest}", digest=calibration.content)
    for one in calibration.proposals:
        yield ""
        yield from _values(one)
        yield from _thresholds(one, calibration.margin)
        yield from _doubts(one)


def _values(one: Proposal) -> Iterator[Words]:
    yield sentence(
        "{metric}: mean {mean}, between trainings ±{trainings}, between draws ±{draws}",
        metric=one.metric,
        mean=f"{one.mean:.4g}",
        trainings=f"{one.between_trainings:.2g}",
        draws=f"{one.between_draws:.2g}",
    )
    for limit, chance in one.chances:
        values = {"side": _side(one), "limit": f"{limit:<9.4g}", "share": f"{chance:6.1%}"}
        yield sentence("  {side} {limit} all tests pass in {share}", **values)


def _thresholds(one: Proposal, margin: float) -> Iterator[Words]:
    yield sentence(
        "  now:      {side} = {bar}, all tests pass in {share}",
        side=_side(one),
        bar=f"{one.current:g}",
        share=f"{one.current_chance:.1%}",
    )
    yield sentence(
        "  proposed: {side} = {bar}, the hardest bar of 99 % ({hardest}) and a margin of {margin} standard deviations "
        "between draws",
        side=_side(one),
        bar=f"{one.threshold:g}",
        hardest=f"{one.hardest:.4g}",
        margin=f"{margin:g}",
    )
    yield sentence(
        "  publish:  {target} as the target: a model that good passes every test in 99 % of cases",
        target=f"{one.target:g}",
    )


def _doubts(one: Proposal) -> Iterator[Words]:
    """What speaks against the proposal, if anything, and how close the best of the cheap models comes."""
    if one.mean > one.target if one.at_most else one.mean < one.target:
        yield sentence("  the reference itself misses that target on average: raise --margin, or improve it")
    if one.cheapest is None:
        return
    name, value = one.cheapest
    if value <= one.threshold if one.at_most else value >= one.threshold:
        yield sentence("  best of what must not pass: {name}, {value}: TOO CLOSE", name=name, value=f"{value:.4g}")
    else:
        yield sentence("  best of what must not pass: {name}, {value}", name=name, value=f"{value:.4g}")


def _side(one: Proposal) -> str:
    return "at_most" if one.at_most else "at_least"


def _run(problem: Problem, seed: int, cache: Path, progress: Progress) -> dict[str, list[list[float]]]:
    """One training: metric → values by set and test."""
    with tempfile.TemporaryDirectory(prefix="mockexam-") as scratch:
        workdir = Path(scratch)
        prepared = prepare(
            problem,
            seed=seed,
            public=workdir / "data",
            cache=cache,
            progress=lambda f, detail: progress(0.1 * f, detail),
        )
        for path in problem.folder.glob("*.py"):
            (workdir / path.name).write_text(fill(path.read_text("utf-8"), prepared.values), "utf-8")
        ran = client.ask(
            RunScript(script=workdir / "solution.py", seed=seed),
            seconds=240 * problem.train_minutes + 120,
            progress=lambda f, detail: progress(0.1 + 0.7 * f, detail),
        )
        if ran.error or not ran.models:
            found = ran.error or sentence("no mymodel file")
            expected = sentence("{problem}: a trained reference model", problem=problem.id)
            raise RefusalError(expected, found, sentence("Correct solution.py."))
        request = Measure(
            model=workdir / ran.models[0],
            hidden=prepared.hidden,
            scoring=problem.scoring,
            sets=SETS,
            key=f"calibrate/{problem.uuid}/{seed}",
        )
        measured = client.ask(
            request,
            seconds=300,
            progress=lambda f, detail: progress(0.8 + 0.2 * f, detail),
        )
        shutil.rmtree(workdir / "data", ignore_errors=True)
    return measured.values


def _chance(worst: list[float], limit: float) -> float:
    return sum(value <= limit for value in worst) / len(worst)


def _step(noise: float) -> float:
    """A round number of about half the noise, for thresholds that people can read."""
    if noise <= 0:
        return 1e-6
    power: float = 10.0 ** math.floor(math.log10(noise))
    return float(power if noise / power >= 2 else power / 2)


def _cheapest(problem: Problem, threshold: Threshold) -> tuple[str, float] | None:
    """The best of the cheap models in the proof beside the problem: its name and value; None without one."""
    try:
        proof = msgspec.json.decode((problem.folder / "proof.json").read_bytes(), type=Proof)
    except (OSError, msgspec.MsgspecError, RecursionError):
        return None
    cheap = [
        (finding.values[threshold.metric], str(finding.name))
        for finding in proof.findings
        if finding.kind in ("control", "weak") and threshold.metric in finding.values
    ]
    if not cheap:
        return None
    value, name = min(cheap) if threshold.at_most is not None else max(cheap)
    return name, value
