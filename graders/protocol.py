"""What the application and the supervisor say to each other: one JSON object a line."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from graders.contract import Task
from graders.verdict import Phase, Verdict


class Setup(msgspec.Struct, frozen=True, kw_only=True, tag="setup"):
    """The first line to a supervisor. `scratch` is a private folder, deleted by whoever outlives the other."""

    scratch: bytes
    required: bool
    slots: int
    cold: bool = False  # a process of its own for each submission, as where there is no Linux


class Grade(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="grade"):
    """Grade a model. Paths are bytes, because file names need not be text; the task's own `hidden` is empty.

    `told` is how much of what a model says once it has seen the hidden rows may be told: all of it, which helps whoever
    mends the model, or codes only, where nobody may learn of the rows that way.
    """

    id: int
    model: bytes
    hidden: bytes
    task: Task
    key: str
    press: int
    told: Literal["all", "codes"] | msgspec.UnsetType = msgspec.UNSET  # unset is "all"


class Cancel(msgspec.Struct, frozen=True, kw_only=True, tag="cancel"):
    """Stop grading; a verdict comes all the same."""

    id: int


class StateChanged(msgspec.Struct, frozen=True, kw_only=True, tag="state"):
    """The warm process is "warming", "ready" or "broken"."""

    state: str
    isolation: dict[str, Any]
    fault: str = ""


class PhaseReached(msgspec.Struct, frozen=True, kw_only=True, tag="phase"):
    """A submission has reached a phase."""

    id: int
    phase: Phase


class Done(msgspec.Struct, frozen=True, kw_only=True, tag="done"):
    """A submission's verdict."""

    id: int
    verdict: Verdict


Order = Setup | Grade | Cancel
Event = StateChanged | PhaseReached | Done

encode = msgspec.json.Encoder().encode
decode_order = msgspec.json.Decoder(Order).decode
decode_event = msgspec.json.Decoder(Event).decode
