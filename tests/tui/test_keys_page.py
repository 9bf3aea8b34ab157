"""docs/keys.md says what the key table says."""

from __future__ import annotations

import runpy
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_keys_page_is_current() -> None:
    generator = runpy.run_path(str(DOCS / "generate_keys.py"))
    assert (DOCS / "keys.md").read_text("utf-8") == generator["page"](), "run `python docs/generate_keys.py`"
