"""A model that a program trained and didn't save is saved when an exception ends the program."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

from mockexam.preload.switches import Switches, variables
from tests.preload import stand_in_keras

NAME = re.compile(r"unsaved-\d{8}T\d{6}(-\d)?\.keras")
TRAINED = "import keras\nmodel = keras.Model()\nmodel.fit(epochs=2)\n"
FAILS = "undefined_name\n"


class Ended(NamedTuple):
    """How a program ended."""

    code: int
    out: str
    err: str


class Bench:
    """A problem's folder with a program in it."""

    def __init__(self, folder: Path, executable: str | Path = sys.executable) -> None:
        self.path = stand_in_keras.write(folder / "packages")
        self.folder = folder / "Category1"
        self.folder.mkdir()
        self.log = folder / "log"
        self.executable = executable
        self.slow: dict[str, str] = {}

    def started(self, program: str, *, rescue: bool = True, name: str = "starter.py") -> subprocess.Popen[str]:
        (self.folder / name).write_text(program, "utf-8")
        base = {"PATH": os.environ["PATH"], "PYTHONPATH": str(self.path), "PYTHONDONTWRITEBYTECODE": "1"}
        base |= self.slow
        switches = Switches(rescue=self.folder, log=self.log) if rescue else Switches()
        return subprocess.Popen(
            [self.executable, name],
            cwd=self.folder,
            env=base | variables(switches, base),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl+C goes to all that a program has started
        )

    def run(self, program: str, *, rescue: bool = True, name: str = "starter.py") -> Ended:
        """Run a program to its end. No fault of ours may have gone to the log."""
        process = self.started(program, rescue=rescue, name=name)
        out, err = process.communicate(timeout=60)
        assert not self.log.exists(), self.log.read_text("utf-8")
        return Ended(process.returncode, out, err)

    @property
    def rescued(self) -> list[str]:
        """What lies there and was no part of the program."""
        return sorted(each.name for each in self.folder.iterdir() if "unsaved" in each.name)

    def weight(self, name: str) -> float:
        """The one weight of a model in a file: for how many epochs it was trained."""
        with zipfile.ZipFile(self.folder / name) as archive:
            assert archive.testzip() is None
            return float(memoryview(archive.read("model.weights")).cast("d")[0])


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A folder for this Python."""
    return Bench(tmp_path)


def told(err: str) -> list[str]:
    """Our lines."""
    return [line for line in err.splitlines() if line.startswith("mockexam: ")]


def test_it_is_saved_after_the_traceback_which_is_as_without(python: Path, tmp_path: Path) -> None:
    bench = Bench(tmp_path, python)
    plain = bench.run(TRAINED + FAILS, rescue=False)
    assert bench.rescued == []
    ended = bench.run(TRAINED + FAILS)
    (name,) = bench.rescued
    assert NAME.fullmatch(name)
    assert bench.weight(name) == 2
    assert (ended.code, ended.out) == (plain.code, plain.out) == (1, "")
    assert ended.err == plain.err + "".join(f"{line}\n" for line in told(ended.err))
    assert told(ended.err) == [
        f"mockexam: a model was trained (2 epochs) and not saved since. It is in {name} now.",
        f'mockexam: read back: keras.models.load_model("{name}") opens it.',
        "mockexam: nothing is handed in by itself: a model counts under the name that the problem asks for.",
    ]


RAISES_IN_FIT = """
import keras

def callback(epoch, logs):
    if logs.get("acc") > 0.9:
        pass

