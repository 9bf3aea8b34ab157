"""Operations that a SavedModel's graph runs and TensorFlow doesn't have: they are machine code of another library."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tensorflow.python.framework import op_def_registry

from graders.child.refusal import Refusal
from graders.sentences import Words, sentence

LIBRARIES = {
    "Addons>": "tensorflow_addons",
    "IO>": "tensorflow_io",
    "SimpleML": "tensorflow_decision_forests",
    "Sentencepiece": "tensorflow_text",
    "Wordpiece": "tensorflow_text",
    "FastWordpiece": "tensorflow_text",
    "FastBert": "tensorflow_text",
    "FastSentencepiece": "tensorflow_text",
    "RegexSplit": "tensorflow_text",
    "CaseFold": "tensorflow_text",
    "NormalizeUTF8": "tensorflow_text",
    "ConstrainedSequence": "tensorflow_text",
    "MaxSpanningTree": "tensorflow_text",
    "NgramsStringJoin": "tensorflow_text",
    "RougeL": "tensorflow_text",
    "SplitMergeTokenize": "tensorflow_text",
    "TFText>": "tensorflow_text",
    "UnicodeScriptTokenize": "tensorflow_text",
    "WhitespaceTokenize": "tensorflow_text",
    "TRTEngine": "TensorRT",
    "HorovodAllreduce": "horovod",
}
"""Libraries by how the names of their operations begin."""


def refuse_missing_operations(proto: Any) -> None:
    """Raise Refusal when a graph runs operations that TensorFlow doesn't have: they are code of another library."""
    missing = sorted({name for name in _operations(proto) if op_def_registry.get(name) is None})
    if not missing:
        return
    library = next((LIBRARIES[start] for name in missing for start in LIBRARIES if name.startswith(start)), None)
    named = {"names": ", ".join(name[:60] for name in missing[:3]), "library": library or ""}
    found: Words = (
        sentence("operations of the library {library}, which the file doesn't hold: {names}", **named)
        if library
        else sentence("operations that TensorFlow doesn't have and the file doesn't hold: {names}", **named)
    )
    advice = sentence(
        "Do that step in the data pipeline, or with layers that come with Keras (TextVectorization for text), and "
        "train and save again."
    )
    raise Refusal("load", "operations-missing", sentence("a graph of TensorFlow's own operations"), found, advice)


def _operations(proto: Any) -> Iterator[str]:
    for graph in proto.meta_graphs:
        functions = {function.signature.name for function in graph.graph_def.library.function}
        nodes = [graph.graph_def.node, *(function.node_def for function in graph.graph_def.library.function)]
        for part in nodes:
            yield from (node.op for node in part if node.op not in functions)
