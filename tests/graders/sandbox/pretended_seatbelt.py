"""Stands in for macOS's sandbox-exec on Linux: `-p PROFILE PYTHON -I -c CODE ARGUMENTS`.

Has Landlock enforce what the profile says about files: "subpath" with all below, "literal" the file itself. So a test
sees that the profile names everything that grading reads. What it says about network and processes isn't enforced.
"""

from __future__ import annotations

import ctypes
import os
import re
import stat
import struct
import sys

from graders.sandbox import kernel, landlock, privileges


def main() -> None:
    profile, code = sys.argv[2], sys.argv[6]
    assert profile.startswith("(version 1)\n(deny default)\n")
    privileges.no_new_privileges()
    ruleset = landlock._ruleset(landlock.version())
    for line in profile.splitlines():
        if line.startswith("(allow file-read* "):
            for kind, path in re.findall(r'\((literal|subpath) "([^"]*)"\)', line):
                allow(ruleset, kind, path)
    allow(ruleset, "subpath", "/proc/self")  # what macOS says by other means
    allow(ruleset, "subpath", "/etc/ld.so.cache")
    kernel.call("landlock_restrict_self", landlock.RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint(0))
    os.close(ruleset)
    sys.argv = ["-c", *sys.argv[7:]]
    exec(code, {"__name__": "__main__"})  # as the interpreter it was asked to start would


def allow(ruleset: int, kind: str, path: str) -> None:
    try:
        beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    folder = stat.S_ISDIR(os.fstat(beneath).st_mode)
    rights = (landlock.READ_DIR if folder else 0) | (landlock.READ_FILE if kind == "subpath" or not folder else 0)
    rule = struct.pack("=Qi", rights, beneath)
    numbers = (ctypes.c_int(ruleset), ctypes.c_int(landlock.PATH_BENEATH))
    kernel.call("landlock_add_rule", landlock.ADD_RULE, *numbers, rule, ctypes.c_uint(0))
    os.close(beneath)


if __name__ == "__main__":
    main()
