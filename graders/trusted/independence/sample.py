"""The rows that a model is asked about alone, chosen anew for each submission, so that no file can know them."""

from __future__ import annotations

import random
import secrets
from typing import NamedTuple

from graders.trusted.independence.order import Order

ROWS = 32
"""How many: a model that cheats on a share s of the rows stays unseen with probability (1 - s) ** ROWS."""

MOST_TOGETHER = 8


class Sample(NamedTuple):
    """Rows by their place among the labels, and how many of them are asked in one call, call by call."""

    rows: tuple[int, ...]
    together: tuple[int, ...]


def draw(rows: int, order: Order | None, chance: random.Random | None = None) -> Sample:
    """Choose from so many rows; those with an order in time are asked in small groups that lie far apart."""
    chance = chance or secrets.SystemRandom()
    chosen = chance.sample(range(rows), min(ROWS, rows))
    if order is None:
        return Sample(tuple(chosen), (len(chosen),))
    groups: list[list[int]] = []
    for row in chosen:
        fitting = (group for group in groups if len(group) < MOST_TOGETHER and _apart(row, group, order))
        group = next(fitting, None)
        groups.append([row]) if group is None else group.append(row)
    return Sample(tuple(row for group in groups for row in group), tuple(len(group) for group in groups))


def _apart(row: int, group: list[int], order: Order) -> bool:
    return all(abs(order.times[row] - order.times[other]) > order.apart for other in group)