keras.Model().fit(3, [callback])
"""


@pytest.mark.parametrize(
    ("program", "epochs"),
    [
        pytest.param(RAISES_IN_FIT, 1, id="a callback raises in the first epoch"),
        pytest.param(
            "import keras\ndef train():\n    model = keras.Model()\n    model.fit()\n    1 / 0\ntrain()\n",
            1,
            id="local",
        ),
        pytest.param(TRAINED + "model.save('mymodel')\n", 2, id="the save itself fails"),
        pytest.param(TRAINED + "try:\n    model.save('a')\nexcept ValueError:\n    1 / 0\n", 2, id="and is caught"),
        pytest.param(TRAINED + "model.save('a.keras')\nmodel.fit()\n1 / 0\n", 3, id="an epoch after the save"),
        pytest.param(TRAINED + "model.save_weights('a.h5')\n1 / 0\n", 2, id="weights alone"),
        pytest.param(TRAINED + "import sys\nsys.excepthook = lambda *_: None\n1 / 0\n", 2, id="a silent hook"),
        pytest.param("import os, sys\nsys.modules[__name__].__file__ = None\n" + TRAINED + FAILS, 2, id="no file"),
        pytest.param(TRAINED + "import os\nos.environ.clear()\nos.chdir('/')\n1 / 0\n", 2, id="another environment"),
    ],
)
def test_it_is_saved_wherever_the_program_fails(bench: Bench, program: str, epochs: int) -> None:
    plain = bench.run(program, rescue=False)
    ended = bench.run(program)
    (name,) = bench.rescued
    assert bench.weight(name) == epochs
    assert ended.code == plain.code == 1
    assert ended.err == plain.err + "".join(f"{line}\n" for line in told(ended.err))


def test_a_hook_that_exits_keeps_its_code(bench: Bench) -> None:
    ended = bench.run(TRAINED + "import sys\nsys.excepthook = lambda *_: sys.exit(3)\n1 / 0\n")
    assert ended.code == 3
    assert [bench.weight(name) for name in bench.rescued] == [2]


CHILDREN = """
import os, subprocess, sys

if os.fork() == 0:
    1 / 0
