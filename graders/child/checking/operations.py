"""Which operations a graph may hold: by rule those without a state, and of the others what models are made of.

A stateful operation is one that TensorFlow's own register (OpDef) calls so: it reads, keeps or changes something that
isn't among its inputs. The list that the rule comes to with the installed TensorFlow is kept in
tests/graders/child/allowed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from tensorflow.core.framework import op_def_pb2
from tensorflow.python.client import pywrap_tf_session

from graders.sentences import Sentence, sentence

OUTSIDE_ITS_INPUTS = sentence("it reads, keeps or changes something that isn't the model's")
_FILES = sentence("it reads or writes files")
_DATA = sentence("it reads a data set")
_PYTHON = sentence("it calls Python")
_ELSEWHERE = sentence("it runs elsewhere, or something that the graph doesn't hold")
_INTERNAL = sentence("only TensorFlow itself puts it into a graph")

REFUSED: Mapping[str, Sentence] = {
    r"ReadFile|MatchingFiles|ImmutableConst|ShardedFilespec|GenerateVocabRemapping|(En|De)codeProto\w*": _FILES,
    r"InitializeTableFromTextFile|Reader\w+|(Snapshot|TFRecord|TextLine)\w*": _FILES,
    r"Debug(Identity|NanCount|NumericSummary)\w*|Copy(Host)?": _FILES,  # with debug_urls, debug_ops_spec
    r"\w*(Save|Restore|SummaryWriter|PrintV2|WriteFile|File)\w*": _FILES,
    r"(?!IteratorGetNext$)\w*(Dataset|Iterator|StatsAggregator|ThreadPool)\w*|(Unc|C)ompressElement": _DATA,
    r"\w*PyFunc\w*": _PYTHON,
    r"SymbolicGradient|MlirPassthroughOp|Xla(CustomCall|Launch|ClusterOutput|Sparse)\w*": _ELSEWHERE,
    r"\w*(TPU|Tpu|DTensor|Infeed|Relayout|ToMesh|SparseCore|Collective|Rpc|Nccl|Service)\w*": _ELSEWHERE,
    r"BatchFunction|Batch|Unbatch(Grad)?|CheckPinned": _ELSEWHERE,  # batches of several calls, on threads of their own
    r"_\w+|Experimental\w+|Abort|CustomAggregator|\w*BoostedTrees\w*|Sdca\w+|Barrier\w*|Queue\w*": _INTERNAL,
}
"""Refused though stateless, by a pattern of names, with the reason; stateful ones that match are told the same."""

# untranslated: reasons for those who read the rule
STATEFUL: Mapping[str, str] = {
    r"StatefulPartitionedCall|If|While|Case|Assert|CheckNumerics(V2)?|GuaranteeConst": "calls, branches and checks",
    r"Print": "to the child's own output",
    r"XlaCallModule": "what JAX exports",
    r"VarHandleOp|ReadVariableOp|Assign(Add|Sub)?VariableOp|VarIsInitializedOp|VariableShape": "variables",
    r"DisableCopyOnRead|Variable(V2)?|TemporaryVariable|Resource(Gather|Scatter|StridedSlice)\w*": "variables",
    r"DestroyResourceOp": "variables",
    r"Resource(Sparse)?Apply\w+|ResourceCountUpTo": "optimizers, in functions that train",
    r"(Anonymous)?(Mutable)?(Dense)?HashTable(OfTensors)?(V2)?|LookupTable\w+|InitializeTableV2": "vocabularies",
    r"Random(Uniform|UniformInt|StandardNormal|Shuffle|Gamma|Poisson|PoissonV2|Crop)|(Parameterized)?TruncatedNormal": (
        "random numbers"
    ),
    r"Stateful(Uniform|Standard|Truncated|RandomBinomial)\w*|Rng\w+|NonDeterministicInts|Multinomial": "random numbers",
    r"StatelessRandomGetAlg|SampleDistortedBoundingBox(V2)?": "random numbers",
    r"(All|Log|Learned|Uniform|ThreadUnsafe)\w*CandidateSampler": "random numbers",
    r"IteratorGetNext": "functions that adapt a layer, whose data set nobody gives them",
    r"TensorArray\w*|Stack(V2|PushV2|PopV2|CloseV2)?|Empty": "lists within one call, in loops",
    r"CudnnRNN\w*": "recurrent layers as a graphics card runs them; another function stands in for them",
}  # fmt: skip
"""Stateful operations that are allowed, by a pattern of names, with the reason."""

SAVING = frozenset({"SaveV2", "RestoreV2", "MergeV2Checkpoints", "ShardedFilename", "SaveSlices", "Save", "Restore"})
"""What every SavedModel has in the part of its graph that saves it, which nobody runs here."""


@cache
def reason_against(name: str) -> Sentence | None:
    """Why a graph may not hold an operation; None when it may, and for one that this TensorFlow doesn't have."""
    for pattern, why in REFUSED.items():
        if re.fullmatch(pattern, name):
            return why
    if not registered().get(name, False) or any(re.fullmatch(pattern, name) for pattern in STATEFUL):
        return None
    return OUTSIDE_ITS_INPUTS


@cache
def registered() -> Mapping[str, bool]:
    """Every operation that the installed TensorFlow has, and whether it is stateful."""
    made = op_def_pb2.OpList()
    made.ParseFromString(pywrap_tf_session.TF_GetBuffer(pywrap_tf_session.TF_GetAllOpList()))
    return {operation.name: operation.is_stateful for operation in made.op}
