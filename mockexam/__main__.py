"""`python -m mockexam`."""

from __future__ import annotations

import sys

from mockexam.cli import main

if __name__ == "__main__":
    sys.exit(main())
