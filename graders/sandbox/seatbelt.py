"""macOS: the child is started under sandbox-exec, which denies all but reading Python, its libraries and the model.

Never tried on a Mac by the authors; docs/security.md says so, and so does the report.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

PROGRAM = "/usr/bin/sandbox-exec"
SYSTEM = ("/usr/lib", "/System/Library", "/Library/Preferences/com.apple.networkd.plist", "/dev/null", "/dev/urandom")


def available() -> bool:
    """Whether this system has the program."""
    return sys.platform == "darwin" and shutil.which(PROGRAM) is not None


def _quoted(path: str) -> str:
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'


def profile(readable: Iterable[str], program: str) -> str:
    """The rules, in the language of sandbox-exec: only `program` may be executed, only `readable` read."""
    paths = sorted({str(Path(path).resolve()) for path in (*readable, *SYSTEM)})
    files = " ".join(f"(subpath {_quoted(path)})" for path in paths)
    programs = " ".join(f"(literal {_quoted(path)})" for path in sorted({program, str(Path(program).resolve())}))
    return "\n".join(
        (
            "(version 1)",
            "(deny default)",
            f"(allow process-exec {programs})",
            f"(allow file-read* {files} {programs})",
            "(allow file-read-metadata)",
            "(allow sysctl-read)",
            '(allow mach-lookup (global-name "com.apple.system.logger"))',
        )
    )


def command(readable: Iterable[str], program: str, arguments: Iterable[str]) -> list[str]:
    """`program` with `arguments`, started under the profile."""
    return [PROGRAM, "-p", profile(readable, program), program, *arguments]
