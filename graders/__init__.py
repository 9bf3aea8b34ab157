"""The grader: takes a model file and a task, returns a verdict. Knows nothing of exams.

`graders.grade(...)` grades one file; a warm `graders.Service` grades many.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graders.client.service import Service as Service
    from graders.client.service import grade as grade
    from graders.client.service import isolation_report as isolation_report
    from graders.contract import Contract as Contract
    from graders.contract import Limits as Limits
    from graders.contract import Scoring as Scoring
    from graders.contract import Task as Task
    from graders.contract import Threshold as Threshold
    from graders.verdict import Phase as Phase
    from graders.verdict import Reason as Reason
    from graders.verdict import Receipt as Receipt
    from graders.verdict import TestScore as TestScore
    from graders.verdict import Verdict as Verdict

_PUBLIC = {
    **dict.fromkeys(("Threshold", "Contract", "Limits", "Scoring", "Task"), "graders.contract"),
    **dict.fromkeys(("Service", "grade", "isolation_report"), "graders.client.service"),
    **dict.fromkeys(("Phase", "Reason", "Receipt", "TestScore", "Verdict"), "graders.verdict"),
}

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> Any:
    # On demand, so that the process that opens models carries nothing of the service.
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_PUBLIC[name]), name)
