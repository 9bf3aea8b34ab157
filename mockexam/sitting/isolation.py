"""Whether models may be opened without the full lock: a choice of whoever grades files of others."""

from __future__ import annotations

import json
import os
from typing import Literal, cast

from mockexam.errors import RefusalError
from mockexam.store.home import Home

Isolation = Literal["best", "required"]
CHOICES = ("best", "required")
VARIABLE = "MOCKEXAM_ISOLATION"
SETTING = "isolation"


def chosen(home: Home) -> Isolation:
    """What MOCKEXAM_ISOLATION says, else the `isolation` of settings.json, else "best".

    Raises RefusalError for a word that is neither of the two: a typing error must not open the door.
    """
    told = os.environ.get(VARIABLE)
    where, value = (VARIABLE, told) if told else (str(home.config / "settings.json"), _setting(home))
    if value in CHOICES:
        return cast(Isolation, value)
    raise RefusalError(
        f"{' or '.join(CHOICES)} as isolation", f"{str(value)[:60]!r} in {where}", "Correct it there.", kind="usage"
    )


def _setting(home: Home) -> object:
    try:
        values = json.loads((home.config / "settings.json").read_text("utf-8"))
    except (OSError, ValueError):
        return "best"
    return values.get(SETTING, "best") if isinstance(values, dict) else "best"
