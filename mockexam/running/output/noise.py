"""Lines that TensorFlow and Keras write in every run and that never matter, and lines that tell of an error.

A line is noise only if the whole of it is one that is listed here. What may matter to somebody isn't: a GPU that is
there and can't be used, an allocation that is too large, data that ran out, a function that is traced again and again.
"""

from __future__ import annotations

import re
from enum import IntEnum


class Kind(IntEnum):
    """What a line is. A line's kind may depend on that of the line before it."""

    OUTPUT = 0
    START_UP = 1
    """TensorFlow on itself: the processor, the libraries, the GPU that isn't there."""
    INPUT_SHAPE = 2
    """Keras 3 on `input_shape` in a layer, which goes on working."""
    HDF5 = 3
    """Keras on the .h5 format, which goes on working."""
    TRACE = 4
    """A traceback, up to its last frame."""
    ERROR = 5
    """What a traceback ends with, and errors that TensorFlow logs."""
    FAILED_CALL = 6
    """The same, while Keras tells of a call that failed: up to the arguments of the call it is all one message."""


NOISE = frozenset({Kind.START_UP, Kind.INPUT_SHAPE, Kind.HDF5})
ERRORS = frozenset({Kind.TRACE, Kind.ERROR, Kind.FAILED_CALL})

# 2026-11-30 12:00:00.123456: I tensorflow/core/util/port.cc:153] …      up to TensorFlow 2.19, and
# I0000 00:00:1796048781.953309   11839 port.cc:153] …                    since 2.16.
_LOGGED = re.compile(
    r"(?:\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: (?P<old>[IWEF]) |(?P<new>[IWEF])\d{4} \d\d:\d\d:\d+\.\d+ +\d+ )"
    r"(?:[\w.+-]+/)*(?P<file>\w+)(?:\.\w+)?\.(?:cc|h):\d+\] (?P<said>.*)"
)

# untranslated: TensorFlow's own words
_CPU = (
    r"This TensorFlow binary is optimized (?:to use|with) .*",
    r"Your CPU supports instructions that this TensorFlow binary was not compiled to use: [\w. ]+",
)
# untranslated: TensorFlow's own words
_ONEDNN = (
    r"oneDNN custom operations are on\. You may see slightly different numerical results due to floating-point "
    r"round-off errors from different computation orders\. To turn them off, set the environment variable "
    r"`TF_ENABLE_ONEDNN_OPTS=0`\.",
)
# 34 and 303: the driver's library is a stub or isn't there; 100: no GPU. Any other code tells of a GPU out of order.
# untranslated: TensorFlow's own words
_NO_GPU = (
    r"failed call to cuInit: (?:INTERNAL: CUDA error: Failed call to cuInit: )?"
    r"(?:UNKNOWN ERROR \((?:34|100|303)\)|CUDA_ERROR_NO_DEVICE: no CUDA-capable device is detected)",
)
# untranslated: TensorFlow's own words
_TWICE = (
    r"Unable to register cu(?:DNN|FFT|BLAS) factory: Attempting to register factory for plugin cu(?:DNN|FFT|BLAS) "
    r"when one has already been registered",
)
# untranslated: TensorFlow's own words
_NUMA = (
    r"successful NUMA node read from SysFS had negative value \(-1\), but there must be at least one NUMA node, "
    r"so returning NUMA node zero\..*",
)
# untranslated: TensorFlow's own words
_XLA_ONCE = (r"Compiled cluster using XLA!  This line is logged at most once for the lifetime of the process\.",)

