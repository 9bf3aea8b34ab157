"""Submit and Test on the screen: by key and mouse, phases, verdict, history, and what the shell does meanwhile."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

import pytest
from textual.events import Paste
from textual.widgets import Input, OptionList, Static

from graders.verdict import Reason, Verdict
from mockexam.sitting.service import Attempt, ExamService
from mockexam.tui.app import MockExamApp
from mockexam.tui.exam.dialogs import ModelDialog, ReceiptDialog
from mockexam.tui.exam.screen import ExamScreen
from mockexam.tui.exam.widgets.banner import Banner
from mockexam.tui.exam.widgets.exam_panel import ExamPanel
from mockexam.tui.exam.widgets.history import History
from mockexam.tui.exam.widgets.project_tree import ProjectTree
from mockexam.tui.look.controls import PushButton
from mockexam.tui.look.menu import Menu
from tests.sitting.fakes import FakeClock, FakeService, refused, scored, unable
from tests.tui.exam_room import NARROW, Room, sitting


def verdict(room: Room) -> str:
    return str(room.screen.query_one("#verdict", Static).render())


async def test_five_of_five_by_key(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        room.model(1)
        await room.press("f9")
        await room.until(lambda: "Model tests passed: 5/5" in verdict(room), "the verdict")
        assert "Category1" in verdict(room)
        await room.until(lambda: "10 of 100 points" in room.text, "the points")
        assert "●●●●●  5/5" in room.text
        assert "10/10" in room.text


async def test_three_of_five_by_mouse_and_the_receipt(app: MockExamApp, running: Attempt, service: FakeService) -> None:
    service.verdicts = [scored(3)]
    async with sitting(app, running) as room:
        room.model(1)
        await room.click("#submit")
        await room.until(lambda: "Model tests passed: 3/5" in verdict(room), "the verdict")
        assert "6 of 100 points" in room.text
        await room.until(lambda: room.screen.query_one(History).option_count == 1, "the history")
        await room.click(History, offset=(3, 0))
        await room.until(lambda: isinstance(app.screen, ReceiptDialog), "the receipt")
        assert "SHA-256" in room.text
        assert "mymodel.h5" in room.text
        await room.press("escape")
        await room.until(lambda: isinstance(app.screen, ExamScreen), "back")


async def test_a_row_that_was_chosen_stays_so_when_another_comes(
    app: MockExamApp, running: Attempt, service: FakeService
) -> None:
    service.verdicts = [scored(1), scored(3), scored(5)]
    async with sitting(app, running) as room:
        history = room.screen.query_one(History)
        for number, words in enumerate(("1/5", "3/5", "5/5"), 1):
            room.model(1, content=bytes([number]))
            await room.press("f9")
            await room.until(lambda words=words: f"{words} " in room.text, "the row")  # type: ignore[misc]
            if number == 2:
                first = history.options[1]
                history.highlighted = 1
        assert history.option_count == 3
        assert history.highlighted == 2, "the oldest is one further down"
        assert history.options[2] is first
        assert [line for line in room.text.splitlines() if "#3" in line and "5/5" in line]


async def test_a_long_reason_stays_beside_its_label(app: MockExamApp, running: Attempt, service: FakeService) -> None:
    reason = Reason(
        link="input",
        code="input-shape",
        expected="a shape " + "as asked for " * 6,
        found="another",
        advice="Change it.",
    )
    service.verdicts = [Verdict(outcome="refused", reason=reason)]
    async with sitting(app, running) as room:
        room.model(1)
        await room.press("f9")
        await room.until(lambda: "refused" in verdict(room), "the verdict")
        lines = verdict(room).splitlines()
        labels = ("expected ", "found    ", "advice   ")
        assert [line[:9] for line in lines if line[:9] in labels] == list(labels)
        assert all(line.startswith((*labels, " " * 9, "Category1")) for line in lines)
        assert any(line.startswith(" " * 9) for line in lines)


async def test_the_phase_is_shown_while_the_screen_stays_alive(
    app: MockExamApp, running: Attempt, service: FakeService
) -> None:
    service._go.clear()
    async with sitting(app, running) as room:
        room.model(1)
        await room.press("f9")
        await room.until(lambda: room.screen.query_one(ExamPanel).phase == "loading", "the phase")
        await room.until(lambda: "Loading…" in room.text, "the button")
        await room.type("y = 2")
        assert "y = 2" in room.editor.text
        await room.press("f9")
        await room.until(lambda: any("still being tested" in one.message for one in app._notifications), "a word")
        service.let_go()
        await room.until(lambda: "5/5" in verdict(room), "the verdict")
        assert room.screen.query_one(ExamPanel).phase is None
        assert len(service.asked) == 1


async def test_a_refused_model_says_what_was_expected_and_found(
    app: MockExamApp, running: Attempt, service: FakeService
) -> None:
    service.verdicts = [scored(5), refused()]
    async with sitting(app, running) as room:
        room.model(1)
        await room.press("f9")
        await room.until(lambda: "5/5" in verdict(room), "the first verdict")
        await room.press("f9")
        await room.until(lambda: "refused" in verdict(room), "the second verdict")
        for words in ("(28, 28)", "(28, 28, 1)", "Drop the last axis."):
            assert words in verdict(room)
        assert "the earlier score stays" in verdict(room)
        assert "10 of 100 points" in room.text


async def test_an_earlier_score_is_spoken_of_only_when_there_is_one(
    app: MockExamApp, running: Attempt, service: FakeService
) -> None:
    service.verdicts = [refused()]
    async with sitting(app, running) as room:
        room.model(1)
        await room.press("f9")
        await room.until(lambda: "The model was refused; it is not scored." in verdict(room), "the verdict")
        assert "earlier" not in room.text


async def test_our_own_fault_costs_nothing(app: MockExamApp, running: Attempt, service: FakeService) -> None:
    service.verdicts = [unable()]
    async with sitting(app, running) as room:
        room.model(1)
        await room.press("f9")
        await room.until(lambda: "Not tested" in verdict(room), "the verdict")
        assert "0 of 100 points" in room.text


async def test_no_model_is_a_sentence_and_no_submission(app: MockExamApp, running: Attempt, exams: ExamService) -> None:
    async with sitting(app, running) as room:
        await room.press("f9")
        await room.until(lambda: "Nothing was submitted" in verdict(room), "the reason")
        assert "Run starter.py so that it saves one" in " ".join(verdict(room).split())
        assert exams.submissions(running.id) == ()
        assert room.screen.query_one(ExamPanel).phase is None


async def test_a_submission_made_in_the_shell_appears(
    app: MockExamApp, running: Attempt, exams: ExamService, service: FakeService
) -> None:
    async with sitting(app, running) as room:
        room.model(2)
        submission = exams.submit(running.id, 2)
        exams.grade(submission.id, service, None).result(10)
        await room.until(lambda: "15 of 100 points" in room.text, "the points")


async def test_what_was_being_tested_at_a_kill_is_tested_now(
    app: MockExamApp, running: Attempt, exams: ExamService, home: object
) -> None:
    from mockexam.sitting.service import ExamService as Another

    folder = running.project / "Category1"
    (folder / "mymodel.h5").write_bytes(b"\x89HDF model")
    killed = Another(exams.home, exams.clock, exams.catalogue)
    killed.submit(running.id, 1)
    killed.close()
    async with sitting(app, running) as room:
        await room.until(lambda: "Model tests passed: 5/5" in verdict(room), "the verdict")


async def test_a_saved_model_is_offered(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running) as room:
        room.model(3)
        await room.until(lambda: "Later" in room.text and "Category3/mymodel.h5" in room.text, "the offer")
        await room.click(room.screen.query(Banner).first().query(PushButton).first())
        await room.until(lambda: not room.screen.query(Banner), "the offer gone")
        await room.until(lambda: room.submissions(3), "the submission")


async def test_a_model_that_was_submitted_is_not_offered(
    app: MockExamApp, running: Attempt, service: FakeService
) -> None:
    service.verdicts = [refused()]
    async with sitting(app, running) as room:
        for watch in room.screen.submissions._watches.values():
            watch.quiet = 0.0
        room.model(1)
        await room.press("f9")
        await room.until(lambda: "refused" in verdict(room), "the verdict")
        for _ in range(3):
            room.screen.submissions.look_for_models()
        await room.pilot.pause()
        assert not room.screen.query(Banner)
        room.model(1, content=b"\x89HDF another")
        await room.until(lambda: room.screen.query(Banner), "the offer of what was saved after it")


async def test_a_model_saved_while_another_is_tested_is_offered_afterwards(
    app: MockExamApp, running: Attempt, service: FakeService
) -> None:
    service._go.clear()
    async with sitting(app, running) as room:
        room.screen.submissions._watches[1].quiet = 0.0
        room.model(1)
        await room.press("f9")
        await room.until(lambda: room.screen.query_one(ExamPanel).phase == "loading", "the phase")
        room.model(1, content=b"\x89HDF another")
        for _ in range(3):
            room.screen.submissions.look_for_models()
        await room.pilot.pause()
        assert not room.screen.query(Banner)
        service.let_go()
        await room.until(lambda: room.screen.query(Banner), "the offer")


async def test_a_late_word_of_grader_or_program_finds_no_screen_and_does_no_harm(
    app: MockExamApp, running: Attempt
) -> None:
    async with sitting(app, running) as room:
        screen = room.screen
    assert not screen.query("*"), "what is told would have nothing to be shown on"
    screen.parts.show_grader("ready")
    screen.standing.show_problems()
    screen.parts.runs_changed(running=False)
    assert not screen.is_running


async def test_a_model_from_anywhere(app: MockExamApp, running: Attempt, exams: ExamService, tmp_path: Path) -> None:
    model = tmp_path / "from colab.keras"
    model.write_bytes(b"PK model")
    async with sitting(app, running) as room:
        room.screen.action_choose_model()
        await room.until(lambda: isinstance(app.screen, ModelDialog), "the dialog")
        field = app.screen.query_one(Input)
        field.value = str(tmp_path / "nothing.h5")
        await room.press("enter")
        assert "There is nothing at" in room.text
        field.value = str(model)
        await room.press("enter")
        await room.until(lambda: exams.submissions(running.id), "the submission")
        assert exams.submissions(running.id)[0].source == model
        await room.until(lambda: "5/5" in verdict(room), "the verdict")


async def test_what_a_rescue_has_left_is_listed_once_its_name_is_begun(
    app: MockExamApp, running: Attempt, tmp_path: Path
) -> None:
    names = ("mymodel.keras", "unsaved-20261130T141500.keras")
    for name in names:
        (tmp_path / name).write_bytes(b"PK model")
    async with sitting(app, running) as room:
        room.screen.action_choose_model()
        await room.until(lambda: isinstance(app.screen, ModelDialog) and app.screen.query("#path"), "the dialog")
        field = app.screen.query_one("#path", Input)

        def listed() -> list[str]:
            return [Path(str(option.id)).name for option in app.screen.query_one(OptionList).options]

        field.value = f"{tmp_path}/"
        await room.until(lambda: names[0] in listed(), "the list")
        assert names[1] not in listed()
        field.value = f"{tmp_path}/u"
        await room.until(lambda: names[1] in listed(), "the name that was begun")


async def test_a_verdict_is_told_when_the_exam_window_is_closed(app: MockExamApp, running: Attempt) -> None:
    async with sitting(app, running, NARROW) as room:
        room.model(1)
        await room.press("f9")
        await room.until(lambda: any("5/5 tests passed" in one.message for one in app._notifications), "the toast")


async def test_a_model_dropped_on_any_window_is_offered_and_in_the_dialog_takes_the_fields_place(
    app: MockExamApp, running: Attempt, tmp_path: Path, service: FakeService
) -> None:
    first, second = tmp_path / "from Colab.keras", tmp_path / "näher.h5"
    for model in (first, second):
        model.write_bytes(b"\x89HDF model")
    async with sitting(app, running) as room:
        room.screen.query_one(ProjectTree).focus()
        app.post_message(Paste(f"'{first}'"))
        await room.until(lambda: isinstance(app.screen, ModelDialog) and app.screen.query("#path"), "the dialog")
        field = app.screen.query_one("#path", Input)
        await room.until(lambda: field.value == str(first) and field.has_focus, "the first path")
        app.post_message(Paste(f"file://{quote(str(second))}\r\n"))
        await room.until(lambda: field.value == str(second), "the second in its place")
        await room.press("enter")
        await room.until(lambda: service.asked, "a test")
        assert room.screen.category == 1


def saved(room: Room, name: str, at: int) -> Path:
    model = room.model(1, name, content=b"\x89HDF " + name.encode())
    os.utime(model, (at, at))
    return model


@pytest.mark.parametrize(("keys", "taken"), [((), "mymodel.h5"), (("down",), "mymodel (1).h5")])
async def test_which_of_two_models_is_meant_is_asked(
    app: MockExamApp, running: Attempt, exams: ExamService, keys: tuple[str, ...], taken: str
) -> None:
    async with sitting(app, running) as room:
        saved(room, "mymodel.h5", 1_000)
        saved(room, "mymodel (1).h5", 2_000)
        await room.press("f9")
        await room.until(lambda: isinstance(app.screen, Menu) and app.screen.query(OptionList), "the question")
        assert "mymodel (1).h5" in room.text
        assert not exams.submissions(running.id)
        await room.press(*keys, "enter")
        await room.until(lambda: "5/5" in verdict(room), "the verdict")
        assert [one.source.name for one in exams.submissions(running.id)] == [taken]


async def test_the_question_can_be_left(app: MockExamApp, running: Attempt, exams: ExamService) -> None:
    async with sitting(app, running) as room:
        saved(room, "mymodel.h5", 1_000)
        saved(room, "mymodel (1).h5", 2_000)
        await room.press("f9")
        await room.until(lambda: isinstance(app.screen, Menu), "the question")
        await room.press("escape")
        await room.until(lambda: isinstance(app.screen, ExamScreen), "back")
        assert room.screen.query_one(ExamPanel).phase is None
        assert not exams.submissions(running.id)


async def test_a_newer_download_is_offered_by_its_name(app: MockExamApp, running: Attempt, exams: ExamService) -> None:
    async with sitting(app, running) as room:
        room.screen.submissions._watches[1].quiet = 0.0
        model = room.model(1, "mymodel.h5")
        os.utime(model, (1_000, 1_000))
        room.screen.submissions._watches[1].acknowledge()
        room.model(1, "mymodel - 복사본.h5", content=b"\x89HDF newer")
        await room.until(lambda: room.screen.query(Banner), "the offer")
        await room.click(room.screen.query(Banner).first().query(PushButton).first())
        await room.until(lambda: room.submissions(1) and room.submissions(1)[0].verdict is not None, "the verdict")
        await room.until(lambda: not room.screen.submissions.phases, "the end of it")
        assert exams.submissions(running.id)[0].source.name == "mymodel - 복사본.h5"


async def test_a_download_under_way_is_told_and_not_submitted(
    app: MockExamApp, running: Attempt, exams: ExamService
) -> None:
    async with sitting(app, running) as room:
        room.model(1, "mymodel.h5.crdownload")
        await room.press("f9")
        await room.until(lambda: "still being downloaded" in " ".join(verdict(room).split()), "the reason")
        assert not exams.submissions(running.id)


async def test_what_a_shell_command_submitted_is_offered_no_longer(
    app: MockExamApp, running: Attempt, exams: ExamService, clock: FakeClock
) -> None:
    async with sitting(app, running) as room:
        saved = clock.utc.timestamp()
        model = room.model(1)
        os.utime(model, (saved, saved))
        await room.until(lambda: room.screen.query(Banner), "the offer")
        clock.advance(minutes=1)
        exams.submit(running.id, 1)
        await room.until(lambda: not room.screen.query(Banner), "it is taken back")
