"""Proofs: what is right is proven, what is not is told, and nothing is tried twice without need."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
import pytest

from graders import Contract, Scoring, Service, Task, Threshold, Verdict
from graders.sentences import Sentence, sentence
from mockexam.packs.authoring import learning, proving
from mockexam.packs.authoring import proof as proofs
from mockexam.packs.authoring.new import new_pack
from mockexam.packs.authoring.proof import Finding, Proof
from mockexam.packs.data.preparation import prepare
from mockexam.packs.format.model import Expected, Form
from mockexam.packs.format.reading import read_pack
from mockexam.packs.workers.hidden_set import counted
from mockexam.packs.workers.order import different_labels, read
from mockexam.packs.workers.requests import Counted, MadeModels, MakeModels, plain, understood
from tests.language.german import GERMAN
from tests.sitting.fakes import FakeService, refused, scored, unable

Write = Callable[..., Path]
FORM = Form()


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    service = Service()
    yield service
    service.stop()


def finding(**changes: object) -> Finding:
    fields = {"kind": "control", "name": "always zero", "expected": "below", "found": "0/5", "right": True}
    return Finding(**(fields | changes))  # type: ignore[arg-type]


def proof(parts: Mapping[Any, str], *findings: Finding) -> Proof:
    return Proof(problem="line", mockexam="0", seed=1, seconds=2.0, parts=dict(parts), findings=findings)


def test_a_proof_holds_until_what_it_depends_on_changes(write_pack: Write) -> None:
    root = write_pack()
    folder = root / "line"
    assert proving.earlier(read_pack(root).problems[0], 1, FORM) is None
    kept = proof(proofs.parts_of(read_pack(root).problems[0], 1), finding())
    proofs.write(kept, folder)
    (folder / "weak.py").write_text("")

    def lacking(seed: int = 1) -> tuple[str, ...]:
        found = proving.earlier(read_pack(root).problems[0], seed, FORM)
        return ("proof",) if found is None else found.lacking

    assert lacking() == ("weak",)
    (folder / "weak.py").unlink()
    assert proving.earlier(read_pack(root).problems[0], 1, FORM) == kept
    # There is nothing to try about an order in time.
    everything = ("data", "starter", "control", "contract", "weak", "reference", "oracle")
    assert lacking(seed=2) == everything
    for name, changed, stale in (
        ("statement.md", "Another sentence. {{target}}", ()),
        ("hints.md", "Think.", ()),
        ("starter.py", "model = None  # another", ("starter",)),
        ("solution.py", "model = 'better trained'", ("weak", "reference")),
        ("data/points.csv", "1,2", everything),
        ("more.py", "x = 1", everything),
    ):
        path = folder / name
        before = path.read_text() if path.exists() else None
        path.write_text(changed)
        assert lacking() == stale, name
        path.unlink() if before is None else path.write_text(before)
    for old, new, stale in (
        ("difficulty = 1", "difficulty = 2", ()),
        ("difficulty = 1", "difficulty = 1\ntrain_minutes = 9", ("reference",)),
        ("at_most = 0.6", "at_most = 0.7", everything),
    ):
        text = (folder / "problem.toml").read_text()
        (folder / "problem.toml").write_text(text.replace(old, new))
        assert lacking() == stale, new
        (folder / "problem.toml").write_text(text)
    (folder / "proof.json").write_text("{")
    assert lacking() == ("proof",)


def test_hints_are_read_again_whatever_is_proven(write_pack: Write) -> None:
    root = write_pack()
    kept = proof(proofs.parts_of(read_pack(root).problems[0], 1), finding())
    proofs.write(kept, root / "line")
    (root / "line" / "hints.md").write_text("Try model = 'trained' at once.")
    found = proving.earlier(read_pack(root).problems[0], 1, FORM)
    assert found is not None
    assert [(one.kind, one.right) for one in found.findings] == [("hints", False), ("control", True)]
    assert not found.right


def test_a_proof_is_as_right_as_its_findings() -> None:
    parts = dict.fromkeys(proofs.SCRIPTS, "digest")
    assert proof(parts, finding(), finding()).right
    assert not proof({}, finding()).right
    wrong = proof(parts, finding(), finding(right=False, name="weak.py", found="5/5", values={"mae": 0.25}))
    assert not wrong.right
    lines = proofs.report(wrong).splitlines()
    assert lines[0].startswith("line: NOT proven, seed 1")
    assert lines[3] == "NO  control   weak.py: 5/5, mae 0.25"
    assert lines[4].strip() == "expected below"


def test_a_proof_is_told_in_the_reader_s_language_and_kept_in_english(write_pack: Write) -> None:
    found = sentence("{file} of {size}", file="starter.py", size=sentence("{size} MB", size=2))
    fresh, folder = proof({}, finding(found=found)), write_pack() / "line"
    told = proofs.report(fresh, lambda words: words.told(GERMAN) if isinstance(words, Sentence) else words)
    assert "starter.py mit 2 Megabyte" in told
    proofs.write(fresh, folder)
    assert "starter.py of 2 MB" in (folder / "proof.txt").read_text()
    kept = msgspec.json.decode((folder / "proof.json").read_bytes(), type=Proof)
    assert [one.found for one in kept.findings] == ["starter.py of 2 MB"]


def test_reports_are_written_beside_the_problem_when_they_change(write_pack: Write) -> None:
    folder = write_pack() / "line"
    proofs.write(proof({}, finding()), folder)
    assert msgspec.json.decode((folder / "proof.json").read_bytes(), type=Proof) == proof({}, finding())
    assert (folder / "proof.txt").read_text() == proofs.report(proof({}, finding()))
    before = (folder / "proof.json").stat().st_ino
    proofs.write(proof({}, finding()), folder)
    assert (folder / "proof.json").stat().st_ino == before


def test_a_series_has_an_order_to_try(write_pack: Write) -> None:
    words = {"category = 1": "category = 5", "{ 1 = 100 }": "{ 5 = 100 }", "input_shape = [1]": "input_shape = [12, 1]"}
    problem = read_pack(write_pack(replace=words)).problems[0]
    parts = proofs.parts_of(problem, 1)
    older = {kind: digest for kind, digest in parts.items() if kind != "order"}
    proofs.write(proof(older, finding()), problem.folder)
    found = proving.earlier(problem, 1, FORM)
    assert found is not None
    assert (found.lacking, found.right) == (("order",), False)
    assert str(proofs.standing(problem, found).words) == "proven; not tried: order"
    proofs.write(proof(parts, finding()), problem.folder)
    assert proofs.standing_of([problem]).english == "1 of 1"


class Grown(Contract, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A contract as a later release may have it."""

    novel: Literal["usual", "strict"] = "usual"
    several: tuple[str, ...] = msgspec.field(default_factory=tuple)


