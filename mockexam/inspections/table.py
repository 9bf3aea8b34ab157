"""Every pattern that is known, in the order in which the page lists them."""

from __future__ import annotations

from mockexam.inspections.pattern import Pattern

PATTERNS: tuple[Pattern, ...] = ()
