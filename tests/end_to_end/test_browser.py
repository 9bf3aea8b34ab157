"""`mockexam serve` as its user has it: the real server, app and grader, driven in a headless Chromium."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mockexam.packs.catalogue import Catalogue
from mockexam.sitting.service import Attempt, ExamService
from mockexam.sitting.system_clock import SystemClock
from mockexam.store.home import Home
from tests.end_to_end.browser import Served, needs_chromium, windows
from tests.running.programs import alive

pytestmark = [pytest.mark.slow, needs_chromium]

# Prints until it is told to save the straight line of the first problem. Typed as a person types: brackets and quotes
# close themselves, and Enter indents.
PROGRAM = [
    "import keras, numpy, pathlib, time",
    "while not pathlib.Path('save').exists():",
    "print('still', 'training', flush=True)",
    "time.sleep(0.2)",
]
LAST = [
    "model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])",
    "x, y = numpy.loadtxt('data/points.csv', delimiter=',', skiprows=1).T",
    "slope, intercept = numpy.polyfit(x, y, 1)",
    "model.set_weights([numpy.array([[slope]]), numpy.array([intercept])])",
    "model.save('mymodel.h5')",
]


@pytest.fixture
def served(own_home: Home) -> Iterator[Served]:
    served = Served(own_home.data.parent)
    yield served
    if served.process.poll() is None:
        served.process.kill()
    served.process.wait()
    assert served.process.stdout is not None
    served.process.stdout.close()


async def test_an_exam_is_started_edited_run_and_submitted_and_survives_a_reload(
    prepared: Attempt, served: Served, own_home: Home
) -> None:
    folder = prepared.project / "Category1"
    starter = folder / "starter.py"
    async with windows() as opened:
        window = await opened(served.url)
        await window.shows("Continue the prepared exam")
        await window.enter("Start Exam")
        await window.enter("YOUR CODE HERE")

        await window.press("Control+A", "Delete")
        for line in PROGRAM:
            await window.page.keyboard.type(line)
            await window.press("Enter")
        await window.press("Shift+Tab")
        for line in LAST:
            await window.page.keyboard.type(line)
            await window.press("Enter")
        await window.press("F5")
        await window.shows("still training")
        assert starter.read_text().rstrip().endswith("\n" + "\n".join(LAST))

        await window.page.reload()
        await window.shows("still training")
        await window.shows("left")
        (folder / "save").touch()
        await window.shows("exit code 0")
        await window.shows("mymodel.h5 was saved.")
        await window.click("Submit and Test")
        await window.shows("Model tests passed: 5/5")
        assert not window.problems

        starter.write_text("import tensorflow as tf\ntf.keras.optimizers.Adam(lr=0.1)\n")
        await window.shows("▲ 1")
        await window.click("import tensorflow")
        await window.press("F2", "Alt+Enter")
        await window.shows("Write learning_rate")
        await window.press("Enter")
        await window.shows("Adam(learning_rate=0.1)")
        await window.press("Control+z")
        await window.shows("Adam(lr=0.1)")
        await window.press("F8")
        await window.shows("Write learning_rate")
        await window.click("Write learning_rate")
        await window.shows("Adam(learning_rate=0.1)")

        second = await opened(served.url)
        await second.shows("Model tests passed: 5/5")
        await window.page.locator("#again").wait_for(state="visible")
        await window.page.locator("#again").click()
        await window.shows("Model tests passed: 5/5")
    assert served.end() == 0
    exams = ExamService(own_home, SystemClock(), Catalogue(own_home.packs, cache=own_home.cache))
    try:
        assert [one.verdict.passed for one in exams.submissions(prepared.id) if one.verdict] == [5]
    finally:
        exams.close()


async def test_a_killed_server_loses_nothing_and_leaves_nothing_running(prepared: Attempt, served: Served) -> None:
    import psutil

    async with windows() as opened:
        window = await opened(served.url)
        await window.shows("Continue the prepared exam")
        await window.enter("Start Exam")
        await window.enter("YOUR CODE HERE")
        await window.page.keyboard.type("x = 1  # just typed")
        await window.shows("# just typed")
        below = [one.pid for one in psutil.Process(served.process.pid).children(recursive=True)]
        assert below
        served.process.kill()
        served.process.wait()
        await window.until(lambda: not any(map(alive, below)), "the end of the app")
    assert "# just typed" in (prepared.project / "Category1" / "starter.py").read_text()
