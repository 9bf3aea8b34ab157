"""What is accepted, what is refused, and in which words: one model for each."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from graders.contract import Contract
from tests.graders.child.conftest import Examiner

FOUR = np.random.default_rng(5).normal(size=(70, 4)).astype(np.float32)


def three(**more: Any) -> Contract:
    return Contract(input_shape=(4,), output_shape=(3,), **more)


SOFTMAX = three(activation="softmax")
LAMBDA = three(lambda_allowed=True)
SERIES = Contract(input_shape=(30, 1), output_shape=(1,))
SERIES_INPUTS = np.random.default_rng(6).random((9, 30, 1), dtype=np.float32)
WORDS = Contract(input_shape=(1,), output_shape=(1,), input_dtype="string", activation="sigmoid")
PICTURES = Contract(input_shape=(28, 28), output_shape=(3,))
PICTURE_INPUTS = np.zeros((5, 28, 28), np.float32)


@pytest.mark.parametrize("name", ["dense_h5", "dense_keras", "dense_savedmodel", "exported_keras2_savedmodel"])
def test_every_format_gives_probabilities(examiner: Examiner, name: str) -> None:
    result = examiner.examine(examiner.build(name), SOFTMAX, FOUR)
    assert result.outputs.shape == (70, 3)
    assert result.outputs.dtype == np.float32
    assert result.outputs.flags.c_contiguous
    assert np.allclose(result.outputs.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "loader", "version"),
    [
        ("dense_h5", "keras", "3."),
        ("dense_keras", "keras", "3."),
        ("dense_keras2_h5", "tf_keras", "2."),
        ("dense_keras2_keras", "tf_keras", "2."),
        ("dense_savedmodel", "savedmodel", "TensorFlow 2."),
    ],
)
def test_the_receipt_says_who_wrote_and_who_loaded_it(examiner: Examiner, name: str, loader: str, version: str) -> None:
    report = examiner.examine(examiner.build(name), SOFTMAX, FOUR).reports["loaded"]
    assert report["loader"] == loader
    assert report["keras_version"].startswith(version)
    assert report["layers"] == (None if loader == "savedmodel" else 2)
    assert report["parameters"] == 4 * 5 + 5 + 5 * 3 + 3
    assert report["input_shape"] == [4]
    assert report["output_shape"] == [3]


def test_the_same_file_gives_the_same_bits(examiner: Examiner) -> None:
    model = examiner.build("dense_h5")
    first, second = (examiner.examine(model, SOFTMAX, FOUR).outputs for _ in range(2))
    assert first.tobytes() == second.tobytes()


@pytest.mark.parametrize(
    ("name", "contract", "inputs", "note"),
    [
        ("own_loss_h5", Contract(input_shape=(4,), output_shape=(1,)), FOUR, None),
        ("own_loss_keras", Contract(input_shape=(4,), output_shape=(1,)), FOUR, None),
        ("half_h5", SOFTMAX, FOUR, "float16"),
        ("double_h5", three(), FOUR, "float64"),
        ("bfloat_h5", three(), FOUR, "bfloat16"),
        ("trailing_h5", three(), FOUR, "(3, 1, 1)"),
        ("flat1_h5", Contract(input_shape=(4,), output_shape=(1,)), FOUR, "()"),
        ("heads_h5", three(), FOUR, "2 outputs"),
        ("dictionary_keras", SOFTMAX, FOUR, "kind"),
        ("dictionary_savedmodel", SOFTMAX, FOUR, "kind"),
        ("logits_h5", three(), FOUR, None),
        ("fixed_h5", three(), FOUR, "exactly 32"),
        ("plain", three(), FOUR, None),
        ("plain_odd_name", three(), FOUR, None),
        ("plain_unknown_rank", three(), FOUR, None),
        ("plain_batch_axis", three(), FOUR, "(2, 3)"),
        ("plain_whole_numbers", three(), np.round(FOUR), "int64"),
        ("text_keras", WORDS, np.array([["the cat sat"], ["a dog"], [""]]), None),
        ("text_savedmodel", WORDS, np.array([["the cat sat"], ["a dog"], [""]]), None),
        (
            "embedding_h5",
            Contract(input_shape=(12,), output_shape=(1,), input_dtype="int32"),
            np.arange(24, dtype=np.int32).reshape(2, 12) % 9,
            None,
        ),
        ("newer_h5", SOFTMAX, FOUR, "setting_of_tomorrow"),
        ("newer_keras", SOFTMAX, FOUR, "setting_of_tomorrow"),
        ("lambda_h5", LAMBDA, FOUR, None),
        ("lambda_keras", LAMBDA, FOUR, None),
        ("lambda_tf_h5", LAMBDA, FOUR, None),
        ("lambda_old_h5", LAMBDA, FOUR, None),
        ("lambda_old_keras", LAMBDA, FOUR, None),
    ],
)
def test_accepted(examiner: Examiner, name: str, contract: Contract, inputs: NDArray[Any], note: str | None) -> None:
    result = examiner.examine(examiner.build(name), contract, inputs)
    assert result.outputs.shape == (len(inputs), *contract.output_shape)
    if note is None:
        assert result.notes == []
    else:
        assert any(note in line for line in result.notes), result.notes


def test_a_stateful_model_forgets_between_batches(examiner: Examiner) -> None:
    inputs = np.tile(np.linspace(0, 1, 6, dtype=np.float32)[None, :, None], (12, 1, 1))
    result = examiner.examine(examiner.build("stateful_h5"), Contract(input_shape=(6, 1), output_shape=(1,)), inputs)
    assert np.ptp(result.outputs) < 1e-6  # equal rows, so what an earlier batch left behind would show
    assert any("stateful" in note for note in result.notes)


def test_a_fixed_batch_gives_each_row_its_own_prediction(examiner: Examiner) -> None:
    model = examiner.build("fixed_h5")
    whole = examiner.examine(model, three(), FOUR).outputs
    part = examiner.examine(model, three(), FOUR[40:45]).outputs
    assert np.allclose(whole[40:45], part, atol=1e-6)


REFUSED = [
    ("lambda_h5", three(), FOUR, "rules", "lambda", "scale"),
    ("lambda_keras", three(), FOUR, "rules", "lambda", "scale"),
    ("lambda_nested_h5", three(), FOUR, "rules", "lambda", "hidden"),
    ("lambda_nested_keras", three(), FOUR, "rules", "lambda", "hidden"),
    ("lambda_old_h5", three(), FOUR, "rules", "lambda", "hidden"),
    ("lambda_old_keras", three(), FOUR, "rules", "lambda", "hidden"),
    ("lambda_in_saved_model", three(), FOUR, "rules", "lambda", "hidden"),
    ("lambda_wrapped_h5", Contract(input_shape=(5, 4), output_shape=(5, 4)), FOUR, "rules", "lambda", "inside"),
    ("lambda_activation_keras", three(), FOUR, "rules", "custom-object", "lambda"),
    ("lambda_unknown_keras", LAMBDA, FOUR, "load", "lambda-name", "FACTOR"),
    ("saved_by_another_layer", three(), FOUR, "rules", "foreign-layer", "wrapped"),
    ("custom_h5", three(), FOUR, "rules", "custom-object", "Scaled"),
    ("custom_keras", three(), FOUR, "rules", "custom-object", "Scaled"),
    ("custom_registered_keras", three(), FOUR, "rules", "custom-object", "Registered"),
    ("custom_old_h5", three(), FOUR, "rules", "custom-object", "ScaledOld"),
    ("custom_old_keras", three(), FOUR, "rules", "custom-object", "ScaledOld"),
    ("custom_function_h5", three(), FOUR, "rules", "custom-object", "my_activation"),
    ("custom_function_keras", three(), FOUR, "rules", "custom-object", "my_activation"),
    ("dense_h5", three(max_layers=1), FOUR, "rules", "layers", "2 layers"),
    ("dense_savedmodel", three(max_layers=1), FOUR, "rules", "layers-unknown", "SavedModel"),
    ("dense_h5", three(max_parameters=42), FOUR, "rules", "parameters", "43"),
    ("dense_savedmodel", three(max_parameters=42), FOUR, "rules", "parameters", "43"),
    ("weights_of_keras3", three(), FOUR, "load", "weights-only", "weights"),
    ("weights_of_keras2", three(), FOUR, "load", "weights-only", "weights"),
    ("unbuilt", three(), FOUR, "load", "unbuilt", "never built"),
    ("newer_in_use_h5", SOFTMAX, FOUR, "load", "not-loadable", "written by Keras 3.99.0"),
    ("newer_in_use_keras", SOFTMAX, FOUR, "load", "not-loadable", "written by Keras 3.99.0"),
    ("plain_no_signature", three(), FOUR, "load", "no-signature", "none"),
    ("plain_two_names", three(), FOUR, "load", "several-signatures", "first, second"),
    ("two_inputs_h5", three(), FOUR, "input", "several-inputs", "2 inputs"),
    ("two_inputs_savedmodel", three(), FOUR, "input", "several-inputs", "2 inputs"),
    ("channel_h5", PICTURES, PICTURE_INPUTS, "input", "input-shape", "(28, 28, 1)"),
    ("flattened_h5", PICTURES, PICTURE_INPUTS, "input", "input-shape", "(784,)"),
    ("window20_h5", SERIES, SERIES_INPUTS, "input", "input-shape", "(20, 1)"),
    ("text_keras", three(), FOUR, "input", "input-dtype", "string"),
    ("dense_h5", Contract(input_shape=(4,), output_shape=(3,), input_dtype="string"), np.array([["a"] * 4]), "input",
     "input-dtype", "float32"),
    ("plain_whole_numbers", three(), FOUR, "input", "input-dtype", "int64"),
    ("plain_fails", three(), FOUR, "input", "call-failed", "InvalidArgumentError"),
    ("ten_h5", three(), FOUR, "output", "output-shape", "(10,)"),
    ("steps_h5", SERIES, SERIES_INPUTS, "output", "output-shape", "(30, 1)"),
    ("one_step_h5", Contract(input_shape=(24, 7), output_shape=(24, 7)), np.zeros((3, 24, 7), np.float32), "output",
     "output-shape", "(7,)"),
    ("twins_h5", three(), FOUR, "output", "several-outputs", "2 outputs"),
    ("summed_keras", three(), FOUR, "output", "output-rows", "2 examples"),
    ("plain_complex", three(), FOUR, "output", "output-dtype", "complex64"),
    ("plain_text", three(), FOUR, "output", "output-dtype", "text"),
    ("nan_h5", three(), FOUR, "finite", "not-finite", "NaN"),
    ("infinite_h5", three(), FOUR, "finite", "not-finite", "of 70 examples"),
    ("logits_h5", SOFTMAX, FOUR, "output", "activation", "values between"),
    ("sigmoid3_h5", SOFTMAX, FOUR, "output", "activation", "add up to"),
    ("logits_h5", three(activation="sigmoid"), FOUR, "output", "activation", "values between"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "contract", "inputs", "link", "code", "found"), REFUSED)
def test_refused(
    examiner: Examiner, name: str, contract: Contract, inputs: NDArray[Any], link: str, code: str, found: str
) -> None:
    suffixless = name in ("weights_of_keras3", "weights_of_keras2", "unbuilt", "saved_by_another_layer")
    path = None
    if suffixless:
        path = examiner.fresh() / ("mymodel.h5" if "weights" in name else "mymodel.keras")
    result = examiner.examine(examiner.build(name, path), contract, inputs)
    assert (result.refusal.link, result.refusal.code) == (link, code), result.refusal
    assert found in result.refusal.found
    assert result.refusal.expected
    assert result.refusal.advice
    assert len(result.refusal.found) < 400


def test_the_channel_axis_is_explained(examiner: Examiner) -> None:
    reason = examiner.examine(examiner.build("channel_h5"), PICTURES, PICTURE_INPUTS).refusal
    assert reason.expected == "input shape (28, 28)"
    assert reason.found == "input shape (28, 28, 1)"
    assert "Reshape((28, 28, 1))" in reason.advice


def test_return_sequences_is_explained(examiner: Examiner) -> None:
    assert "return_sequences" in examiner.examine(examiner.build("steps_h5"), SERIES, SERIES_INPUTS).refusal.advice


def test_a_file_cut_short(examiner: Examiner, tmp_path: Path) -> None:
    whole = examiner.build("dense_h5").read_bytes()
    (tmp_path / "mymodel.h5").write_bytes(whole[: len(whole) // 2])
    reason = examiner.examine(tmp_path / "mymodel.h5", SOFTMAX, FOUR).refusal
    assert (reason.link, reason.code) == ("load", "truncated")


def test_a_damaged_file(examiner: Examiner, tmp_path: Path) -> None:
    (tmp_path / "mymodel.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(range(256)) * 8)
    reason = examiner.examine(tmp_path / "mymodel.h5", SOFTMAX, FOUR).refusal
    assert (reason.link, reason.code) == ("load", "damaged")


@pytest.mark.parametrize(("part", "code"), [("variables", "incomplete"), ("saved_model.pb", "damaged")])
def test_a_saved_model_without_one_of_its_parts(examiner: Examiner, tmp_path: Path, part: str, code: str) -> None:
    model = examiner.build("plain", tmp_path / "mymodel")
    if part == "variables":
        shutil.rmtree(model / part)
    else:
        (model / part).write_bytes(b"\xff" * 20)
    reason = examiner.examine(model, three(), FOUR).refusal
    assert (reason.link, reason.code) == ("load", code)
    assert str(tmp_path) not in reason.found


def test_content_decides_not_the_name(examiner: Examiner, tmp_path: Path) -> None:
    archive = examiner.build("dense_keras", tmp_path / "mymodel.keras").rename(tmp_path / "archive.h5")
    hdf5 = examiner.build("dense_h5").rename(tmp_path / "hdf5.keras")
    folder = examiner.build("dense_savedmodel", tmp_path / "folder.h5")
    loaders = [examiner.examine(path, SOFTMAX, FOUR).reports["loaded"]["loader"] for path in (archive, hdf5, folder)]
    assert loaders == ["keras", "keras", "savedmodel"]


def test_a_rehearsal_runs_to_its_end_and_leaves_every_name_free(examiner: Examiner) -> None:
    assert examiner.ask(rehearse=True)["next name"] == "dense"
