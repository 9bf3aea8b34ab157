"""The parsers by name; each target makes its honest files once, and `run` gives a changed one to the parser.

`run` returns whatever would be said to people. An exception that the parser documents is part of that; any other leaves
`run`, which is a finding.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tests.fuzzing import models, packs, programs, records, transfers
from tests.fuzzing.target import Make

TARGETS: Mapping[str, Make] = MappingProxyType(
    {**packs.TARGETS, **transfers.TARGETS, **records.TARGETS, **models.TARGETS, **programs.TARGETS}
)
