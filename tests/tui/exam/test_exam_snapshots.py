"""The exam screen as text at three sizes: fresh, with a program running, with a verdict, with a menu and a question.

After a wanted change of the look, run MOCKEXAM_NEW_SNAPSHOTS=1 pytest tests/tui/exam/test_exam_snapshots.py and read
the difference before committing it.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from mockexam.sitting.service import Attempt, ExamService
from mockexam.tui.app import MockExamApp
from mockexam.tui.exam.widgets import status_bar
from mockexam.tui.run import run_summary
from tests.sitting.fakes import FakeClock, FakeService, refused, scored
from tests.tui.exam_room import NARROW, NORMAL, WIDE, Room, sitting

FOLDER = Path(__file__).with_name("screens")

TRAINING = """
import sys, time
for epoch in range(1, 4):
    print(f"Epoch {epoch}/3")
    print(f"10/10 - 1s - loss: {1 / epoch:.4f} - mae: {2 / epoch:.4f} - val_loss: {1.1 / epoch:.4f}")
print("trained")
time.sleep(600)
"""


@pytest.fixture(autouse=True)
def same_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """What differs from one machine or second to the next is said in the same words."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    said = "0:00:12  epoch 3/3  410 MB"
    monkeypatch.setattr(run_summary, "facts", lambda session, *_: said if session.running else "0:00:12")


async def compare(room: Room, name: str) -> None:
    """Compare the screen with the one on file, once the code was inspected."""
    await room.inspected()
    # In place of the interpreter's path, but as wide as it: what stands to its right keeps its column.
    command = f"{sys.executable} starter.py"
    shown = room.text.replace(command, "python starter.py".ljust(len(command)))
    shown = shown.replace(status_bar.INTERPRETER, "Python 3.xy")
    shown = "\n".join(line.rstrip() for line in shown.splitlines()) + "\n"
    path = FOLDER / f"{name}.txt"
    if os.environ.get("MOCKEXAM_NEW_SNAPSHOTS"):
        FOLDER.mkdir(exist_ok=True)
        path.write_text(shown, encoding="utf-8")
    assert shown == path.read_text(encoding="utf-8")


SIZES = pytest.mark.parametrize("size", [NARROW, NORMAL, WIDE], ids=lambda size: f"{size[0]}x{size[1]}")


@SIZES
async def test_fresh(app: MockExamApp, running: Attempt, size: tuple[int, int]) -> None:
    async with sitting(app, running, size) as room:
        await room.until(lambda: ("grader ready" in room.text and "Fit the line" in room.text) or size == NARROW, "all")
        await room.until(lambda: room.editor.has_focus and " 3:1 " in room.text, "focus and cursor")
        await compare(room, f"fresh-{size[0]}x{size[1]}")


@SIZES
async def test_running(app: MockExamApp, running: Attempt, size: tuple[int, int]) -> None:
    async with sitting(app, running, size) as room:
        room.write(TRAINING)
        await room.until(lambda: " 1:1 " in room.text, "the cursor")
        await room.press("f5")
        await room.until(lambda: "trained" in room.text, "the output")
        await room.until(lambda: "410 MB" in room.text, "the header")
        await room.until(lambda: not room.screen.files.saving.dirty, "saved")
        if size == WIDE:
            await room.until(lambda: "bar 1.000" in room.text, "the curves")
        await compare(room, f"running-{size[0]}x{size[1]}")


@SIZES
async def test_verdict(
    app: MockExamApp,
    running: Attempt,
    size: tuple[int, int],
    exams: ExamService,
    service: FakeService,
    clock: FakeClock,
) -> None:
    service.verdicts = [scored(5), scored(3), refused()]
    for category, minutes in ((1, 20), (2, 31)):
        (running.project / f"Category{category}" / "mymodel.h5").write_bytes(b"\x89HDF model")
        clock.advance(minutes=minutes)
        exams.grade(exams.submit(running.id, category).id, service, None).result(10)
        exams.add_time(running.id, category, minutes * 60)
    async with sitting(app, running, size) as room:
        await room.press("alt+down")
        await room.until(lambda: room.screen.files.active == room.starter(2), "category 2")
        await room.open(room.starter(2))
        await room.until(lambda: " 3:1 " in room.text, "its cursor")
        await room.press("f9")
        await room.until(
            lambda: room.screen.standing.state and len(room.screen.standing.state.of(2)) == 2, "the submission"
        )
        await room.until(lambda: not room.screen.submissions.phases, "the verdict")
        app.clear_notifications()
        if size == NARROW:
            await room.press("alt+0")
            await room.until(lambda: room.screen.windows.active == "exam", "the window")
        await room.until(lambda: "Drop the last axis." in room.text, "the reason")
        # A note that came late would lie over the window.
        app.clear_notifications()
        await room.until(lambda: not app.screen.query("Toast"), "no notes")
        await room.pilot.pause(0.3)
        await compare(room, f"verdict-{size[0]}x{size[1]}")


@SIZES
async def test_dialog(app: MockExamApp, running: Attempt, size: tuple[int, int]) -> None:
    async with sitting(app, running, size) as room:
        await room.until(lambda: ("grader ready" in room.text and "Fit the line" in room.text) or size == NARROW, "all")
        await room.until(lambda: " 3:1 " in room.text, "the cursor")
        await room.click("#end-exam")
        await room.until(lambda: "View Instructions" in room.text, "the menu")
        await compare(room, f"menu-{size[0]}x{size[1]}")
        await room.press("down", "enter")
        await room.until(lambda: "End the exam?" in room.text, "the question")
        await compare(room, f"dialog-{size[0]}x{size[1]}")
