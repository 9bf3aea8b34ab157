"""Opens the app on this terminal, with the services that a user's machine has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockexam.store.settings import Settings
from mockexam.tui.app import MockExamApp
from mockexam.tui.garbage import Garbage
from mockexam.tui.launch_options import LaunchOptions

if TYPE_CHECKING:
    from graders.client.service import Service
    from mockexam.sitting.service import ExamService
    from mockexam.store.home import Home


def run(options: LaunchOptions | None = None, home: Home | None = None) -> int:
    """Open the app on this terminal until it is left; returns the exit code.

    Raises RefusalError, before anything is drawn, for settings that make no sense.
    """
    from mockexam.sitting import isolation
    from mockexam.sitting.system_clock import SystemClock
    from mockexam.store.home import Home

    place = home or Home.default()
    clock = SystemClock()
    settings = Settings(place.settings)
    wanted = isolation.chosen(settings)

    def exams() -> ExamService:
        from mockexam.sitting.service import ExamService

        return ExamService(place, clock)

    def service() -> Service:
        from graders import Service

        return Service(wanted)

    app = MockExamApp(exams, clock, service, settings, options or LaunchOptions())
    app.garbage = Garbage()
    try:
        code = app.run()
    finally:
        app.stop_service()
        app.close_exams()
    return app.return_code or code or 0