def test_a_key_that_comes_later_changes_no_proof_until_a_pack_uses_it(write_pack: Write) -> None:
    problem = read_pack(write_pack()).problems[0]
    before = proofs.parts_of(problem, 1)

    def with_contract(**more: object) -> dict[str, str]:
        words = msgspec.to_builtins(problem.contract) | more
        return proofs.parts_of(msgspec.structs.replace(problem, contract=msgspec.convert(words, Grown)), 1)

    assert with_contract() == with_contract(novel="usual", several=[]) == before
    assert with_contract(novel="strict") != before
    assert with_contract(several=["more"]) != before
    assert with_contract(max_layers=9) != before


def hidden_walk(path: Path) -> None:
    """Windows of a walk in the order of time, and what comes in the two steps after each."""
    walk = np.random.default_rng(5).normal(size=80).cumsum().astype(np.float32)
    every = np.lib.stride_tricks.sliding_window_view(walk, 14)
    np.savez(path, inputs=every[:, :12, None], labels=every[:, 12:])


def test_an_attack_through_the_score_is_told_under_the_rules_as_they_are(write_pack: Write) -> None:
    root = write_pack()
    (problem,) = read_pack(root).problems
    labels = learning.of_labels(Counted(rows=40, total=40, bits=159.5, classes=0, spread=0.9))
    assert str(labels.found) == "40 in 40 rows, 160 bits in all"
    proofs.write(proof(proofs.parts_of(problem, 1), finding(), labels), problem.folder)

    def told(form: str) -> str:
        text = (root / "pack.toml").read_text().partition("[form]")[0]
        (root / "pack.toml").write_text(f"{text}[form]\nminutes = 60\nweights = {{ 1 = 100 }}\n{form}\n")
        pack = read_pack(root)
        found = proving.earlier(pack.problems[0], 1, pack.form)
        assert found is not None
        proofs.write(found, problem.folder)
        (kept, submissions) = [one for one in found.findings if one.kind == "oracle"]
        assert (str(kept.found), kept.values, submissions.right) == (str(labels.found), labels.values, True)
        return str(submissions.found)

    plain = told("")
    assert re.fullmatch(r"at least \d+ to meet the bar, \d+ to know every label; the rules allow any number", plain)
    assert told("max_submissions = 7").endswith("; the rules allow 7")
    assert told("cooldown = 1000").endswith("; 4 fit into the exam with a wait of 1000 s")
    assert told("cooldown = 1000\nmax_submissions = { 1 = 3 }").endswith("; the rules allow 3")
    assert told("cooldown = 1000\nmax_submissions = 5").endswith("; 4 fit into the exam with a wait of 1000 s")

    def needed(text: str) -> int:
        found = re.search(r"([\d,]+) to know every label", text)
        assert found
        return int(found[1].replace(",", ""))

    assert needed(told('metric_shown = "improvement"')) > needed(plain)
    assert needed(told("")) == needed(plain)


