"""Whether models may be opened without the full lock: a choice of whoever grades files of others."""

from __future__ import annotations

import os
from typing import cast

from mockexam.errors import RefusalError
from mockexam.store.settings import CHOICES, Isolation, Settings

VARIABLE = "MOCKEXAM_ISOLATION"


def chosen(settings: Settings) -> Isolation:
    """What MOCKEXAM_ISOLATION says, else what the settings say.

    Raises RefusalError for a word that is neither of the two: a typing error must not open the door.
    """
    told = os.environ.get(VARIABLE)
    if not told:
        return settings.isolation
    if told in CHOICES:
        return cast(Isolation, told)
    expected = f"{' or '.join(CHOICES)} as isolation"
    raise RefusalError(expected, f"{told[:60]!r} in {VARIABLE}", "Set it to one of the two, or unset it.", kind="usage")
