"""Landlock: which files the process, and all it starts, may still open. Works without privileges since Linux 5.13.

The numbers are those of linux/landlock.h and are the same on every architecture.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable

from graders.sandbox import kernel

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
READ_FILE, READ_DIR = 1 << 2, 1 << 3
ALL_OF_TCP = 0b11  # bind, connect
ALL_SCOPES = 0b11  # abstract UNIX sockets, signals
PATH_BENEATH = 1
FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}  # version → how many rights on files it knows; 16 from version 5 on


def version() -> int:
    """The version of Landlock in force in this kernel; 0 when there is none or it is switched off.

    The kernel itself is asked: not every kernel that has Landlock shows /sys/kernel/security/lsm.
    """
    if not kernel.LINUX:
        return 0
    try:
        return kernel.call("landlock_create_ruleset", CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint(1))
    except OSError:
        return 0


def restrict(readable: Iterable[bytes]) -> int:
    """Let the calling thread only read the files in `readable` (folders with all below); returns how many paths.

    Needs no_new_privs, and a process of one thread: before version 8 it reaches the calling thread only.
    Paths that don't exist are left out. Raises OSError when the kernel refuses.
    """
    ruleset = _ruleset(version())
    try:
        rules = sum(_add(ruleset, path) for path in readable)
        kernel.call("landlock_restrict_self", RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint(0))
    finally:
        os.close(ruleset)
    return rules


def _ruleset(abi: int) -> int:
    """A rule set that denies every right this version knows."""
    if abi < 1:
        raise OSError("this kernel has no Landlock")  # untranslated: as the system says what fails
    fields = [(1 << FILE_RIGHTS.get(abi, 16)) - 1]
    if abi >= 4:
        fields.append(ALL_OF_TCP)
    if abi >= 6:
        fields.append(ALL_SCOPES)
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    size = ctypes.c_size_t(len(attributes))
    return kernel.call("landlock_create_ruleset", CREATE_RULESET, attributes, size, ctypes.c_uint(0))


def _add(ruleset: int, path: bytes) -> bool:
    try:
        beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        rights = READ_FILE | (READ_DIR if stat.S_ISDIR(os.fstat(beneath).st_mode) else 0)
        rule = struct.pack("=Qi", rights, beneath)
        kernel.call(
            "landlock_add_rule", ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(PATH_BENEATH), rule, ctypes.c_uint(0)
        )
    finally:
        os.close(beneath)
    return True