def test_labels_are_counted_as_what_they_are(tmp_path: Path) -> None:
    classes = np.array([0, 1, 2, 2] * 5)
    contract = msgspec.convert({"input_shape": [4], "output_shape": [3]}, Contract)
    found = counted(classes, 20, Expected(contract, classifies=True))
    assert (found.rows, found.total, found.classes, found.spread) == (20, 20, 3, 0.0)
    assert found == counted(np.eye(3)[classes], 20, Expected(contract, classifies=True))
    hidden_walk(tmp_path / "hidden.npz")
    hidden = read(tmp_path / "hidden.npz")
    # 67 rows ask for two steps each, all but one of them again.
    assert hidden.labels.shape == (67, 2)
    assert sorted(different_labels(hidden).reshape(-1)) == sorted(np.unique(hidden.labels))
    np.savez(tmp_path / "other.npz", inputs=np.zeros((5, 2)), labels=np.ones((5, 1)))
    assert different_labels(read(tmp_path / "other.npz")).shape == (5, 1)


@pytest.mark.slow
def test_a_look_up_must_be_refused_as_that(write_pack: Write, tmp_path: Path) -> None:
    """The models are made for real; the grader says what it does today, and what it mustn't."""
    words = {"category = 1": "category = 5", "{ 1 = 100 }": "{ 5 = 100 }", "draw_size = 20": ""}
    words |= {"input_shape = [1]": "input_shape = [12, 1]", "output_shape = [1]": "output_shape = [2]"}
    problem = read_pack(write_pack(replace=words)).problems[0]
    hidden_walk(problem.folder / "hidden" / "hidden.npz")
    parts = {kind: digest for kind, digest in proofs.parts_of(problem, 1).items() if kind != "order"}
    known = proof(parts, finding())

    def proven(verdict: Verdict) -> Proof:
        grader = FakeService([verdict])
        found = proving.prove(
            problem,
            grader,
            form=FORM,
            seed=1,
            cache=tmp_path / "cache",
            progress=lambda *_: None,
            known=known,
        )
        assert [asked.model.stem for asked in grader.asked] == ["neighbours", "adjoining"]
        return found

    right = proven(refused("depends-on-others"))
    assert right.right
    assert right.lacking == ()
    (held, adjoining, *made) = [one for one in right.findings if one.kind == "order"]
    assert str(held.name) == "a look-up over the hidden rows"
    assert re.fullmatch(r"mae 0\.0\d+, bar 0\.6", str(held.found))
    assert re.fullmatch(r"mae [12]\.\d, bar 0\.6", str(adjoining.found))
    assert [str(one.name) for one in made] == ["neighbours", "neighbours that adjoin"]
    for verdict in (scored(5), scored(0), refused("not-finite"), unable()):
        wrong = proven(verdict)
        assert not wrong.right
        assert [str(one.name) for one in wrong.findings if not one.right] == ["neighbours", "neighbours that adjoin"]
    assert "NO  order     neighbours: unable: supervisor" in proofs.report(wrong)
    assert "expected a refusal that says depends-on-others" in proofs.report(wrong)


