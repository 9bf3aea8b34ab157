"""Starts the parts, leaves no trace on the path, and runs the `sitecustomize` that is next on it.

Any Python that the program starts reads this file, so its syntax is that of all of them, Python 2's too.
"""

import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
# Kept by this name: Python 2 empties a module that nothing holds while it runs.
ours = sys.modules.pop(__name__)
try:
    if sys.version_info >= (3, 7):
        import mockexam_preload

        mockexam_preload.start()
except Exception:  # noqa: S110 - without the parts the program still runs; there is no log to tell it to
    pass
finally:
    sys.path[:] = [entry for entry in sys.path if entry != here]
    sys.path_importer_cache.pop(here, None)
# Where there is none, `site` gets the same ImportError as without us; where it fails, the same failure.
__import__(__name__)
