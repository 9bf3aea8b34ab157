"""Files whose structure attacks: HDF5 that points elsewhere or claims to be huge, and architectures that hide code.

Each is tried with both generations of Keras, since the older one knows none of the newer one's guards.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import h5py
import msgspec
import numpy as np
import pytest

from graders import Service, Verdict
from tests.graders.hostile.conftest import Arsenal

WALL = 3.0
TOLD = 2.0**20  # what the code of a Lambda layer predicts, should it run
Change = Callable[[h5py.File, Arsenal], None]


def _first_kernel(file: h5py.File) -> tuple[h5py.Group, str]:
    """Where the first layer's kernel lies."""
    found: list[str] = []
    file["model_weights"].visit(lambda name: found.append(name) if name.endswith("kernel") else None)
    group, _, name = sorted(found)[0].rpartition("/")
    return file["model_weights"][group], name


def _replaced(make: Callable[[h5py.Group, str, tuple[int, ...], Path], None]) -> Change:
    def change(file: h5py.File, arsenal: Arsenal) -> None:
        group, name = _first_kernel(file)
        shape = group[name].shape
        stolen = arsenal.victims / "weights.h5"
        if not stolen.exists():
            with h5py.File(stolen, "w") as other:
                other["k"] = np.full(shape, 7, np.float32)
        del group[name]
        make(group, name, shape, stolen)

    return change


def _external_link(group: h5py.Group, name: str, _: tuple[int, ...], stolen: Path) -> None:
    group[name] = h5py.ExternalLink(str(stolen), "k")


def _virtual(group: h5py.Group, name: str, shape: tuple[int, ...], stolen: Path) -> None:
    layout = h5py.VirtualLayout(shape=shape, dtype="f4")
    layout[...] = h5py.VirtualSource(str(stolen), "k", shape=shape)
    group.create_virtual_dataset(name, layout)


def _external_storage(group: h5py.Group, name: str, shape: tuple[int, ...], stolen: Path) -> None:
    size = 4 * int(np.prod(shape))
    group.create_dataset(name, shape, "f4", external=[(str(stolen), 2048, size)])


def _link_loop(group: h5py.Group, name: str, *_: object) -> None:
    group[name] = h5py.SoftLink(f"{group.name}/{name}")


def _huge(group: h5py.Group, name: str, *_: object) -> None:
    group.create_dataset(name, (10**6, 10**6), "f4", chunks=(1000, 1000))


def _bomb(group: h5py.Group, name: str, *_: object) -> None:
    data = group.create_dataset(name, (3 << 28,), "f4", chunks=(1 << 26,), compression="gzip", compression_opts=1)
    data[: 1 << 26] = 0  # one of twelve chunks is enough: the others are filled up when they are read


def _text(group: h5py.Group, name: str, shape: tuple[int, ...], _: Path) -> None:
    group.create_dataset(name, shape, h5py.string_dtype())


def _compound(group: h5py.Group, name: str, shape: tuple[int, ...], _: Path) -> None:
    group.create_dataset(name, shape, np.dtype([("a", "f4"), ("b", "i8")]))


def _references(group: h5py.Group, name: str, shape: tuple[int, ...], _: Path) -> None:
    group.create_dataset(name, shape, h5py.ref_dtype)


def _config(change: Callable[[Any], Any]) -> Change:
    def changed(file: h5py.File, _: Arsenal) -> None:
        told = change(json.loads(file.attrs["model_config"]))
        file.attrs["model_config"] = told if isinstance(told, str) else json.dumps(told)

    return changed


def _units(count: int) -> Callable[[Any], Any]:
    def change(config: Any) -> Any:
        next(layer for layer in config["config"]["layers"] if layer["class_name"] == "Dense")["config"]["units"] = count
        return config

    return change


def _many_layers(config: Any) -> Any:
    layers = config["config"]["layers"]
    last = layers[-1]
    for number in range(30_000):
        layer = json.loads(json.dumps(last))
        layer["name"] = layer["config"]["name"] = f"dense_x{number}"
        layers.append(layer)
    return config


FILES: dict[str, Change] = {
    "external-link": _replaced(_external_link),
    "virtual": _replaced(_virtual),
    "external-storage": _replaced(_external_storage),
    "link-loop": _replaced(_link_loop),
    "huge": _replaced(_huge),
    "bomb": _replaced(_bomb),
    "text": _replaced(_text),
    "compound": _replaced(_compound),
    "references": _replaced(_references),
    "units": _config(_units(10**12)),
    "units-in-memory": _config(_units(10**8)),
    "many-layers": _config(_many_layers),
    "deep-json": _config(lambda config: json.dumps(config)[:-1] + ', "x": ' + "[" * 100_000 + "]" * 100_000 + "}"),
    "no-object": _config(lambda config: [config]),
    "no-layers": _config(lambda config: {**config, "config": 3}),
}


def _changed_file(name: str, generation: str, arsenal: Arsenal, folder: Path) -> Path:
    model = _copy_of("honest.h5", arsenal, folder)
    with h5py.File(model, "r+") as file:
        FILES[name](file, arsenal)
        file.attrs["keras_version"] = generation
    return model


def _copy_of(name: str, arsenal: Arsenal, folder: Path) -> Path:
    folder.mkdir()
    return Path(shutil.copy(arsenal.folder / name, folder / "mymodel.h5"))


# --------------------------------------------------------------------------------- code where none may be


