"""Every parser of a stranger's file against files that were changed with a knowledge of their structure.

`targets` names the parsers, `mutators` and `containers` change what the product itself has written, `worker` is the
process in which that happens, within limits of time, memory and output. A case is known by its target and number:

    python -m tests.fuzzing.worker TARGET FIRST COUNT

`test_parsers.py` runs a bounded number of them; `pytest -m soak tests/fuzzing` many.
"""