# untranslated: TensorFlow's own words
_SAID: dict[str, tuple[str, ...]] = {
    "port": _ONEDNN,
    "util": _ONEDNN,
    "cpu_feature_guard": _CPU,
    "cpu_utils": (r"(?:Failed to get )?CPU [Ff]requency: .*",),
    "cudart_stub": (
        r"Could not find cuda drivers on your machine, GPU will not be used\.",
        r"Ignore above cudart dlerror if you do not have a GPU set up on your machine\.",
    ),
    # Only these: the others are looked for once a GPU was found, and it can't be used without them.
    "dso_loader": (
        r"Could not load dynamic library 'lib(?:cudart|cuda|nvinfer|nvinfer_plugin)\.so[.\d]*'; dlerror: .*",
        r"Successfully opened dynamic library .*",
    ),
    "cuda_diagnostics": (
        r"kernel driver does not appear to be running on this host \([^()]*\): "
        r"/proc/driver/nvidia/version does not exist",
        r"retrieving CUDA diagnostic information for host: .*",
        r"hostname: .*",
        r"libcuda reported version is: NOT_FOUND: .*",
    ),
    "cuda_driver": _NO_GPU,
    "cuda_platform": _NO_GPU,
    "cuda_dnn": (*_TWICE, r"Loaded cuDNN version \d+"),
    "cuda_fft": _TWICE,
    "cuda_blas": _TWICE,
    "computation_placer": (
        r"computation placer already registered\. Please check linkage and avoid linking the same target more than "
        r"once\.",
    ),
    "cuda_executor": _NUMA,
    "cuda_gpu_executor": _NUMA,
    "gpu_device": (r"Created device /job:\S+ with \d+ MB memory: .*", r"Adding visible gpu devices: [\d, ]+"),
    "py_utils": (r"TF-TRT Warning: Could not find TensorRT",),
    "dump_mlir_util": (r"disabling MLIR crash reproducer, set env var `MLIR_CRASH_REPRODUCER_DIRECTORY` to enable\.",),
    "mlir_graph_optimization_pass": (r"None of the MLIR [Oo]ptimization [Pp]asses are enabled \(registered \d+\)",),
    "service": (
        r"XLA service 0x[0-9a-f]+ (?:initialized for|executing computations on) platform \w+ .*",
        r"  StreamExecutor device \(\d+\): .*",
    ),
    "device_compiler": _XLA_ONCE,
    "xla_compilation_cache": _XLA_ONCE,
    "local_rendezvous": (
        r"Local rendezvous is aborting with status: OUT_OF_RANGE: End of sequence",
        r"Local rendezvous (?:recv|send) item cancelled\. Key hash: \d+",
    ),
    "executor": (
        r".*\(DEBUG INFO\) Executor start aborting \(this does not indicate an error and you can ignore this message\)"
        r": .*",
    ),
}
_NOISY = {file: re.compile("|".join(said)) for file, said in _SAID.items()}

# The second line of a message: it is noise after noise only.
_MORE_OF_START_UP = re.compile(
    r"To enable (?:the following instructions: [\w ]+, in|them in) other operations, rebuild TensorFlow with the "
    r"appropriate compiler flags\.|\t \[\[\{\{node \w+\}\}\]\]"
)
# untranslated: TensorFlow's own words
_BEFORE_LOGGING = "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR"

_ON_INPUT_SHAPE = re.compile(
    r".+\.py:\d+: UserWarning: Do not pass an `input_shape`/`input_dim` argument to a layer\. When using Sequential "
    r"models, prefer using an `Input\(shape\)` object as the first layer in the model instead\."
)
_ON_HDF5 = re.compile(
    r"(?:WARNING:absl:|.+\.py:\d+: UserWarning: )You are saving your model as an HDF5 file via `model\.save\(\)`"
    r"(?: or `keras\.saving\.save_model\(model\)`)?\. This file format is considered legacy\. We recommend using "
    r"instead the native (?:TF-)?Keras format, e\.g\. `model\.save\('my_model\.keras'\)`"
    r"(?: or `keras\.saving\.save_model\(model, 'my_model\.keras'\)`)?\. ?"
)
# The line of the program that Python prints under a warning.
_WARNED_AT = {
    Kind.INPUT_SHAPE: re.compile(r"  super\(\)\.__init__\(.*"),
    Kind.HDF5: re.compile(r"  (?:saving_api\.save_model\(|(?:\w+\.)+save(?:_model)?\(.*)"),
}

