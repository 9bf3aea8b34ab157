"""What the rules for names allow with the installed Keras and TensorFlow, as lists that are kept beside this module.

    python -m tests.graders.child.allowed.listing

writes them anew, after a release has changed something; what came or went is to be read before it is committed.
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent


def lists() -> dict[str, list[str]]:
    """The names in each list: classes, functions of Keras 3, names in TensorFlow's interface, and operations."""
    from graders.child.checking import classes, functions, operations

    registered = operations.registered()
    refused = {name for name in registered if operations.reason_against(name) is not None}
    return {
        "classes": sorted(set(classes.allowed().values())),
        "functions": sorted(functions.allowed_3().values()),
        "symbols": sorted(functions.allowed_symbols()),
        "stateful": sorted(name for name, stateful in registered.items() if stateful and name not in refused),
        "stateless": sorted(name for name, stateful in registered.items() if not stateful and name not in refused),
        "refused": sorted(refused),
    }


def absent() -> list[str]:
    """The exceptions to the rules that are of nothing: a release has dropped or moved what they name."""
    from tensorflow.python.util import tf_export

    from graders.child.checking import classes, functions

    outside = set(classes.OUTSIDE) - set(classes.allowed().values())
    symbols = {name for names in functions.REFUSED.values() for name in names}
    return sorted(outside | {name for name in symbols if tf_export.get_symbol_from_name(name) is None})


def kept(name: str) -> list[str]:
    """A list as it is kept."""
    return (FOLDER / f"{name}.txt").read_text("utf-8").splitlines()


def main() -> None:
    """Write all lists."""
    for name, names in lists().items():
        (FOLDER / f"{name}.txt").write_text("\n".join(names) + "\n", "utf-8")


if __name__ == "__main__":
    main()
