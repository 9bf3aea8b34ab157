"""Started as our own processes are: imports the modules named as arguments and prints what is then imported."""

from __future__ import annotations

import importlib
import json
import sys


def main() -> None:
    for name in sys.argv[2:]:
        importlib.import_module(name)
    print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