# untranslated: Python's own words
_TRACEBACK = "Traceback (most recent call last):"
_FRAME = re.compile(r'\s*(?:\| *)*File "[^"]+", line \d+(?:, in .*)?')
_EXCEPTION = re.compile(r"(?:[^\W\d]\w*\.)*[^\W\d]\w*(?:: .*|:)?")
_CALLED = re.compile(r"(?:[\w.]+): Exception encountered when calling .*")
_ARGUMENTS = re.compile(r"(?:Call a|A)rguments received by .*")
_MORE_OF_ERROR = re.compile(
    r"|\s+(?!\d+/).*|Full shape received: .*|Detected at node .*|Original stack .*"
    r"|The above exception was the direct cause of .*|During handling of the above exception, .*|\[\[.*"
)
_SYNTAX = re.compile(r"(?:SyntaxError|IndentationError|TabError): .*")
_SAID_ERROR = re.compile(r"ERROR:(?:tensorflow|absl):.*")

# After plain output a line that begins otherwise and has neither a place nor a traceback in it is plain output too.
_BEGINNINGS = frozenset("0123456789IWEF ")
_INTERRUPT = re.compile(r"KeyboardInterrupt(?:: ?)?")
_MAX_LINE = 4_000  # characters; longer lines are data


def kind_of(line: str, before: Kind = Kind.OUTPUT) -> Kind:
    """What a line is, after a line of the kind `before`."""
    if not before and line[:1] not in _BEGINNINGS and not line.endswith(_TRACEBACK) and ".py:" not in line:
        return Kind.OUTPUT
    if len(line) > _MAX_LINE:
        return Kind.OUTPUT
    return _noise(line, before) or _error(line, before)


def _noise(line: str, before: Kind) -> Kind:
    if match := _LOGGED.fullmatch(line):
        noisy = _NOISY.get(match["file"])
        fatal = "F" in (match["old"], match["new"])
        return Kind.START_UP if noisy and not fatal and noisy.fullmatch(match["said"]) else Kind.OUTPUT
    if line == _BEFORE_LOGGING or (before == Kind.START_UP and _MORE_OF_START_UP.fullmatch(line)):
        return Kind.START_UP
    if (source := _WARNED_AT.get(before)) is not None and source.fullmatch(line):
        return before
    if "UserWarning: Do not pass an `input_shape`" in line and _ON_INPUT_SHAPE.fullmatch(line):
        return Kind.INPUT_SHAPE
    if "You are saving your model as an HDF5 file" in line and _ON_HDF5.fullmatch(line):
        return Kind.HDF5
    return Kind.OUTPUT


def _error(line: str, before: Kind) -> Kind:
    if line.endswith(_TRACEBACK) or (before != Kind.ERROR and _FRAME.fullmatch(line)):
        return Kind.TRACE
    if before == Kind.TRACE:
        if line[:1] in ("", " "):
            return Kind.TRACE
        return _ended(line)
    if before == Kind.FAILED_CALL:
        return Kind.ERROR if _ARGUMENTS.fullmatch(line) else Kind.FAILED_CALL
    if before == Kind.ERROR and _MORE_OF_ERROR.fullmatch(line):
        return Kind.ERROR
    logged = _LOGGED.fullmatch(line)
    if logged is not None:
        return Kind.ERROR if {"E", "F"} & {logged["old"], logged["new"]} else Kind.OUTPUT
    return Kind.ERROR if _SAID_ERROR.fullmatch(line) or _SYNTAX.fullmatch(line) else Kind.OUTPUT


def _ended(line: str) -> Kind:
    """The kind of a line that ends a traceback."""
    if _CALLED.fullmatch(line):
        return Kind.FAILED_CALL
    return Kind.ERROR if _EXCEPTION.fullmatch(line) else Kind.OUTPUT


def lead_of(line: str) -> int:
    """How much of a line stands before the traceback that begins in it: a progress bar is left without a newline."""
    return len(line) - len(_TRACEBACK) if line.endswith(_TRACEBACK) else 0


def is_interrupt(line: str) -> bool:
    """Whether a traceback that ends with this line is that of an interrupt from the keyboard."""
    return _INTERRUPT.fullmatch(line) is not None
