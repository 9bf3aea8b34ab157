"""What is told under recorded tracebacks of both generations of Keras, and what never is."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Literal

import pytest

from mockexam.inspections.advice.advice import Advice, Place, advise
from mockexam.inspections.advice.failure import BROKEN_AT, failures
from mockexam.inspections.findings import MISSING
from mockexam.running.console import MAX_LENGTH

RECORDED = Path(__file__).with_name("recorded")
HOME = "/home/ada/exam"
Generation = Literal[2, 3]
GENERATIONS: tuple[Generation, ...] = (2, 3)

# By the name of a recording: the kind of advice, and a piece of what it says.
EXPECTED = {
    "dense_last_axis": ("shapes", "(32, 5) arrived; "),
    "dense_last_axis_functional": ("shapes", "(32, 5) arrived; (None, 8) was wanted."),
    "conv_min_ndim": ("shapes", "(None, 28, 28) arrived; at least 4 dimensions were wanted"),
    "conv_fed_without_channel": ("shapes", "(None, 28, 28) arrived; at least 4 dimensions were wanted"),
    "conv_channels": ("shapes", "(None, 28, 28, 3) arrived; 1 was wanted along its last axis."),
    "conv_too_small": ("shapes", "smaller than what is to be taken of it"),
    "lstm_ndim": ("shapes", "(None, 8) arrived; 3 dimensions were wanted"),
    "image_size": ("shapes", " arrived; "),
    "cardinality": ("shapes", "in different numbers: 32 and 30."),
    "concat": ("shapes", "(None, 3, 2) and (None, 4, 2)"),
    "matmul": ("shapes", "[2,3] and [4,5]"),
    "reshape": ("shapes", "which holds another number of values"),
    "custom_layer_call": ("shapes", "[?,8] and [3,2]"),
    "mse_shapes": ("shapes", "Two arrays met whose shapes don't fit"),
    "object_array": ("shapes", "rows of different lengths"),
    "chained": ("shapes", "(2, 3) arrived; "),
    "binary_two_units": ("labels", "for outputs of the shape (32, 2)"),
    "one_hot_labels_sparse_loss": ("labels", "one number where the outputs have a row"),
    "labels_rank": ("labels", "one number where the outputs have a row"),
    "labels_out_of_range": ("labels", "A label that is 11 arrived; from 0 to 9 were wanted"),
    "string_labels": ("labels", "Text arrived"),
    "missing_file_open": ("missing-file", "There is no data/trian.csv"),
    "missing_file_numpy": ("missing-file", "There is no data/images.npy"),
    "missing_file_pandas": ("missing-file", "There is no sunspot.csv where the program looked, seen from Category1/."),
    "missing_directory": ("missing-file", "There is no data/train "),
    "missing_directory_dataset": ("missing-file", "There is no data/train "),
    "missing_model": ("missing-file", "There is no model.h5"),
    "missing_model_keras": ("missing-file", "There is no model.keras"),
    "missing_tf_io": ("missing-file", "There is no data/a.jpg"),
    "missing_zip": ("missing-file", "There is no /tmp/horse-or-human.zip."),
    "fit_generator_dir_empty": ("missing-file", "no images in empty/train"),
    "cause": ("missing-file", "There is no data/x.csv"),
    "notes": ("missing-file", "There is no data/x.csv"),
    "group": ("missing-file", "There is no data/b.csv"),
    "memory_numpy": ("memory", "72.8 TiB at once, for an array of the shape (1000000, 10000000)"),
    "memory_tf": ("memory", "[1000000, 10000000]"),
    "get_file": ("network", "from 127.0.0.1"),
    "get_file_name": ("network", "from storage.googleapis.com"),
    "urllib": ("network", "can't be reached"),
    "requests_like": ("network", "can't be reached"),
    "tfds": ("network", "from storage.googleapis.com"),
    "missing_module": (MISSING, "tensorflow_hub is not installed"),
    "missing_cv2": (MISSING, "opencv-python is not installed"),
    "sparse_labels_categorical_loss": ("", "(32, 10)"),
    "sparse_labels_categorical_loss_2d": ("", "(32, 1"),
}
FREE = {"lr", "fit_generator", "loss_name"}
"""Recordings of what the table knows, or of what nobody can help with: the others are all expected."""


@cache
def recorded(keras: Generation) -> dict[str, str]:
    text = (RECORDED / f"keras{keras}.txt").read_text("utf-8")
    parts = re.split(r"^=== (\w+)\n", text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    data = tmp_path / "Category1" / "data"
    data.mkdir(parents=True)
    for name in ("train.csv", "sunspots.csv", ".hidden.csv"):
        (data / name).touch()
    (tmp_path / "Category1" / "starter.py").touch()
    return tmp_path


def advice(
    name: str, keras: Generation, project: Path, allowed: Literal["all", "api", "none"] = "all"
) -> Advice | None:
    output = recorded(keras)[name].replace(HOME, str(project))
    return advise(
        output, keras=keras, allowed=allowed, project=project, folder=project / "Category1", python="/home/ada/python"
    )


@pytest.mark.parametrize("keras", GENERATIONS)
@pytest.mark.parametrize("name", EXPECTED)
def test_what_arrived_and_what_was_wanted_is_told(name: str, keras: Generation, project: Path) -> None:
    kind, words = EXPECTED[name]
    told = advice(name, keras, project)
    assert told is not None
    assert told.pattern == kind or not kind
    assert words in told.words.english
    assert told.place is not None
    assert told.place.path == project / "Category1" / "starter.py"
    assert told.section is None
    assert not told.keras_2


@pytest.mark.parametrize("keras", GENERATIONS)
def test_no_recording_is_left_out(keras: Generation) -> None:
    assert recorded(keras).keys() - FREE <= EXPECTED.keys()


ANSWERS = re.compile(
    r"Dense|Conv|LSTM|GRU|Flatten|Reshape|Pooling|Embedding|softmax|sigmoid|relu|crossentropy|to_categorical|one.hot|"
    r"sparse|categorical|binary|\bmse\b|\bmae\b|from_logits|expand_dims|units|filters|loss=|activation",
    re.IGNORECASE,
)


@pytest.mark.parametrize("keras", GENERATIONS)
@pytest.mark.parametrize("name", EXPECTED)
def test_no_layer_and_no_loss_is_named(name: str, keras: Generation, project: Path) -> None:
    told = advice(name, keras, project)
    assert told is not None
    assert not ANSWERS.search(f"{told.words.english} {told.replacement.english if told.replacement else ''}")


def test_what_the_table_knows_leads_to_its_section(project: Path) -> None:
    told = advice("fit_generator", 3, project)
    assert told is not None
    assert (told.pattern, told.section, told.keras_2) == ("generator-methods", "generator-methods", True)
    assert told.replacement is not None
    assert told.place == Place(project / "Category1" / "starter.py", 6)
    assert told.fixable


@pytest.mark.parametrize("name", ["missing_file_open", "dense_last_axis", "missing_module", "memory_tf", "urllib"])
def test_a_pack_may_leave_what_is_new_in_tensorflow_only(name: str, project: Path) -> None:
    assert advice(name, 3, project, "api") is None
    assert advice("lr", 3, project, "api") is not None
    assert advice("lr", 3, project, "none") is None
    assert advice(name, 3, project, "none") is None


def test_what_another_generation_would_say_is_not_told(project: Path) -> None:
    output = recorded(3)["lr"]
    assert advise(output, keras=2, allowed="all", project=project) is None


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("missing_file_open", "data/train.csv"),
        ("missing_file_pandas", "data/sunspots.csv"),
        ("missing_directory", "data/train.csv"),
    ],
)
def test_a_missing_file_is_looked_for_nearby(name: str, near: str, project: Path) -> None:
    told = advice(name, 3, project)
    assert told is not None
    assert told.replacement is not None
    assert told.replacement.english == f"Nearby there is {near}."
    assert "hidden" not in told.replacement.english


def test_a_file_of_another_folder_is_found_by_its_name(project: Path) -> None:
    (project / "sunspot.csv").touch()
    told = advice("missing_file_pandas", 3, project)
    assert told is not None
    assert told.replacement is not None
    assert told.replacement.english.startswith("Nearby there is ../sunspot.csv, ")


def test_the_line_that_installs_names_the_python_or_another_that_has_it(project: Path) -> None:
    output = recorded(3)["missing_cv2"]
    alone = advise(output, keras=3, allowed="all", project=project, python="/home/ada/my python")
    assert alone is not None
    assert alone.replacement is not None
    assert alone.replacement.english == "Install it: '/home/ada/my python' -m pip install opencv-python"
    other = advise(output, keras=3, allowed="all", project=project, elsewhere={"cv2": "Python 3.10 · Keras 2"}.get)
    assert other is not None
    assert other.replacement is not None
    assert "or choose Python 3.10 · Keras 2, which has it" in other.replacement.english


def test_a_program_that_was_killed_for_memory_is_told_so(project: Path) -> None:
    told = advise("", keras=3, allowed="all", project=project, killed=True)
    assert told is not None
    assert told.pattern == "memory"
    assert advise("", keras=3, allowed="api", project=project, killed=True) is None
    assert advise("nothing of interest\n", keras=3, allowed="all", project=project) is None


def test_a_download_points_to_the_data_that_is_there(project: Path) -> None:
    told = advice("urllib", 3, project)
    assert told is not None
    assert told.replacement is not None
    assert "look into data/" in told.replacement.english
    other = advise(recorded(3)["urllib"], keras=3, allowed="all", project=project)
    assert other is not None
    assert other.replacement is not None
    assert "data/" not in other.replacement.english


# ── tracebacks ──


def test_an_earlier_traceback_is_another_matter() -> None:
    earlier = "Traceback (most recent call last):\n  File \"a.py\", line 1, in <module>\nKeyError: 'x'\n"
    last = 'bar 1/9Traceback (most recent call last):\n  File "a.py", line 2, in <module>\nValueError: no\nand more\n'
    found = failures(f"{earlier}went on\n{last}\nSaved unsaved-1.keras\n")
    assert [(one.exception, one.frames[0].line) for one in found] == [("ValueError", 2)]
    assert found[0].message.startswith("no\nand more")


def test_what_the_rescue_of_models_tells_under_a_traceback_is_none_of_it() -> None:
    text = "Traceback (most recent call last):\n  File \"a.py\", line 1, in <module>\nKeyError: 'acc'\n"
    found = failures(f"{text}mockexam: read back: load_model opens it.\n")
    assert [one.message for one in found] == ["'acc'"]


def test_a_chain_is_read_back_to_its_beginning() -> None:
    found = failures(recorded(3)["tfds"])
    assert [one.exception for one in found] == ["ConnectionError", "MaxRetryError", "NameResolutionError", "gaierror"]


def test_the_members_of_a_group_are_read_and_the_group(project: Path) -> None:
    found = failures(recorded(3)["group"])
    assert [one.exception for one in found] == ["FileNotFoundError", "FileNotFoundError", "ExceptionGroup"]
    assert found[2].message.startswith("several (2 sub-exceptions)")


def test_lines_of_threads_between_the_frames_are_skipped() -> None:
    text = 'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\nWARNING:urllib3:Retrying\n    f()\n'
    assert [one.exception for one in failures(f"{text}OSError: [Errno 5] Input/output error\n")] == ["OSError"]


@pytest.mark.parametrize("text", ["", "Traceback (most recent call last):", "Traceback (most recent call last):\nno"])
def test_what_is_no_traceback_is_none(text: str) -> None:
    assert failures(text) == []


def test_a_failure_that_prints_a_whole_list_is_read(project: Path) -> None:
    """Keras writes all of a list into its message, which the console breaks into rows."""
    message = f"ValueError: Unrecognized data type: x=[{', '.join(['[12, 34, 5]'] * 100_000)}] (of type <class 'list'>)"
    rows = [message[start : start + BROKEN_AT] for start in range(0, len(message), BROKEN_AT)]
    frame = f'  File "{project}/Category1/starter.py", line 3, in <module>'
    output = "\n".join(["Epoch 1/1", "Traceback (most recent call last):", frame, "    model.fit(x, y)", *rows])
    told = advise(output, keras=3, allowed="all", project=project, folder=project / "Category1")
    assert told is not None
    assert (told.pattern, told.place) == ("predict-list", Place(project / "Category1" / "starter.py", 3))


def test_the_console_breaks_lines_where_they_are_joined() -> None:
    assert BROKEN_AT == MAX_LENGTH
