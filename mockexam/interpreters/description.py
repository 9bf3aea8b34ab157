"""What a Python says of itself when it is run: that it starts, its versions as imported, and its GPUs."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from graders.sentences import Sentence, Words, sentence
from mockexam.interpreters.asking import Answer, ask
from mockexam.interpreters.installation import short_version
from mockexam.interpreters.interpreter import Interpreter
from mockexam.interpreters.named import InterpreterError

SECONDS_TO_START = 15.0
SECONDS_TO_DESCRIBE = 120.0
LAST_LINES = 3

# untranslated: the other Python reads it; 3.7 must understand it
TELL_VERSION = """
import json, os, sys
os.write(int(sys.argv[1]), json.dumps({"python": "%d.%d.%d" % sys.version_info[:3], "path": sys.path}).encode())
"""
# untranslated: the other Python reads it; 3.7 must understand it
TELL_ALL = """
import json, os, sys
answer = {"python": "%d.%d.%d" % sys.version_info[:3], "path": sys.path}
try:
    import tensorflow
    answer["tensorflow"] = tensorflow.__version__
    answer["keras"] = sys.modules[tensorflow.keras.Sequential.__module__.split(".")[0]].__version__
    answer["numpy"] = sys.modules["numpy"].__version__
    gpus = []
    for device in tensorflow.config.list_physical_devices("GPU"):
        try:
            details = tensorflow.config.experimental.get_device_details(device)
        except Exception:
            details = {}
        gpus.append(details.get("device_name") or device.name)
    answer["gpus"] = gpus
except BaseException as error:
    answer["fault"] = "%s: %s" % (type(error).__name__, str(error)[:2000])
os.write(int(sys.argv[1]), json.dumps(answer).encode())
os._exit(0)
"""


class Description(msgspec.Struct, frozen=True, kw_only=True):
    """What it said: versions as they were imported, GPUs by name, its sys.path; `fault` says why the rest is missing.

    Versions are None where TensorFlow couldn't be imported.
    """

    python: str
    path: tuple[str, ...] = ()
    tensorflow: str | None = None
    keras: str | None = None
    numpy: str | None = None
    gpus: tuple[str, ...] = ()
    fault: str | None = None


def describe(interpreter: Interpreter, environment: Mapping[str, str]) -> Description:
    """Import TensorFlow in it and ask for its devices: seconds, at most two minutes; call it in a worker.

    `environment` is that of a program. Raises InterpreterError when it can't be started or says nothing.
    """
    return _asked(interpreter, TELL_ALL, environment, SECONDS_TO_DESCRIBE)


def refuse_unless_it_starts(interpreter: Interpreter, environment: Mapping[str, str]) -> None:
    """Start it once, now that somebody has chosen it. Raises InterpreterError if it doesn't, or is another version."""
    said = _asked(interpreter, TELL_VERSION, environment, SECONDS_TO_START).python
    if short_version(said) != short_version(interpreter.python):
        raise InterpreterError(
            interpreter.name(),
            sentence("Python {version} when it was started", version=said),
            sentence("Its files are mixed up: make the environment again, or choose another."),
        )


def _asked(interpreter: Interpreter, code: str, environment: Mapping[str, str], seconds: float) -> Description:
    expected = sentence("an answer from {path}", path=interpreter.executable)
    try:
        answer = ask([str(interpreter.executable), "-c", code], environment, seconds)
    except OSError as error:
        found: Words = error.strerror or str(error)
        raise InterpreterError(expected, found, sentence("Choose another.")) from error
    try:
        return msgspec.json.decode(answer.said, type=Description)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise InterpreterError(
            expected,
            _found_instead(answer, seconds),
            sentence("Try it in a shell: {path} -c 'import sys'", path=interpreter.executable),
            log="\n".join(answer.printed.splitlines()[-LAST_LINES:]),
        ) from error


def _found_instead(answer: Answer, seconds: float) -> Sentence:
    if answer.code is None:
        return sentence("none within {seconds} s", seconds=f"{seconds:g}")
    if answer.code < 0:
        return sentence("its end by signal {signal}", signal=-answer.code)
    return sentence("its end with exit code {code}", code=answer.code)
