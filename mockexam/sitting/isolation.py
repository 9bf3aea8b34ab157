"""Whether models may be opened without the full lock: a choice for whoever grades other people's files."""

from __future__ import annotations

import os
from typing import cast

from graders.sentences import sentence
from mockexam.errors import RefusalError
from mockexam.store.settings import CHOICES, Isolation, Settings

VARIABLE = "MOCKEXAM_ISOLATION"


def chosen(settings: Settings) -> Isolation:
    """What MOCKEXAM_ISOLATION says, else what the settings say.

    Raises RefusalError for an unknown word: a typing error must not weaken the lock.
    """
    told = os.environ.get(VARIABLE)
    if not told:
        return settings.isolation
    if told in CHOICES:
        return cast(Isolation, told)
    one, other = CHOICES
    raise RefusalError(
        sentence("{one} or {other} as isolation", one=one, other=other),
        sentence("{value} in {variable}", value=repr(told[:60]), variable=VARIABLE),
        sentence("Set it to one of the two, or unset it."),
        kind="usage",
    )