def by_name(found: Proof) -> dict[str, Finding]:
    return {str(one.name): one for one in found.findings}


@pytest.mark.slow
def test_a_new_pack_is_proven_as_it_is(tmp_path: Path, service: Service) -> None:
    new_pack(tmp_path / "pack", [1], author="Ada")
    (problem,) = read_pack(tmp_path / "pack").problems
    told: list[float] = []
    found = proving.prove(
        problem,
        service,
        form=FORM,
        seed=3,
        cache=tmp_path / "cache",
        progress=lambda fraction, _: told.append(fraction),
    )
    assert found.right, proofs.report(found)
    assert told == sorted(told)
    names = by_name(found)
    assert {"always zero", "always the mean", "random weights 1", "weak.py", "score", "rows"} <= set(names)
    assert found.lacking == ()
    assert names["score"].values["mae"] < 0.15 < names["weak.py"].values["mae"]
    assert str(names["starter.py"].found).startswith("no model; it says: There is no model yet")


TRAIN = """\
import os, runpy, sys
from pathlib import Path
for desk in map(Path, sys.argv[1:]):
    os.chdir(desk)
    runpy.run_path(str(desk / "solution.py"), run_name="__main__")
"""


@pytest.mark.slow
def test_every_sample_trains_and_passes(tmp_path: Path, service: Service) -> None:
    """The reference solutions of all categories, trained in one process on data of another seed."""
    new_pack(tmp_path / "pack", [2, 3, 4, 5], author="Ada")
    desks, tasks = [], []
    for problem in read_pack(tmp_path / "pack").problems:
        desk = tmp_path / problem.id
        prepared = prepare(problem, seed=8, public=desk / "data", cache=tmp_path / "cache", progress=lambda *_: None)
        shutil.copy(problem.solution_path, desk / "solution.py")
        desks.append(desk)
        tasks.append(Task(contract=problem.contract, scoring=problem.scoring, hidden=str(prepared.hidden)))
    subprocess.run([sys.executable, "-c", TRAIN, *desks], check=True, capture_output=True, text=True)
    futures = [service.submit(desk / "mymodel.h5", task, key="x") for desk, task in zip(desks, tasks, strict=True)]
    verdicts = [future.result(timeout=120) for future in futures]
    assert [(verdict.passed, verdict.reason) for verdict in verdicts] == [(5, None)] * 4


CHEAT = """\
import numpy as np
import tensorflow as tf
from pathlib import Path

HERE = Path(__file__).parent

if __name__ == "__main__":
    x = np.linspace(0, 1, 40, dtype=np.float32)[:, None]
    model = tf.keras.Sequential([tf.keras.Input(shape=(1,)), tf.keras.layers.Dense(1)])
    model.compile(tf.keras.optimizers.SGD(0.5), "mse")
    model.fit(x, 3 * x, epochs=40, verbose=0)
    model.save(HERE / "mymodel.h5")
"""


@pytest.mark.slow
def test_an_unfair_problem_is_not_proven(write_pack: Write, tmp_path: Path, service: Service) -> None:
    root = write_pack(replace={"at_most = 0.6": "at_most = 1.6", "[scoring]": "[scoring]\ntests = 5"})
    folder = root / "line"
    (folder / "solution.py").write_text(CHEAT)  # trains on the hidden rows themselves
    (folder / "starter.py").write_text(CHEAT)  # gives a passing model untouched
    (folder / "weak.py").write_text(CHEAT)
    problem = read_pack(root).problems[0]
    found = proving.prove(problem, service, form=FORM, seed=1, cache=tmp_path / "cache", progress=lambda *_: None)
    wrong = {str(one.name) for one in found.findings if not one.right}
    assert wrong == {"always zero", "always the mean", "always the median", "starter.py", "weak.py", "rows"} | {
        name for name in wrong if name.startswith("random")
    }
    assert str(by_name(found)["rows"].found) == "40 of 40 hidden rows among 40 trained on"


