"""Every pattern that is known, in the order in which the page lists them."""

from __future__ import annotations

from mockexam.inspections.pattern import Pattern
from mockexam.inspections.patterns.layers import LAYERS
from mockexam.inspections.patterns.libraries import LIBRARIES
from mockexam.inspections.patterns.lists import LISTS
from mockexam.inspections.patterns.metrics import METRICS_AND_LOSSES
from mockexam.inspections.patterns.models import MODELS
from mockexam.inspections.patterns.moved import MOVED_MODULES
from mockexam.inspections.patterns.optimizers import OPTIMIZERS
from mockexam.inspections.patterns.saving import SAVING
from mockexam.inspections.patterns.tensorflow_1 import TENSORFLOW_1
from mockexam.inspections.patterns.training import TRAINING

PATTERNS: tuple[Pattern, ...] = (
    *OPTIMIZERS,
    *METRICS_AND_LOSSES,
    *LISTS,
    *TRAINING,
    *LAYERS,
    *MODELS,
    *SAVING,
    *MOVED_MODULES,
    *LIBRARIES,
    *TENSORFLOW_1,
)
BY_ID = {pattern.id: pattern for pattern in PATTERNS}
