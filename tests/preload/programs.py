"""Programs that tell all about where they run. Each is run with and without what stands before it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from mockexam.preload.switches import Switches, variables

WHERE = """
import sys
print(__name__, __file__, sys.argv, sys.path, sys.flags, sep="\\n")
print(sorted(vars(sys.modules["__main__"])))
"""

CHILD = """
import os, sys
print("child", __name__, sys.argv, sys.path, "sitecustomize" in sys.modules, sep="\\n", flush=True)
sys.exit(7)
"""

PROCESSES = """
import multiprocessing, os, sys

def told(number):
    main = sys.modules["__main__"]
    return number, __name__, main.__name__, sys.argv, sys.path, multiprocessing.current_process().name

def failing(number):
    raise ValueError(number)

if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    with context.Pool(1) as pool:
        print(pool.map(told, [1]))
        try:
            pool.map(failing, [2])
        except ValueError as error:
            print(error.__cause__)
    process = context.Process(target=os._exit, args=(5,))
    process.start()
    process.join()
    print(process.exitcode)
"""

TRACEBACK = """
import broken_name
"""

CHAIN = """
def inner():
    return {}["key"]

def outer():
    try:
        inner()
    except KeyError as error:
        raise RuntimeError("outer") from error

outer()
"""


class Program(NamedTuple):
    """A program: what the interpreter is given, the files of its folder, and the variables of its user."""

    arguments: tuple[str, ...]
    files: Mapping[str, str]
    environment: Mapping[str, str] = {}


def starter(text: str, *arguments: str, **files: str) -> Program:
    """`python starter.py ARGUMENTS`, with other modules beside it."""
    modules = {f"{name}.py": content for name, content in files.items()}
    return Program(("starter.py", *arguments), {"starter.py": text, **modules})


PROGRAMS: dict[str, Program] = {
    "arguments, path and main": starter(WHERE, "one", "--two", ""),
    # time is built in, and from 3.8 on imported in every Python.
    "all modules": starter("import sys, time\nprint(*sorted(sys.modules), sep='\\n')"),
    "its own source": starter(
        "import inspect, sys\ndef f():\n    return [frame.function for frame in inspect.stack()]\n"
        "print(inspect.getsource(f), inspect.getfile(f), inspect.getsource(sys.modules['__main__']), f())"
    ),
    "an exception with a cause": starter(CHAIN),
    "a module that fails": starter("import other", other="def f():\n    1 / 0\nf()"),
    "a module that isn't there": starter(
        "try:\n    import nowhere.at\nexcept ImportError as e:\n    print(e.name)\nimport here",
        here="from json import nothing",
    ),
    "a module that exits": starter("import other", other="import sys\nsys.exit(4)"),
    "a syntax error": starter("print('no')\nif True print(1)"),
    "a syntax error beside it": starter("import other", other="def f(:\n    pass"),
    "recursion": starter("import sys\nsys.setrecursionlimit(60)\ndef f():\n    f()\nf()"),
    "exit with a number": starter("import sys\nsys.exit(3)"),
    "exit with a text": starter("import sys\nsys.exit('the end')"),
    "exit at once": starter("import os\nprint('said', flush=True)\nos._exit(9)"),
    "killed": starter("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"),
    "interrupted": starter("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nimport time\ntime.sleep(9)"),
    "fault handler": starter("import faulthandler, os\nfaulthandler.enable()\nos.abort()"),
    "warnings are errors": Program(
        ("-X", "dev", "-W", "error", "-bb", "starter.py"), {"starter.py": "import json, colorsys\nprint(json)"}
    ),
    "at exit and threads": starter(
        "import atexit, threading\natexit.register(print, 'last')\n"
        "def f():\n    raise ValueError('in a thread')\nt = threading.Thread(target=f)\nt.start()\nt.join()\n"
        "print(threading.active_count())"
    ),
    "spawned": starter(PROCESSES, "spawn"),
    "forked": starter(PROCESSES, "fork"),
    "fork server": starter(PROCESSES, "forkserver"),
    "bare fork": starter(
        "import os, sys\npid = os.fork()\nif not pid:\n    print('child', sys.path, flush=True)\n    sys.exit(6)\n"
        "print(os.waitpid(pid, 0)[1])"
    ),
    "subprocesses": starter(
        "import subprocess, sys\nfor flags in ([], ['-I'], ['-E'], ['-s'], ['-O']):\n"
        "    run = subprocess.run([sys.executable, *flags, 'child.py', 'x'], stdout=-1, universal_newlines=True)\n"
        "    print(run.returncode, run.stdout)",
        child=CHILD,
    ),
    "becoming another": starter("import os, sys\nos.execv(sys.executable, [sys.executable, 'child.py'])", child=CHILD),
    "run by runpy": starter(
        "import runpy\nprint(runpy.run_path('other.py', run_name='ran')['__name__'])\n"
        "print(runpy.run_module('other')['__name__'])",
        other="import sys\nprint(__name__, __file__, sys.argv[0], __spec__)",
    ),
    "as a module": Program(("-m", "starter", "x"), {"starter.py": WHERE}),
    "as a package": Program(("-m", "shop"), {"shop/__init__.py": "", "shop/__main__.py": WHERE}),
    "as a folder": Program(("shop", "x"), {"shop/__main__.py": WHERE}),
    "as text": Program(("-c", "import sys; print(__name__, sys.argv, sys.path); 1/0", "x"), {}),
    "names of ours": starter(
        "import hooks, keras_2, rescue, plots, switches\nprint(hooks.A, keras_2.A, rescue.A, plots.A, switches.A)",
        **dict.fromkeys(["hooks", "keras_2", "rescue", "plots", "switches"], "A = __file__"),
    ),
    "a path of the user": Program(
        ("starter.py",),
        {"starter.py": WHERE + "import found\nprint(found)", "other/found.py": ""},
        {"PYTHONPATH": "lib:lib::/nowhere:other"},
    ),
    "a sitecustomize": Program(
        ("starter.py",),
        {
            "starter.py": "import sys\nprint(sys.modules['sitecustomize'], sys.said, sys.path)",
            "lib/sitecustomize.py": "import sys\nsys.said = __name__, __file__, list(sys.path), __spec__",
        },
        {"PYTHONPATH": "lib"},
    ),
    "a sitecustomize that fails": Program(
        ("starter.py",),
        {
            "starter.py": "import sys\nprint('sitecustomize' in sys.modules)",
            "lib/sitecustomize.py": "def f():\n    raise ValueError('mine')\nf()",
        },
        {"PYTHONPATH": "lib"},
    ),
    "a sitecustomize that lacks something": Program(
        ("starter.py",),
        {"starter.py": "print('well')", "lib/sitecustomize.py": "import nowhere"},
        {"PYTHONPATH": "lib"},
    ),
    "a sitecustomize that is a package": Program(
        ("starter.py",),
        {
            "starter.py": "import sitecustomize, sitecustomize.part\nprint(sitecustomize, sitecustomize.part)",
            "lib/sitecustomize/__init__.py": "",
            "lib/sitecustomize/part.py": "",
        },
        {"PYTHONPATH": "lib"},
    ),
    "a usercustomize": Program(
        ("starter.py",),
        {
            "starter.py": "import sys\nprint(sys.said)",
            "lib/usercustomize.py": "import sys\nsys.said = __name__, __file__, list(sys.path)",
        },
        {"PYTHONPATH": "lib"},
    ),
    "site once more": starter("import site, sys\nsite.main()\nprint(sys.path, 'sitecustomize' in sys.modules)"),
    "a safe path": starter(WHERE)._replace(environment={"PYTHONSAFEPATH": "1"}),
    "isolated": Program(("-I", "starter.py"), {"starter.py": WHERE}),
    "without variables": Program(("-E", "starter.py"), {"starter.py": WHERE}),
}


class Outcome(NamedTuple):
    """What someone sees of a program's run."""

    code: int
    out: str
    err: str


def outcome(python: Path, program: Program, folder: Path, switches: Switches, *, path: Path | None = None) -> Outcome:
    """Run a program in a new `folder`, with `path` at the end of its user's PYTHONPATH."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in program.files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    folder.mkdir(exist_ok=True)
    base = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONIOENCODING": "utf-8", **program.environment}
    if path is not None:
        base["PYTHONPATH"] = os.pathsep.join(filter(None, [base.get("PYTHONPATH", ""), str(path)]))
    run = subprocess.run(
        [str(python), *program.arguments],
        env={**base, **variables(switches, base)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return Outcome(run.returncode, _plain(run.stdout), _plain(run.stderr))


def _plain(text: str) -> str:
    """Without what differs from run to run."""
    return re.sub(r"0x[0-9a-f]+", "0x", text)