def _disguises(layer: Any) -> dict[str, Any]:
    """The layer under other names, and inside what may hold layers."""
    plain: dict[str, Any] = {"class_name": "Dense", "config": {"name": "d", "units": 1}}

    def named(class_name: Any, **more: Any) -> Any:
        return {**layer, "class_name": class_name, **more}

    return {
        "plain": layer,
        "module": named("Lambda", module="keras.src.layers.core.lambda_layer"),
        "older-module": named("Lambda", module="tf_keras.src.layers.core.lambda_layer"),
        "registered": named("Lambda", registered_name="keras>Lambda"),
        "own-package": named("Lambda", module=None, registered_name="mine>Lambda"),
        "path": named("keras.layers.Lambda"),
        "prefix": named("keras>Lambda"),
        "custom": named("Custom>Lambda"),
        "lower": named("lambda"),
        "list": named(["Lambda"]),
        "space": named("Lambda "),
        "no-module": {key: value for key, value in layer.items() if key not in ("module", "registered_name")},
        "time-distributed": _wrapper("TimeDistributed", {"layer": layer}),
        "bidirectional": _wrapper("Bidirectional", {"layer": plain, "backward_layer": layer}),
        "rnn-cell": _wrapper("RNN", {"cell": layer}),
        "stacked-cells": _wrapper("RNN", {"cell": _wrapper("StackedRNNCells", {"cells": [layer]})}),
        "compile-config": {**plain, "config": {**plain["config"], "compile_config": layer}, "compile_config": layer},
        "activation": {**plain, "config": {**plain["config"], "activation": layer}},
        "initializer": {**plain, "config": {**plain["config"], "kernel_initializer": layer}},
        "regularizer": {**plain, "config": {**plain["config"], "kernel_regularizer": layer}},
        "dtype": {**plain, "config": {**plain["config"], "dtype": layer}},
        "function": {**plain, "config": {**plain["config"], "activation": layer["config"]["function"]}},
        "build-config": {**plain, "build_config": layer},
        "shared": {**plain, "shared_object_id": 1, "config": {**plain["config"], "bias_initializer": layer}},
    }


def _wrapper(name: str, config: Any) -> Any:
    return {
        "module": "keras.layers",
        "class_name": name,
        "config": {"name": f"w_{name.lower()}", **config},
        "registered_name": None,
    }


DISGUISES = sorted(_disguises({"class_name": "Lambda", "config": {"function": {}}}))
TWICE = "key-twice"


def _disguised_file(disguise: str, generation: str, arsenal: Arsenal, folder: Path) -> Path:
    model = _copy_of("tell-tale.h5", arsenal, folder)
    with h5py.File(model, "r+") as file:
        file.attrs["keras_version"] = generation
        text = str(file.attrs["model_config"])
        if disguise == TWICE:
            file.attrs["model_config"] = text.replace('"class_name": "L', '"class_name": "Dense", "class_name": "L')
            return model
        config = json.loads(text)
        layers = config["config"]["layers"]
        hidden = _disguises(layers[-1])[disguise]
        hidden["inbound_nodes"] = layers[-1]["inbound_nodes"]
        hidden["config"]["name"] = hidden["name"] = layers[-1]["name"]
        layers[-1] = hidden
        file.attrs["model_config"] = json.dumps(config)
    return model


GENERATIONS = ("2.9.0", "3.15.1")


@pytest.fixture(scope="module")
def verdicts(
    service: Service, arsenal: Arsenal, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, str], Future[Verdict]]:
    """All submitted at once, so that the grader's places are always taken."""
    folder = tmp_path_factory.mktemp("files")
    task = arsenal.task(wall_seconds=WALL, resident_bytes=1 << 30)
    strict = msgspec.structs.replace(task, contract=msgspec.structs.replace(task.contract, lambda_allowed=False))
    makers = dict.fromkeys(FILES, _changed_file) | dict.fromkeys((*DISGUISES, TWICE), _disguised_file)
    return {
        (name, generation): service.submit(
            make(name, generation, arsenal, folder / f"{name}-{generation}"), strict, key="k"
        )
        for name, make in makers.items()
        for generation in GENERATIONS
    }


@pytest.mark.parametrize("generation", GENERATIONS)
@pytest.mark.parametrize("name", sorted(FILES))
def test_a_file_that_points_elsewhere_or_claims_too_much(
    name: str, generation: str, verdicts: dict[tuple[str, str], Future[Verdict]]
) -> None:
    verdict = verdicts[name, generation].result(300)

    assert verdict.outcome in ("refused", "failed"), verdict
    assert verdict.reason is not None
    assert verdict.reason.expected
    assert verdict.reason.found
    assert verdict.reason.advice
    assert verdict.outcome == "failed" or verdict.reason.link != "grader"


@pytest.mark.parametrize("generation", GENERATIONS)
@pytest.mark.parametrize("disguise", [*DISGUISES, TWICE])
def test_code_is_found_under_any_name(
    disguise: str, generation: str, verdicts: dict[tuple[str, str], Future[Verdict]]
) -> None:
    verdict = verdicts[disguise, generation].result(300)

    if verdict.outcome == "scored":  # Keras may pass the disguise over; what a Lambda predicts must never be scored
        assert verdict.tests[0].values["mae"] < TOLD / 2, "the Lambda layer was run"
        return
    assert verdict.outcome == "refused", verdict
    assert verdict.reason is not None
    assert verdict.reason.advice


def test_the_code_would_tell_if_it_ran(service: Service, arsenal: Arsenal) -> None:
    verdict = service.submit(arsenal.folder / "tell-tale.h5", arsenal.task(), key="k").result(300)

    assert verdict.outcome == "scored"
    assert verdict.tests[0].values["mae"] == TOLD
