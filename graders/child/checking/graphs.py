"""Hold the graphs of a SavedModel to the rule for operations, before TensorFlow loads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from graders.child.checking import operations
from graders.sentences import Sentence

_TABLE_FROM_FILE = ("InitializeTableFromTextFile", "InitializeTableFromTextFileV2")


class Forbidden(NamedTuple):
    """An operation that a graph may not hold, and why."""

    operation: str
    why: Sentence


def forbidden(saved_model: Any) -> Iterator[Forbidden]:
    """Yield the operations in a SavedModel (the protocol buffer) that no graph may hold.

    What only saves and restores the model may read and write checkpoints: nothing here calls it.
    """
    for graph in saved_model.meta_graphs:
        functions = {each.signature.name: each.node_def for each in graph.graph_def.library.function}
        nodes = {node.name: node for node in graph.graph_def.node}
        saving = _ancestors(_savers(graph), nodes) - _ancestors(_called(graph), nodes)
        run = [node for name, node in nodes.items() if name not in saving]
        reached = _reached(run, functions) | _reached_by_name(graph.object_graph_def.concrete_functions, functions)
        for node in (*run, *(node for name in reached for node in functions[name])):
            yield from _judged(node, graph, frozenset())
        others = [node for name in functions.keys() - reached for node in functions[name]]
        for node in (*(nodes[name] for name in saving), *others):
            yield from _judged(node, graph, operations.SAVING)


def stray_assets(saved_model: Any) -> Iterator[str]:
    """Yield the names of assets that don't lie in the model's own folder of assets."""
    for graph in saved_model.meta_graphs:
        for asset in graph.asset_file_def:
            if asset.filename in ("", ".", "..") or "/" in asset.filename or "\\" in asset.filename:
                yield asset.filename


def _judged(node: Any, graph: Any, besides: frozenset[str]) -> Iterator[Forbidden]:
    why = operations.reason_against(node.op)
    if why is None or node.op in besides:
        return
    if node.op in _TABLE_FROM_FILE and graph.asset_file_def:
        return  # a vocabulary among the model's own assets
    if node.op == "PrintV2" and not node.attr["output_stream"].s.startswith(b"file:"):
        return  # it prints to the child's own output
    yield Forbidden(node.op, why)


def _savers(graph: Any) -> list[str]:
    saver = graph.saver_def
    return [saver.filename_tensor_name, saver.save_tensor_name, saver.restore_op_name]


def _called(graph: Any) -> Iterator[str]:
    """The tensors and operations that are asked for: signatures, and what initialises the model."""
    for signature in graph.signature_def.values():
        for tensor in (*signature.outputs.values(), *signature.inputs.values()):
            yield tensor.name
            yield from (tensor.coo_sparse.values_tensor_name, tensor.coo_sparse.indices_tensor_name)
            yield from (each.name for each in tensor.composite_tensor.components)
    for collection in graph.collection_def.values():
        yield from collection.node_list.value


def _ancestors(names: Iterable[str], nodes: Mapping[str, Any]) -> set[str]:
    """The operations that these need, themselves included."""
    found: set[str] = set()
    pending = [_operation(name) for name in names]
    while pending:
        name = pending.pop()
        if name in nodes and name not in found:
            found.add(name)
            pending.extend(_operation(each) for each in nodes[name].input)
    return found


def _operation(tensor: str) -> str:
    return tensor.removeprefix("^").split(":")[0]


def _reached(nodes: Iterable[Any], functions: Mapping[str, Any]) -> set[str]:
    return _reached_by_name([name for node in nodes for name in _functions(node)], functions)


def _reached_by_name(names: Iterable[str], functions: Mapping[str, Any]) -> set[str]:
    """The functions that these call, themselves included."""
    found: set[str] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        if name in functions and name not in found:
            found.add(name)
            pending.extend(called for node in functions[name] for called in _functions(node))
    return found


def _functions(node: Any) -> Iterator[str]:
    """The functions that an operation may call: those among its settings, and one whose name it has."""
    yield node.op
    for value in node.attr.values():
        if value.HasField("func"):
            yield value.func.name
        yield from (each.name for each in value.list.func)