os.wait()
subprocess.run([sys.executable, "-c", "import keras; keras.Model().fit(); 1 / 0"])
"""
CONSOLE = """
import code
code.InteractiveInterpreter(globals()).runsource("1 / 0")
"""


@pytest.mark.parametrize(
    "end",
    [
        pytest.param("", id="no failure"),
        pytest.param("raise SystemExit('no')", id="SystemExit"),
        pytest.param("raise KeyboardInterrupt", id="KeyboardInterrupt"),
        pytest.param("import os\nos.kill(os.getpid(), 15)", id="a signal"),
        pytest.param("import threading\nthreading.Thread(target=lambda: 1 / 0).start()", id="a thread"),
        pytest.param(CHILDREN, id="children"),
        pytest.param(CONSOLE, id="a console in the program"),
        pytest.param("model.save('mymodel.keras')\n1 / 0", id="saved"),
        pytest.param("from keras.models import save_model\nsave_model(model, 'a.keras')\n1 / 0", id="by function"),
        pytest.param("model.export('mymodel')\n1 / 0", id="exported"),
        pytest.param("outer = keras.Model([model])\nouter.save('outer.keras')\n1 / 0", id="saved within another"),
        pytest.param("del model\nimport gc\ngc.collect()\n1 / 0", id="dropped"),
        pytest.param("import sys\nsys.ps1 = '>>> '\n1 / 0", id="at a prompt"),
    ],
)
def test_nothing_is_saved_otherwise(bench: Bench, end: str) -> None:
    plain = bench.run(TRAINED + end, rescue=False)
    ended = bench.run(TRAINED + end)
    assert bench.rescued == []
    assert told(ended.err) == []
    assert ended.code == plain.code


def test_only_what_was_trained_counts_and_a_part_is_left_to_its_model(bench: Bench) -> None:
    ended = bench.run(
        "import keras\n"
        "base = keras.Model(); base.fit(1)\n"
        "model = keras.Model([base]); model.fit(2)\n"
        "untrained = keras.Model()\n"
        "more = [keras.Model() for _ in range(3)]\n"
        "for number, each in enumerate(more): each.fit(number + 3)\n"
        "model.fit(1)\n1 / 0\n"
    )
    assert [bench.weight(name) for name in bench.rescued] == [5, 4, 3]  # -2, -3, then the newest without a number
    assert len(told(ended.err)) == 2 * 3 + 1


def test_a_model_whose_part_was_trained_after_its_save_is_saved_again(bench: Bench) -> None:
    bench.run(
        "import keras\nbase = keras.Model()\nmodel = keras.Model([base])\nmodel.fit(2)\nmodel.save('a.keras')\n"
        "base.fit(1)\n1 / 0\n"
    )
    assert [bench.weight(name) for name in bench.rescued] == [2]


def test_the_newest_of_each_program_is_kept(bench: Bench) -> None:
    names = ("unsaved-20260101T000000.keras", "unsaved-20260101T000001.keras", "unsaved-20260101T000002.keras")
    bench.run(TRAINED + FAILS, name="experiment.py")
    (bench.folder / bench.rescued[0]).rename(bench.folder / names[0])
    bench.run(TRAINED + FAILS)
    mine = next(name for name in bench.rescued if name not in names)
    (bench.folder / mine).rename(bench.folder / names[1])
    (bench.folder / names[2]).write_bytes(b"PK of somebody else")
    bench.run(TRAINED + "model.fit()\n" + FAILS)
    new = [name for name in bench.rescued if name not in names]
    assert bench.rescued == [names[0], names[2], *new]
    assert [bench.weight(name) for name in new] == [3]


def test_what_runs_beside_it_have_saved_is_kept_until_the_next_run(bench: Bench) -> None:
    wait = "import os, time\nopen(f'{os.getpid()}.trained', 'w').close()\n"
    wait += "while not os.path.exists('go'):\n    time.sleep(0.01)\n1 / 0\n"
    beside = [bench.started(TRAINED + wait) for _ in range(2)]
    while len(list(bench.folder.glob("*.trained"))) < 2:
        assert [each.poll() for each in beside] == [None, None]
        time.sleep(0.01)
    (bench.folder / "go").touch()
    said = [line for each in beside for line in told(each.communicate(timeout=60)[1]) if "opens it" in line]
    assert len(said) == len(set(said)) == len(bench.rescued) == 2
    assert all(any(name in line for line in said) for name in bench.rescued)
    bench.run(TRAINED + FAILS)
    assert len(bench.rescued) == 1


def test_an_older_one_stays_while_the_new_one_is_not_whole(bench: Bench) -> None:
    bench.run(TRAINED + FAILS)
    older = bench.rescued
    ended = bench.run(TRAINED + "model.unsavable = True\nmodel.save_weights = None\n" + FAILS)
    assert bench.rescued == older
    assert "can't be saved: NotImplementedError: this model has no get_config" in ended.err


def test_a_keras_that_writes_only_saved_models_writes_one_and_the_newest_is_kept(bench: Bench) -> None:
    program = (
        TRAINED + "import os\n"
        "def save(path):\n"
        "    assert '.' not in os.path.basename(path)\n"
        "    os.mkdir(path)\n"
        "    open(os.path.join(path, 'saved_model.pb'), 'w').close()\n"
        "model.save = save\n" + FAILS
    )
    bench.run(program)
    (name,) = bench.rescued
    assert sorted(each.name for each in (bench.folder / name).iterdir()) == ["mockexam", "saved_model.pb"]
    (bench.folder / name).rename(bench.folder / "unsaved-20260101T000000")
    bench.run(program)
    assert len(bench.rescued) == 1
    assert bench.rescued != ["unsaved-20260101T000000"]


def test_weights_are_better_than_nothing(bench: Bench) -> None:
    ended = bench.run(
        TRAINED + "import zipfile\nmodel.unsavable = True\n"
        "model.save_weights = lambda path: zipfile.ZipFile(path, 'w').close()\n" + FAILS
    )
    (name,) = bench.rescued
    assert name.endswith(".weights.h5")
    assert f'Its weights are in {name} now: model.load_weights("{name}") gives them' in ended.err


def test_a_kill_leaves_nothing_that_looks_like_a_model_and_the_next_run_clears_it(bench: Bench) -> None:
    bench.slow = {"STAND_IN_SLOW": "30"}
    process = bench.started(TRAINED + FAILS)
    assert process.stdout is not None
    assert process.stdout.readline() == "half\n"
    process.kill()
    process.communicate()
    (left,) = bench.rescued
    assert left.startswith(".unsaved-")
    assert (bench.folder / left).is_dir()
    bench.run("pass")
    assert bench.rescued == []


@pytest.mark.parametrize("times", [1, 2])
def test_the_second_interrupt_ends_it(bench: Bench, times: int) -> None:
    bench.slow = {"STAND_IN_SLOW": "1.5" if times == 1 else "30"}
    process = bench.started(TRAINED + FAILS)
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline() == "half\n"
    process.send_signal(signal.SIGINT)
    said = ""
    while "Press Ctrl+C again" not in said:
        said = process.stderr.readline()
        assert said
    if times == 2:
        process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 1
    assert len(bench.rescued) == 2 - times


@pytest.mark.parametrize("times", [1, 2])
def test_an_interrupt_while_it_is_read_back_loses_nothing(bench: Bench, times: int) -> None:
    bench.slow = {"STAND_IN_SLOW_LOAD": "2" if times == 1 else "30"}
    process = bench.started(TRAINED + FAILS)
    assert process.stderr is not None
    for until in ("It is in", "Press Ctrl+C again"):
        while until not in process.stderr.readline():
            assert process.poll() is None
        readers = psutil.Process(process.pid).children
        while not readers():
            assert process.poll() is None
        if until == "It is in" or times == 2:
            os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 1
    assert [bench.weight(name) for name in bench.rescued] == [2]
    assert ("opens it." in err) == (times == 1)
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


def test_what_only_the_programs_own_objects_open_is_said_so(bench: Bench) -> None:
    ended = bench.run(
        "import keras\nfrom keras.src.models.model import Layer\n"
        "def wavy(x): return x\n"
        "keras.utils.get_custom_objects()['wavy'] = wavy\n"
        "model = keras.Model([Layer(wavy)])\nmodel.fit()\n1 / 0\n"
    )
    (name,) = bench.rescued
    statement = f'keras.models.load_model("{name}", custom_objects={{"wavy": wavy}})'
    assert f"mockexam: read back: only custom_objects opens it: {statement}" in told(ended.err)


def test_what_only_an_unsafe_load_opens_is_said_so(bench: Bench) -> None:
    ended = bench.run("import keras\nmodel = keras.Model(lambda_=True)\nmodel.fit()\n1 / 0\n")
    statement = f'keras.models.load_model("{bench.rescued[0]}", safe_mode=False)'
    assert f"mockexam: read back: only safe_mode=False opens it: {statement}" in told(ended.err)


def test_what_nothing_opens_is_said_so_and_kept(bench: Bench) -> None:
    ended = bench.run(
        "import keras\nfrom keras.src.models.model import Layer\ndef broken(x): return x\n"
        "model = keras.Model([Layer(broken)])\nmodel.fit()\n1 / 0\n"
    )
    (name,) = bench.rescued
    assert f"{name} could not be read back: ValueError: broken for good. model.load_weights(" in ended.err


def test_a_folder_that_is_gone_is_told(bench: Bench) -> None:
    ended = bench.run(TRAINED + f"import shutil\nshutil.rmtree({str(bench.folder)!r})\n1 / 0\n")
    assert told(ended.err) == [
        f"mockexam: a model that was trained can't be saved in {bench.folder}: No such file or directory"
    ]


def test_a_keras_that_looks_otherwise_runs_as_without_and_is_told_to_the_log(bench: Bench) -> None:
    source = bench.path / "keras" / "src" / "callbacks" / "callback_list.py"
    source.write_text(source.read_text("utf-8").replace("def on_epoch_end(self,", "def on_epoch_end(this,"), "utf-8")
    source.write_text(re.sub(r"\bself\.callbacks:", "this.callbacks:", source.read_text("utf-8")), "utf-8")
    process = bench.started(TRAINED + FAILS)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "mockexam" not in err
    assert bench.rescued == []
    assert "has no argument self" in bench.log.read_text("utf-8")


CAUGHT = """
import inspect, traceback, warnings, keras

def callback(epoch, logs):
    print([frame.function for frame in inspect.stack()])

model = keras.Model()
model.fit(1, [callback])
try:
    model.save("mymodel")
except ValueError:
    traceback.print_exc()
from keras.src.saving.saving_lib import save_model
save_model(model, "a.keras")
print(inspect.getsource(save_model), inspect.signature(save_model))
"""


def test_nothing_of_it_is_seen_in_the_program(python: Path, tmp_path: Path) -> None:
    """Tracebacks that the program prints, the lines that warnings point at, stacks and sources."""
    bench = Bench(tmp_path, python)
    assert bench.run(CAUGHT) == bench.run(CAUGHT, rescue=False)


def test_another_python_is_the_one_that_reads_back(plain_python: Callable[[str], Path], tmp_path: Path) -> None:
    bench = Bench(tmp_path, plain_python("3.8"))
    ended = bench.run("import sys\nsys.path.append('/nowhere')\n" + TRAINED + FAILS)
    assert "opens it." in ended.err
