"""What a process gives up besides files and system calls: privileges, limits, descriptors, life after its parent."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import struct
from collections.abc import Iterable
from pathlib import Path

from graders.sandbox import kernel

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_SECUREBITS, PR_SET_NO_NEW_PRIVS = 1, 4, 24, 28, 38
CAPABILITY_VERSION_3 = 0x20080522
UID_0_IS_NOTHING = 0b101111  # NOROOT, NO_SETUID_FIXUP, KEEP_CAPS off; each locked
OPEN_FILES = 256
KEPT_PROCESSES = 64


def no_new_privileges() -> None:
    """No program started from here gains privileges, and filters may be installed without any."""
    kernel.prctl(PR_SET_NO_NEW_PRIVS, 1)


def die_with_parent(parent: int) -> None:
    """Be killed when `parent` dies; ends the process immediately if it is dead already."""
    if kernel.LINUX:
        kernel.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def hide_memory() -> None:
    """Deny /proc/self/{environ,mem,maps} and tracing to every process of the same user."""
    kernel.prctl(PR_SET_DUMPABLE, 0)


def drop_capabilities() -> None:
    """Give up what root has, for good. The user stays, because a Python in a private home must stay readable."""
    if os.geteuid() == 0:
        kernel.prctl(PR_SET_SECUREBITS, UID_0_IS_NOTHING)
        for capability in range(64):
            try:
                kernel.prctl(PR_CAPBSET_DROP, capability)
            except OSError:  # past the last capability that this kernel knows
                break
    header = struct.pack("=Ii", CAPABILITY_VERSION_3, 0)
    if kernel.libc.capset(ctypes.create_string_buffer(header), ctypes.create_string_buffer(24)):
        raise kernel.failure("capset")


def limit_files() -> None:
    """Set the kernel's limits that are the same for all: no file written, no core dump, few files open."""
    for kind, value in {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_MEMLOCK: 0,
    }.items():
        _lower(kind, value)
    if kernel.LINUX:
        _lower(resource.RLIMIT_MSGQUEUE, 0)


def limit_memory(data_bytes: int) -> None:
    """Let this process have so much memory of its own and no more: what asks for more fails, instead of the machine.

    Processes that it starts inherit the limit and are free to lift it, as `lift_memory_limit` does for them.
    """
    if kernel.LINUX:
        ceiling = resource.getrlimit(resource.RLIMIT_DATA)[1]
        most = data_bytes if ceiling == resource.RLIM_INFINITY else min(data_bytes, ceiling)
        resource.setrlimit(resource.RLIMIT_DATA, (most, ceiling))


def lift_memory_limit(process: int) -> None:
    """Undo `limit_memory` for a process that this one has started; does nothing when it is gone."""
    if kernel.LINUX:
        ceiling = resource.getrlimit(resource.RLIMIT_DATA)[1]
        with contextlib.suppress(OSError):
            resource.prlimit(process, resource.RLIMIT_DATA, (ceiling, ceiling))


def limit_processes() -> None:
    """Leave the user's last processes and threads to others: a model that takes all it gets must not end grading.

    The kernel counts all of a user's, and asks each process for its own limit; root has none.
    """
    most = resource.getrlimit(resource.RLIMIT_NPROC)[0]
    if most != resource.RLIM_INFINITY:
        _lower(resource.RLIMIT_NPROC, most - min(KEPT_PROCESSES, most // 4))


def limit_use(address_bytes: int, cpu_seconds: int, process: int = 0) -> None:
    """Set the kernel's limits of memory and of processor time, this process's (0) or a child's. Raises OSError."""
    _lower(resource.RLIMIT_AS, address_bytes, process=process)
    # A signal, and no kill after it, which would look like one from outside. Who ignores it meets the watchdog.
    _lower(resource.RLIMIT_CPU, cpu_seconds, resource.RLIM_INFINITY, process=process)


def _lower(kind: int, soft: int, hard: int | None = None, *, process: int = 0) -> None:
    ceiling = (resource.prlimit(process, kind) if process else resource.getrlimit(kind))[1]
    wanted = (soft, soft if hard is None else hard)
    if ceiling != resource.RLIM_INFINITY:
        wanted = (min(wanted[0], ceiling), ceiling if wanted[1] == resource.RLIM_INFINITY else min(wanted[1], ceiling))
    try:
        resource.prlimit(process, kind, wanted) if process else resource.setrlimit(kind, wanted)
    except (OSError, ValueError):
        if kernel.LINUX:  # elsewhere some limits can't be set, and only the watchdog remains
            raise


def first_to_go() -> None:
    """When the machine runs out of memory, the kernel ends this process before any other. Best effort."""
    if kernel.LINUX:
        try:
            Path("/proc/self/oom_score_adj").write_text("1000")
        except OSError:
            return


def close_all_but(kept: Iterable[int]) -> None:
    """Close every descriptor that isn't in `kept`."""
    low = 0
    for descriptor in sorted(set(kept)):
        if descriptor > low:  # an empty range from 0 would close all
            os.closerange(low, descriptor)
        low = descriptor + 1
    os.closerange(low, 1 << 16)
