"""The process in which a starter or a solution runs while a pack is proven: without a network, and watched."""

from __future__ import annotations

import hashlib
import os
import resource
import runpy
import sys
import time
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from graders.sentences import Words, sentence
from mockexam.packs.workers.child import Report, serve
from mockexam.packs.workers.requests import Ran, RunScript

MOST_ROWS = 200_000  # of the training data, that are remembered
ROWS_SECONDS = 60.0  # to spend on them


@runtime_checkable
class HasArray(Protocol):
    """An array, a tensor or a data frame."""

    def __array__(self) -> Any: ...


@runtime_checkable
class Indexed(Protocol):
    """Batches by their number, as keras.utils.PyDataset has them."""

    def __len__(self) -> int: ...

    def __getitem__(self, number: int, /) -> Any: ...


class Watch:
    """Remembers the rows that a model is trained on, to be compared with the hidden ones."""

    def __init__(self) -> None:
        self.rows: set[bytes] = set()
        self.looked_at = 0

    def attach(self) -> None:
        """Look at what every `Model.fit` is given from here on."""
        import keras

        stock = keras.Model.fit

        def fit(model: Any, x: Any = None, *args: Any, **options: Any) -> Any:
            self.look(x)
            validation = options.get("validation_data")
            self.look(validation[0] if isinstance(validation, tuple) else validation)
            return stock(model, x, *args, **options)

        keras.Model.fit = fit

    def look(self, data: Any) -> None:
        """Remember the rows of arrays, of data sets and of anything that yields batches."""
        deadline = time.monotonic() + ROWS_SECONDS
        for batch in _batches(data):
            for row in batch:
                self.rows.add(print_of(row))
                self.looked_at += 1
            if self.looked_at > MOST_ROWS or time.monotonic() > deadline:
                return


def print_of(row: Any) -> bytes:
    """What identifies one example: its numbers as float32, rounded to five decimals; texts unchanged."""
    import numpy as np

    array = np.asarray(row)
    if array.dtype.kind not in "SUO":
        array = np.round(array.astype(np.float32), 5) + np.float32(0)  # no negative zeros
    return hashlib.blake2b(array.tobytes(), digest_size=16).digest()


def _batches(data: Any) -> Iterator[Any]:
    import numpy as np

    if data is None:
        return
    if isinstance(data, HasArray):
        yield np.asarray(data)
    elif isinstance(data, Indexed) and not isinstance(data, (list, tuple)):
        yield from (_inputs(data[number]) for number in range(len(data)))
    elif isinstance(data, Iterable) and not isinstance(data, (list, tuple, dict)):
        for element in data:
            inputs = _inputs(element)
            # A data set that wasn't batched yields single examples; each is a row of a batch of one.
            yield inputs if inputs.ndim > 0 else inputs[None]


def _inputs(element: Any) -> Any:
    import numpy as np

    return np.asarray(element[0] if isinstance(element, tuple) else element)


def overlap(hidden: Path, rows: set[bytes]) -> tuple[int, int]:
    """How many hidden inputs are among `rows`, and how many there are; constant inputs say nothing and don't count."""
    import numpy as np

    with np.load(hidden, allow_pickle=False) as arrays:
        inputs = arrays["inputs"]
    telling = [row for row in inputs if row.dtype.kind in "SU" or row.size == 1 or np.ptp(row) > 0]
    return sum(print_of(row) in rows for row in telling), len(inputs)


def work(request: RunScript, report: Report) -> Ran:
    """Run the script as a candidate would; what it raises is part of the answer."""
    script, watch = request.script, Watch()
    os.chdir(script.parent)
    report(0.0, sentence("Running {script}", script=script.name))
    import keras

    keras.utils.set_random_seed(request.seed)
    if request.hidden is not None:
        watch.attach()
    sys.argv = [str(script)]
    sys.path.insert(0, str(script.parent))
    began = time.monotonic()
    error: Words | None = None
    used = resource.getrusage(resource.RUSAGE_SELF)
    try:
        runpy.run_path(str(script), run_name="__main__")
    except SystemExit as ending:
        error = None if ending.code in (None, 0) else str(ending.code)
    except Exception as raised:
        error = _said_of(raised, script.parent)
    now = resource.getrusage(resource.RUSAGE_SELF)
    known, of = overlap(request.hidden, watch.rows) if request.hidden is not None else (0, 0)
    return Ran(
        error=error,
        seconds=time.monotonic() - began,
        processor_seconds=now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime,
        models=tuple(sorted(path.name for path in script.parent.glob("mymodel*") if not path.name.endswith(".py"))),
        trained_rows=watch.looked_at,
        hidden_rows=of,
        hidden_rows_trained_on=known,
    )


def _said_of(raised: Exception, folder: Path) -> Words:
    """An exception in words, with the last line in the scripts in `folder` that it passed through."""
    said = f"{type(raised).__name__}: {raised}"
    frames = [x for x in traceback.extract_tb(raised.__traceback__) if Path(x.filename).parent == folder]
    if not frames:
        return said
    file, line = Path(frames[-1].filename).name, frames[-1].lineno
    return sentence("{error} ({file}, line {line})", error=said, file=file, line=line)


if __name__ == "__main__":
    serve(work, RunScript)