@pytest.mark.slow
def test_a_reference_that_fails_is_told(write_pack: Write, tmp_path: Path, service: Service) -> None:
    root = write_pack()
    (root / "line" / "solution.py").write_text("import tensorflow\nraise ValueError('no convergence')\n")
    problem = read_pack(root).problems[0]
    found = proving.prove(problem, service, form=FORM, seed=1, cache=tmp_path / "cache", progress=lambda *_: None)
    assert str(by_name(found)["score"].found) == "ValueError: no convergence (solution.py, line 2)"
    assert not found.right


CONTRACTS: list[tuple[list[Any], list[Any], str, str, bool, dict[str, Any]]] = [
    ([4], [3], "float32", "softmax", True, {}),
    ([28, 28], [10], "float32", "softmax", True, {"max_parameters": 500, "max_layers": 6, "formats": ["keras"]}),
    ([16], [1], "int32", "sigmoid", True, {"formats": ["h5"]}),
    ([None, 1], [1], "float32", "linear", False, {}),
    ([None, 2], [None, 1], "float32", "linear", False, {}),
    ([24, 7], [24, 7], "float32", "any", False, {}),
    ([40, 2], [10, 1], "float32", "linear", False, {"formats": ["savedmodel", "keras"]}),
    ([None, None, 3], [1], "float32", "sigmoid", True, {"lambda_allowed": True}),
    ([1], [3], "string", "softmax", True, {}),
    ([], [1], "string", "sigmoid", True, {"formats": ["keras"]}),
]

MAKE = """\
import json, sys
from mockexam.packs.workers.baselines import work
from mockexam.packs.workers.requests import MakeModels, plain, understood
for request in json.load(open(sys.argv[1])):
    print(json.dumps(plain(work(understood(request, MakeModels), lambda *_: None))))
"""


@pytest.mark.slow
def test_models_are_made_for_every_kind_of_contract(tmp_path: Path, service: Service) -> None:
    """One process makes them all; then each must be scored or refused exactly as it was meant to be."""
    requests = []
    for number, (shape, output, dtype, activation, classifies, more) in enumerate(CONTRACTS):
        rng = np.random.default_rng(number)
        inputs = rng.integers(0, 9, (30, *[n or 12 for n in shape])).astype("U" if dtype == "string" else dtype)
        labels = rng.integers(0, output[-1] or 2, 30) if classifies and output != [1] else None
        if labels is None:
            labels = rng.integers(0, 2, (30, *[n or 12 for n in output])).astype(np.float32)
        into, hidden = tmp_path / str(number), tmp_path / f"{number}.npz"
        into.mkdir()
        np.savez(hidden, inputs=inputs, labels=labels)
        words = {"input_shape": shape, "output_shape": output, "input_dtype": dtype, "activation": activation}
        contract = msgspec.convert({"max_bytes": 1 << 20} | words | more, Contract)
        requests.append(
            MakeModels(kinds=("control", "contract"), expected=Expected(contract, classifies), hidden=hidden, into=into)
        )
    (tmp_path / "requests.json").write_text(json.dumps([plain(request) for request in requests]))
    run = [sys.executable, "-c", MAKE]
    done = subprocess.run([*run, tmp_path / "requests.json"], capture_output=True, text=True, check=True)
    for request, line in zip(requests, done.stdout.splitlines(), strict=True):
        contract = request.expected.contract
        threshold = Threshold(metric="mae", at_most=1e9)
        if request.expected.classifies:
            threshold = Threshold(
                metric="binary_accuracy" if contract.output_shape == (1,) else "accuracy", at_least=0.01
            )
        task = Task(contract=contract, scoring=Scoring(thresholds=(threshold,)), hidden=str(request.hidden))
        models = understood(json.loads(line), MadeModels).models
        futures = [service.submit(model.path, task, key="x") for model in models]
        for model, future in zip(models, futures, strict=True):
            verdict = future.result(timeout=120)
            said = (contract, model.name, verdict.outcome, verdict.reason)
            if model.kind == "control":
                assert verdict.outcome == "scored", said
            else:
                assert verdict.outcome == "refused", said
                assert verdict.reason is not None
                assert verdict.reason.code in model.codes, said
