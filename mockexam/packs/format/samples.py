"""Small complete files: their values stand in for faulty ones while the rest of a file is examined."""

from __future__ import annotations

from typing import Any

from mockexam.exam import form

PACK: dict[str, Any] = {
    "format": 1,
    "id": "sample",
    "title": "Sample",
    "version": "1.0.0",
    "license": "Apache-2.0",
    "authors": ["Somebody"],
    "form": {
        "minutes": form.MINUTES,
        "pass_mark": form.PASS_MARK,
        "weights": {str(form.FIRST): 100},
        "counts": "last",
        "retake_days": [14],
        "retake": "shown",
        "metric_shown": "value",
    },
    "programs": {"keras": 3, "others": True, "advice": "all", "rescue": True},
}

# untranslated: TOML, as examples of the keys
PROBLEM: dict[str, Any] = {
    "format": 1,
    "id": "sample",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "category": form.FIRST,
    "title": "Sample",
    "skills": ["Train a model"],
    "difficulty": 1,
    "minutes": 1,
    "target": "a mean absolute error of at most 1",
    "contract": {"input_shape": [1], "output_shape": [1]},
    "scoring": {"bars": [{"metric": "mae", "at_most": 1.0}]},
    "data": {"kind": "files", "source": "drawn", "license": "CC0-1.0"},
}
