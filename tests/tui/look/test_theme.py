"""The themes: complete, legible, and plain where a terminal has few colours."""

from __future__ import annotations

import pytest
from textual.color import Color

from mockexam.sitting.service import ExamService
from mockexam.store.settings import Settings
from mockexam.tui.app import MockExamApp
from mockexam.tui.look import theme
from tests.sitting.fakes import FakeClock, FakeService
from tests.tui.conftest import Reading, Until

COLOURFUL = [look for look in theme.LOOKS.values() if not look.ansi]


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio of two hex colours."""

    def luminance(colour: Color) -> float:
        parts = [value / 255 for value in (colour.r, colour.g, colour.b)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(Color.parse(one)), luminance(Color.parse(other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("look", theme.LOOKS.values(), ids=lambda look: look.name)
def test_every_theme_names_every_role(look: theme.Look) -> None:
    assert look.chrome.keys() == theme.LOOKS[theme.DEFAULT].chrome.keys()
    assert look.code.keys() == theme.LOOKS[theme.DEFAULT].code.keys()


@pytest.mark.parametrize("look", COLOURFUL, ids=lambda look: look.name)
def test_text_can_be_read(look: theme.Look) -> None:
    role = look.chrome
    for ground in ("editor", "chrome"):
        assert contrast(role["text-strong"], role[ground]) >= 7
        assert contrast(role["text-body"], role[ground]) >= 4.5
        assert contrast(role["text-soft"], role[ground]) >= 4.5
        assert contrast(role["text-faint"], role[ground]) >= 2.6
    assert contrast(role["text-strong"], role["selection"]) >= 4
    assert contrast(look.code["text"], role["editor"]) >= 6.5


def test_high_contrast_is_high() -> None:
    role = theme.LOOKS["mockexam-contrast"].chrome
    for text in ("text-strong", "text-body", "text-soft", "text-faint", "link", "run", "stop", "amber"):
        assert contrast(role[text], role["editor"]) >= 7, text


@pytest.mark.parametrize(
    ("wanted", "system", "used"),
    [
        (None, "truecolor", "mockexam-dark"),
        ("mockexam-light", "256", "mockexam-light"),
        ("no-such-theme", "truecolor", "mockexam-dark"),
        ("mockexam-light", "standard", "mockexam-ansi"),
        (None, None, "mockexam-ansi"),
    ],
)
def test_few_colours_take_the_terminals_own(wanted: str | None, system: str | None, used: str) -> None:
    assert theme.fitting(wanted, system) == used


def test_no_color_takes_the_terminals_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert theme.fitting("mockexam-light", "truecolor") == "mockexam-ansi"


@pytest.mark.parametrize("name", theme.LOOKS)
async def test_every_theme_can_be_worn_while_the_app_runs(app: MockExamApp, name: str) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        app.theme = name
        await pilot.pause()
        assert app.screen.query_one("#rail").is_on_screen
        assert theme.editor_theme(app).name == name


@pytest.mark.usefixtures("app")
async def test_without_colour_no_cell_has_one(
    monkeypatch: pytest.MonkeyPatch, exams: ExamService, clock: FakeClock, service: FakeService, until: Until
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = MockExamApp(lambda: exams, clock, lambda: service)  # type: ignore[arg-type,return-value]
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.office_open.is_set())
        strips = app.screen._compositor.render_strips()
        for strip in strips:
            filtered = strip
            for line_filter in app._filters:
                if line_filter.enabled:
                    filtered = filtered.apply_filter(line_filter, Color(0, 0, 0))
            for segment in filtered:
                style = segment.style
                assert style is None or style.color is None or style.color.is_default
                assert style is None or style.bgcolor is None or style.bgcolor.is_default
        # What is chosen must still be seen.
        assert any(segment.style and segment.style.reverse for strip in strips for segment in strip)


async def test_chosen_theme_is_remembered(app: MockExamApp, until: Until, reading: Reading) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        app.action_themes()
        await until(pilot, lambda: "High contrast" in reading(pilot))
        await pilot.press("down", "enter")
        await until(pilot, lambda: not app.screen.is_modal)
        assert app.theme == "mockexam-light"
        await until(pilot, lambda: Settings(app.settings.path).get("theme") == "mockexam-light")


async def test_escape_goes_back_to_the_theme_before(app: MockExamApp, until: Until, reading: Reading) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        app.action_themes()
        await until(pilot, lambda: "High contrast" in reading(pilot))
        await pilot.press("down", "down")
        assert app.theme == "mockexam-darcula"
        await pilot.press("escape")
        await until(pilot, lambda: not app.screen.is_modal)
        assert app.theme == "mockexam-dark"
        assert app.settings.get("theme") is None
