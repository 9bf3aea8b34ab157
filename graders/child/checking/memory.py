"""What a model could remember from one call to the next, by the operations of its graph.

A graph without any operation that keeps something is a function: what it answers depends on what it is asked and on
nothing else. TensorFlow marks every operation that may keep something as stateful; these are told apart here.
"""

from __future__ import annotations

from typing import Any

from tensorflow.python.framework import op_def_registry

from graders.contract import Memory

# Marked as stateful, and yet without a memory.
HARMLESS = frozenset({
    # They read what others wrote: without an operation that writes, always the same.
    "ReadVariableOp", "ResourceGather", "ResourceGatherNd", "VariableShape", "VarIsInitializedOp", "VarHandleOp",
    "LookupTableFind", "LookupTableFindV2", "LookupTableSize", "LookupTableSizeV2", "HashTable", "HashTableV2",
    # They run functions, whose operations are looked at like all others.
    "StatefulPartitionedCall", "If", "While", "Case",
    # They end the call or do nothing.
    "Assert",
    # Arrays that live for one call.
    "TensorArrayV3", "TensorArrayReadV3", "TensorArrayWriteV3", "TensorArrayGatherV3", "TensorArrayScatterV3",
    "TensorArraySizeV3", "TensorArrayCloseV3", "TensorArrayConcatV3", "TensorArraySplitV3",
})  # fmt: skip

# They change variables, which can be restored; random numbers of TensorFlow's generators are such changes.
VARIABLES = frozenset({
    "AssignVariableOp", "AssignAddVariableOp", "AssignSubVariableOp", "ResourceStridedSliceAssign",
    "ResourceScatterAdd", "ResourceScatterDiv", "ResourceScatterMax", "ResourceScatterMin", "ResourceScatterMul",
    "ResourceScatterSub", "ResourceScatterUpdate", "ResourceScatterNdAdd", "ResourceScatterNdMax",
    "ResourceScatterNdMin", "ResourceScatterNdSub", "ResourceScatterNdUpdate", "RngReadAndSkip", "RngSkip",
    "StatefulRandomBinomial", "StatefulStandardNormal", "StatefulStandardNormalV2", "StatefulTruncatedNormal",
    "StatefulUniform", "StatefulUniformFullInt", "StatefulUniformInt",
})  # fmt: skip

# They remember how many random numbers they have drawn, and nothing else.
RANDOM = frozenset({
    "RandomUniform", "RandomUniformInt", "RandomStandardNormal", "TruncatedNormal", "ParameterizedTruncatedNormal",
    "RandomGamma", "RandomPoisson", "RandomPoissonV2", "RandomShuffle", "Multinomial",
})  # fmt: skip


def memory_of(graph: Any) -> Memory:
    """What the graph of a traced function could remember; it counts what its functions do, called or not."""
    operations = _operations(graph)
    kept = {name for name in operations if _is_stateful(name)} - HARMLESS
    if MISSING in operations or kept - VARIABLES - RANDOM:
        return "anything"
    if kept & VARIABLES:
        # A handle that the graph makes itself leads to a variable that nobody outside could restore.
        return "anything" if "VarHandleOp" in operations else "variables"
    return "random" if kept else "nothing"


MISSING = ""
"""In the place of the operations of a function that is called but isn't there."""


def _operations(graph: Any) -> set[str]:
    whole = graph.as_graph_def()
    functions = {function.signature.name: function for function in whole.library.function}
    nodes = [*whole.node, *(node for function in functions.values() for node in function.node_def)]
    names = {node.op for node in nodes}
    called = {name for node in nodes for value in node.attr.values() for name in _functions(value)}
    # Before TensorFlow 2, and for operations of its own, a function's name is an operation.
    if not called <= functions.keys():
        names.add(MISSING)
    return names - functions.keys()


def _functions(value: Any) -> list[str]:
    kind = value.WhichOneof("value")
    if kind == "func":
        return [value.func.name]
    return [function.name for function in value.list.func] if kind == "list" else []


def _is_stateful(name: str) -> bool:
    known = op_def_registry.get(name)
    return known is None or bool(known.is_stateful)
