"""A comment at the end of a line leaves out what is told of it, all or by name."""

from __future__ import annotations

import pytest

from mockexam.inspections.comments import ignore_edit
from mockexam.inspections.edits import applied
from mockexam.inspections.inspection import inspect

HEAD = "import tensorflow as tf\n"


def told(source: str) -> list[str]:
    return [one.pattern for one in inspect(source, keras=3, modules=frozenset(("tensorflow",)), project=None)]


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("tf.keras.optimizers.Adam(lr=1)", ["optimizer-lr"]),
        ("tf.keras.optimizers.Adam(lr=1)  # mockexam: ignore", []),
        ("tf.keras.optimizers.Adam(lr=1)  # why  # mockexam:ignore[ optimizer-lr ]", []),
        ("tf.keras.optimizers.Adam(lr=1)  # mockexam: ignore[other]", ["optimizer-lr"]),
        ("tf.keras.optimizers.Adam(lr=1, decay=1)  # mockexam: ignore[optimizer-lr]", ["optimizer-decay"]),
        ("tf.keras.optimizers.Adam(lr=1, decay=1)  # mockexam: ignore[optimizer-lr, optimizer-decay]", []),
        ("tf.keras.optimizers.Adam(lr=1), '# mockexam: ignore'", ["optimizer-lr"]),
        ("# mockexam: ignore\ntf.keras.optimizers.Adam(lr=1)", ["optimizer-lr"]),
        ("import hub  # mockexam: ignore[missing-package]", []),
    ],
)
def test_a_comment_leaves_out(line: str, left: list[str]) -> None:
    assert told(HEAD + line + "\n") == left


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("tf.keras.optimizers.Adam(lr=1)", "tf.keras.optimizers.Adam(lr=1)  # mockexam: ignore[optimizer-lr]"),
        ("tf.keras.optimizers.Adam(lr=1)   ", "tf.keras.optimizers.Adam(lr=1)  # mockexam: ignore[optimizer-lr]"),
        ("tf.keras.optimizers.Adam(lr=1)  # 률",
         "tf.keras.optimizers.Adam(lr=1)  # 률  # mockexam: ignore[optimizer-lr]"),
        ("tf.keras.optimizers.Adam(lr=1)  # mockexam: ignore[x]",
         "tf.keras.optimizers.Adam(lr=1)  # mockexam: ignore[x, optimizer-lr]"),
        ("tf.keras.optimizers.Adam(\n    lr=1\n)",
         "tf.keras.optimizers.Adam(\n    lr=1  # mockexam: ignore[optimizer-lr]\n)"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("newline", ["\n", "\r\n", ""])
def test_the_comment_is_written(line: str, after: str, newline: str) -> None:
    source = HEAD + line + newline
    finding = inspect(source, keras=3, modules=None, project=None)[0]
    edit = ignore_edit(source, finding)
    assert edit is not None
    changed = applied(source, [edit], finding.digest)
    assert changed == HEAD + after + newline
    assert told(changed) == []
    compile(changed, "starter.py", "exec")


@pytest.mark.parametrize(
    "line", ["tf.keras.optimizers.Adam(lr=1) \\\n    .build(1)", "f'''{tf.keras.optimizers.Adam(lr=1)}\n'''"]
)
def test_no_comment_is_offered_where_none_can_stand(line: str) -> None:
    source = HEAD + line + "\n"
    finding = inspect(source, keras=3, modules=None, project=None)[0]
    assert ignore_edit(source, finding) is None
