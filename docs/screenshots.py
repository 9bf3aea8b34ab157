"""Take the pictures for README and docs from an exam that is really taken: `python docs/screenshots.py [FOLDER]`.

It provisions the built-in pack, trains two models through the Run window, submits them to the real grader and ends
the exam: two to five minutes. It doesn't touch your own attempts.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
os.environ.pop("NO_COLOR", None)

from graders import Service
from mockexam.sitting.provisioning import Step
from mockexam.sitting.service import Attempt, ExamService
from mockexam.sitting.system_clock import SystemClock
from mockexam.store.home import Home
from mockexam.tui.app import MockExamApp

IMAGES = Path(__file__).parent / "images"
SIZE = (120, 36)
PATIENCE = 600.0

LINE = """\
    model = tf.keras.Sequential([tf.keras.Input((1,)), tf.keras.layers.Dense(1)])
    model.compile(tf.keras.optimizers.Adam(0.5), "mse")
    model.fit(xs, ys, epochs=800, verbose=0)
"""
CLOTHING = """\
    train = train.shuffle(20_000).batch(128)
    test = test.batch(500)

    model = tf.keras.Sequential(
        [
            tf.keras.Input((28, 28)),
            tf.keras.layers.Reshape((28, 28, 1)),
            tf.keras.layers.Conv2D(16, 3, activation="relu"),
            tf.keras.layers.MaxPooling2D(),
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dropout(0.3),
            tf.keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(train, epochs=8, validation_data=test)
"""
GAP = re.compile(r"^    model = None .*\n", re.MULTILINE)


class Sitting:
    """One exam on a screen that needs no terminal."""

    def __init__(self, app: MockExamApp, pilot: Pilot[int], into: Path) -> None:
        self.app, self.pilot, self.into = app, pilot, into

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for something to become true."""
        loop = asyncio.get_running_loop()
        limit = loop.time() + PATIENCE
        while not condition():
            if loop.time() > limit:
                raise SystemExit(f"waited {PATIENCE:g} s in vain; the screen is {self.app.screen}")
            await self.pilot.pause(0.1)

    def shows(self, text: str) -> bool:
        """Whether a text is on the screen."""
        strips = self.app.screen._compositor.render_strips()
        return text in "\n".join("".join(segment.text for segment in strip) for strip in strips)

    async def picture(self, name: str) -> None:
        """Save the screen, without the fonts that the picture would fetch from elsewhere."""
        await self.pilot.pause(0.3)
        drawn = re.sub(r"@font-face \{.*?\}", "", self.app.export_screenshot(title="mockexam"), flags=re.DOTALL)
        (self.into / f"{name}.svg").write_text(drawn, "utf-8")
        print(f"{name}.svg", flush=True)

    def on(self, screen: str) -> bool:
        """Whether a screen is on top, by the name of its class."""
        return type(self.app.screen).__name__ == screen


async def sit(sitting: Sitting, project: Path) -> None:
    """The whole exam, with a picture at each place worth one."""
    app, pilot = sitting.app, sitting.pilot
    await sitting.until(app.office_open.is_set)
    await sitting.picture("welcome")
    attempt = await asyncio.to_thread(drawn, app.exams, project)
    taken = hold(app.exams, "Preparing category 3")
    app.enter(attempt)
    await sitting.until(lambda: sitting.shows("category 3"))
    await sitting.picture("provisioning")
    taken.set()
    await sitting.until(lambda: sitting.shows("Start Exam   Enter"))
    await sitting.picture("instructions")
    fill(project / "Category1" / "starter.py", LINE)
    fill(project / "Category2" / "starter.py", CLOTHING)
    await pilot.press("enter")
    await sitting.until(lambda: sitting.on("ExamScreen") and sitting.shows("solution_model"))
    await work(sitting, project)
    running = app.exams.running()
    assert running is not None
    app.show_result(running.id, "candidate")
    await sitting.until(lambda: sitting.shows("of 100 points"))
    await sitting.picture("result")


async def work(sitting: Sitting, project: Path) -> None:
    """Train and submit categories 1 and 2; the picture is taken while 2 trains again."""
    app, pilot = sitting.app, sitting.pilot
    running = app.exams.running()
    assert running is not None
    for category in (1, 2):
        model = project / f"Category{category}" / "mymodel.h5"
        await pilot.press("f5")
        await sitting.until(lambda: app.screen.runs.running)
        await sitting.until(lambda: not app.screen.runs.running)
        if not model.is_file():
            raise SystemExit(f"category {category} saved no model; see its log in {project}/.mockexam/runs")
        await pilot.press("f9")
        await sitting.until(
            lambda category=category: any(one.verdict for one in app.exams.submissions(running.id, category))
        )
        if category == 1:
            await pilot.press("alt+down")
    await pilot.press("f5")
    await sitting.until(lambda: sitting.shows("Epoch 4/8"))
    await sitting.picture("exam")
    await pilot.press("ctrl+p")
    await sitting.until(lambda: sitting.on("SearchEverywhere"))
    await sitting.picture("search")
    await pilot.press("escape")
    await pilot.press("shift+f5")


def hold(exams: ExamService, name: str) -> threading.Event:
    """Make provisioning wait at a step until the event is set: from a full cache it is over in no time."""
    taken, provision = threading.Event(), exams.provision

    def held(attempt_id: str, progress: Callable[[Step], None], service: Any) -> None:
        def report(step: Step) -> None:
            progress(step)
            if step.name.startswith(name):
                taken.wait(PATIENCE)

        provision(attempt_id, report, service)

    exams.provision = held  # type: ignore[method-assign, assignment]
    return taken


def drawn(exams: ExamService, project: Path) -> Attempt:
    """An attempt with the problems that this script can solve: the first seed that draws them."""
    for seed in range(1000):
        attempt = exams.create("Ada Lovelace", project, None, seed)
        if (attempt.titles[1], attempt.titles[2]) == ("A straight line", "Clothing"):
            return attempt
        exams.discard(attempt.id)
    raise SystemExit("no seed below 1000 draws the straight line and the clothes")


def fill(starter: Path, code: str) -> None:
    """Write a candidate's code into the gap of a starter."""
    starter.write_text(GAP.sub(lambda _: code, starter.read_text("utf-8"), count=1), "utf-8")


async def main(into: Path) -> None:
    """Sit the exam in a folder that is thrown away."""
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "data", Home.default().cache, Path(folder) / "config")
        clock = SystemClock()
        app = MockExamApp(lambda: ExamService(home, clock), clock, Service)
        try:
            async with app.run_test(size=SIZE) as pilot:
                await sit(Sitting(app, pilot, into), Path(folder) / "mock-exam")
        finally:
            app.stop_service()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES))
