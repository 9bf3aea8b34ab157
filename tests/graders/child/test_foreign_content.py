"""What a file brings besides a model, or takes from elsewhere: refused by rule, in graphs and in HDF5 files."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from graders.contract import Contract
from tests.graders.child.conftest import Examiner

ONE = Contract(input_shape=(4,), output_shape=(1,))
WORDS = Contract(input_shape=(4,), output_shape=(1,), input_dtype="string")
THREE = Contract(input_shape=(4,), output_shape=(3,))
ROWS = np.arange(8, dtype=np.float32).reshape(2, 4)


@pytest.mark.parametrize(
    ("name", "operation"),
    [
        ("read", "ReadFile"),
        ("write", "WriteFile"),
        ("list", "MatchingFiles"),
        ("print_to_file", "PrintV2"),
        ("python", "EagerPyFunc"),
        ("restore", "RestoreV2"),
        ("save", "SaveV2"),
        ("data", "Dataset"),
        ("queue", "FIFOQueueV2"),
        ("sleep", "Timestamp"),
        ("branch", "ReadFile"),
        ("loop", "ReadFile"),
        ("mapped_memory", "ImmutableConst"),
        ("debug", "DebugIdentityV2"),
        ("method", "ReadFile"),
        ("text", "ReadFile"),
        ("hidden_in_saver", "RestoreV2"),
    ],
)
def test_a_graph_that_does_more_than_compute_is_not_loaded(examiner: Examiner, name: str, operation: str) -> None:
    model = examiner.build(f"graph_{name}")

    refusal = examiner.examine(model, ONE, ROWS).refusal

    assert (refusal.link, refusal.code) == ("rules", "foreign-operation")
    assert operation in refusal.found
    assert not (model.parent / "marker").exists()


@pytest.mark.parametrize("name", ["honest_print", "honest_assert"])
def test_what_models_do_all_the_same(examiner: Examiner, name: str) -> None:
    assert examiner.examine(examiner.build(f"graph_{name}"), ONE, ROWS).outputs[:, 0].tolist() == [0, 4]


def test_a_vocabulary_among_the_assets_is_read_and_no_other(examiner: Examiner) -> None:
    words = np.array([["a", "b", "c", "d"], ["d", "c", "b", "a"]], dtype="S1").astype(object).astype(str)

    result = examiner.examine(examiner.build("graph_vocabulary"), WORDS, words)
    refusal = examiner.examine(examiner.build("graph_stray_asset"), WORDS, words).refusal

    assert result.outputs[:, 0].tolist() == [1, 2]
    assert (refusal.link, refusal.code) == ("rules", "foreign-file")
    assert "../../words.txt" in refusal.found


Change = Callable[[h5py.Group, str, Path], None]


def _soft_link(group: h5py.Group, name: str, _: Path) -> None:
    group.move(name, "other")
    group[name] = h5py.SoftLink(f"{group.name}/other")


def _external_link(group: h5py.Group, name: str, elsewhere: Path) -> None:
    _move(group, name, elsewhere)
    group[name] = h5py.ExternalLink(str(elsewhere), "k")


def _virtual(group: h5py.Group, name: str, elsewhere: Path) -> None:
    shape = _move(group, name, elsewhere)
    layout = h5py.VirtualLayout(shape=shape, dtype="f4")
    layout[...] = h5py.VirtualSource(str(elsewhere), "k", shape=shape)
    group.create_virtual_dataset(name, layout)


def _external_storage(group: h5py.Group, name: str, elsewhere: Path) -> None:
    shape = _move(group, name, elsewhere)
    group.create_dataset(name, shape, "f4", external=[(str(elsewhere), 2048, 4 * int(np.prod(shape)))])


def _unknown_filter(group: h5py.Group, name: str, elsewhere: Path) -> None:
    shape = _move(group, name, elsewhere)
    space, made = h5py.h5s.create_simple(shape), h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    made.set_chunk(shape)
    made.set_filter(32015, h5py.h5z.FLAG_OPTIONAL)  # Zstandard's number, for which HDF5 would load a library
    h5py.h5d.create(group.id, name.encode(), h5py.h5t.IEEE_F32LE, space, made)


def _move(group: h5py.Group, name: str, elsewhere: Path) -> tuple[int, ...]:
    """Put a weight into a file of its own; returns its shape."""
    with h5py.File(elsewhere, "w") as file:
        file["k"] = group[name][...]
        shape: tuple[int, ...] = group[name].shape
    del group[name]
    return shape


CHANGES: dict[str, Change] = {
    "soft-link": _soft_link,
    "external-link": _external_link,
    "virtual": _virtual,
    "external-storage": _external_storage,
    "unknown-filter": _unknown_filter,
}


@pytest.mark.parametrize("form", ["h5", "keras"])
@pytest.mark.parametrize("change", CHANGES)
def test_weights_that_lie_elsewhere_are_not_read(examiner: Examiner, tmp_path: Path, change: str, form: str) -> None:
    model = examiner.build(f"dense_{form}")
    honest = examiner.examine(model, THREE, ROWS)
    weights = model if form == "h5" else tmp_path / "model.weights.h5"
    if form == "keras":
        shutil.unpack_archive(model, tmp_path, "zip")
    with h5py.File(weights, "r+") as file:
        found: list[h5py.Dataset] = []
        file.visititems(
            lambda _, item: found.append(item) if isinstance(item, h5py.Dataset) and item.ndim == 2 else None
        )
        CHANGES[change](found[0].parent, found[0].name.rpartition("/")[2], tmp_path / "elsewhere.h5")
    if form == "keras":
        with zipfile.ZipFile(model, "w") as archive:
            for name in ("config.json", "metadata.json", "model.weights.h5"):
                archive.write(tmp_path / name, name)

    refusal = examiner.examine(model, THREE, ROWS).refusal

    assert honest.outputs.shape == (2, 3)
    assert (refusal.link, refusal.code) == ("rules", "foreign-file")


def test_a_group_that_holds_itself_is_looked_at_once(examiner: Examiner) -> None:
    model = examiner.build("dense_h5")
    with h5py.File(model, "r+") as file:
        file["model_weights/again"] = file["model_weights"]

    assert examiner.examine(model, THREE, ROWS).outputs.shape == (2, 3)


def test_a_damaged_part_hides_no_other(examiner: Examiner, tmp_path: Path) -> None:
    model = examiner.build("dense_h5")
    with h5py.File(model, "r+") as file:
        file["another"] = np.full(3, 7.5)
        at = h5py.h5o.get_info(file["another"].id).addr
        file["model_weights"].create_dataset("x", (4,), "f4", external=[(str(tmp_path / "elsewhere"), 0, 16)])
    content = bytearray(model.read_bytes())
    content[at : at + 16] = bytes(16)
    model.write_bytes(content)

    refusal = examiner.examine(model, THREE, ROWS).refusal

    assert refusal.code in ("foreign-file", "damaged")


ATTRIBUTES = {
    "texts-of-any-length": (np.array(["{}", "{}" * 1000], object), h5py.string_dtype()),
    "reference": (h5py.Reference(), h5py.ref_dtype),
    "compound": (np.zeros(2, [("a", "f4"), ("b", "i8")]), None),
    "opaque": (np.void(b"cos\nsystem\n(S'id'\ntR."), None),
    "number": (7, None),
    "many-texts": (np.array([b"{}"] * 3), None),
}


@pytest.mark.parametrize("attribute", ATTRIBUTES)
@pytest.mark.parametrize("name", ["model_config", "keras_version"])
def test_attributes_of_other_kinds_are_no_configuration(examiner: Examiner, name: str, attribute: str) -> None:
    value, dtype = ATTRIBUTES[attribute]
    model = examiner.build("dense_h5")
    with h5py.File(model, "r+") as file:
        del file.attrs[name]
        file.attrs.create(name, value, dtype=dtype)

    result = examiner.examine(model, THREE, ROWS)

    if name == "keras_version":  # which Keras is tried first, no more
        assert result.reason is None or result.refusal.link in ("load", "rules")
    else:
        assert result.refusal.code in ("weights-only", "damaged")
