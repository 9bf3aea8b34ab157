"""What the reader tells beside the fixes of a finding."""

from __future__ import annotations

import msgspec

from mockexam.inspections.findings import Edit, Finding


class Everywhere(msgspec.Struct, frozen=True):
    """The edits that make one fix in `count` places of a text at once; `name` is that of the fix."""

    name: str
    count: int
    edits: tuple[Edit, ...]


class Offer(msgspec.Struct, frozen=True):
    """A finding, told in full; the edit that has it ignored, where a comment can stand; its fixes in the whole text."""

    finding: Finding
    ignoring: Edit | None
    everywhere: tuple[Everywhere, ...]
