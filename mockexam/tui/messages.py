"""Messages from a screen to the app. A widget's own messages are nested in the widget."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from textual.message import Message


class ExamEnded(Message):
    """The exam screen is done: the candidate ended the exam, or the clock did."""

    def __init__(self, attempt_id: str, reason: Literal["candidate", "time"]) -> None:
        self.attempt_id = attempt_id
        self.reason = reason
        super().__init__()


class ExamMoved(Message):
    """The attempt on the exam screen was exported, to continue elsewhere, by a command in another window."""

    def __init__(self, exported_at: datetime) -> None:
        self.exported_at = exported_at
        super().__init__()
