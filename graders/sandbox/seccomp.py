"""seccomp: the process may make the system calls of syscalls.py and no others.

A classic BPF program is built here, so that no C library of the system has to be there. Anything not named is
answered with EPERM: no sockets, no new processes or programs, no signals to others, no tracing, no keyrings, no
memory outside the limits (memfd, shared memory, pipes), and nothing by which one child could leave word for another on
a file that both may read (locks, what of it is in the page cache). Another architecture's calls (int 0x80, x32) kill
the process.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import signal
import struct
import sys
from typing import NamedTuple

from graders.sandbox import kernel, syscalls

LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL = 0x7FFF0000, 0x80000000
NUMBER_AT, ARCHITECTURE_AT, ARGUMENTS_AT = 0, 4, 16
X32_BIT = 0x40000000
SET_MODE_FILTER, ON_ALL_THREADS, GET_ACTION = 1, 1, 2

CLONE_THREAD = 0x10000
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
PRCTLS = (3, 15, 16, 39, 0x53564D41)  # GET_DUMPABLE, SET/GET_NAME, GET_NO_NEW_PRIVS, SET_VMA (names of memory)
IOCTLS = (0x5401, 0x541B, 0x5450, 0x5451)  # TCGETS, FIONREAD, FIONCLEX, FIOCLEX
FCNTLS = (0, 1, 2, 3, 4, 1030)  # DUPFD, GETFD, SETFD, GETFL, SETFL, DUPFD_CLOEXEC
ADVICES = (4, 8, 14, 15, 16, 17)  # DONTNEED, FREE, HUGEPAGE, NOHUGEPAGE, DONTDUMP, DODUMP: none acts on a file's pages
MAP_SHARED, MAP_ANONYMOUS = 0x01, 0x20
ANOTHERS_CLOCK = 0x80000000  # numbers from here on, negative ones, stand for the processor time of any process


class Machine(NamedTuple):
    """What differs between architectures."""

    audit: int
    calls: dict[str, int]
    seccomp: int


MACHINES = {
    "x86_64": Machine(0xC000003E, syscalls.X86_64, 317),
    "aarch64": Machine(0xC00000B7, syscalls.AARCH64, 277),
}


class Instruction(NamedTuple):
    """One step of the filter: code, jumps when true and when false, operand."""

    code: int
    true: int
    false: int
    operand: int


def refused(number: int) -> int:
    """The answer that makes a system call fail with errno `number`."""
    return 0x00050000 | number


def _load(offset: int) -> Instruction:
    return Instruction(LOAD, 0, 0, offset)


def _return(answer: int) -> Instruction:
    return Instruction(RETURN, 0, 0, answer)


def _argument(index: int, high: bool = False) -> Instruction:
    """Load half of an argument; both architectures are little-endian."""
    return _load(ARGUMENTS_AT + 8 * index + 4 * high)


def _one_of(index: int, allowed: tuple[int, ...], otherwise: int) -> list[Instruction]:
    """Allow when argument `index` is one of `allowed`."""
    steps = [Instruction(EQUAL, len(allowed) - at, 0, value) for at, value in enumerate(allowed)]
    return [_argument(index), *steps, _return(refused(otherwise)), _return(ALLOW)]


def _without(index: int, bits: int, otherwise: int) -> list[Instruction]:
    """Allow when none of `bits` is set in argument `index`."""
    return [_argument(index), Instruction(ANY_BIT, 0, 1, bits), _return(refused(otherwise)), _return(ALLOW)]


def _with(index: int, bits: int, otherwise: int) -> list[Instruction]:
    """Allow when one of `bits` is set in argument `index`."""
    return [_argument(index), Instruction(ANY_BIT, 1, 0, bits), _return(refused(otherwise)), _return(ALLOW)]


def _conditions(process: int, orders: int | None) -> dict[str, list[Instruction]]:
    """The calls that are let through with certain arguments only; `process` is the one that may signal itself.

    `orders` is the only descriptor to receive from; once it is closed, no descriptor is a socket.
    """
    null_pointer = [
        _argument(2),
        Instruction(EQUAL, 0, 2, 0),
        _argument(2, high=True),
        Instruction(EQUAL, 1, 0, 0),
        _return(refused(errno.EPERM)),
        _return(ALLOW),
    ]
    # Itself only, and never so that it would look as if it had been ended or stopped from outside.
    own_signals = [
        _argument(0),
        Instruction(EQUAL, 0, 3, process),
        _argument(2),
        Instruction(EQUAL, 1, 0, signal.SIGKILL),
        Instruction(EQUAL, 0, 1, signal.SIGSTOP),
        _return(refused(errno.EPERM)),
        _return(ALLOW),
    ]
    # Nor memory that a process can give up and still keep: the watchdog would not see it.
    not_shared_memory = [
        _argument(3),
        Instruction(ANY_BIT, 0, 2, MAP_ANONYMOUS),
        Instruction(ANY_BIT, 0, 1, MAP_SHARED),
        _return(refused(errno.EPERM)),
        _return(ALLOW),
    ]
    own_clocks = [
        _argument(0),
        Instruction(AT_LEAST, 0, 1, ANOTHERS_CLOCK),
        _return(refused(errno.EINVAL)),
        _return(ALLOW),
    ]
    return {
        "clone": _with(0, CLONE_THREAD, errno.EPERM),  # threads, never processes
        "clone3": [_return(refused(errno.ENOSYS))],  # its flags are out of a filter's reach; libc then uses clone
        "open": _without(1, WRITING, errno.EROFS),
        "openat": _without(2, WRITING, errno.EROFS),
        "prctl": _one_of(0, PRCTLS, errno.EPERM),
        "ioctl": _one_of(1, IOCTLS, errno.ENOTTY),
        "fcntl": _one_of(1, FCNTLS, errno.EINVAL),
        "mmap": not_shared_memory,
        "madvise": _one_of(2, ADVICES, errno.EINVAL),  # as of a kernel that doesn't know the others
        "clock_gettime": own_clocks,
        "clock_getres": own_clocks,
        "clock_nanosleep": own_clocks,
        "tgkill": own_signals,
        "recvmsg": _one_of(0, () if orders is None else (orders,), errno.EPERM),
        "prlimit64": null_pointer,  # reading limits, not setting them
    }


def program(machine: Machine, process: int, orders: int | None = None) -> bytes:
    """The filter for `machine`: only `process` may be signalled (by itself), only `orders` received from."""
    steps = [
        _load(ARCHITECTURE_AT),
        Instruction(EQUAL, 1, 0, machine.audit),
        _return(KILL),
        _load(NUMBER_AT),
        Instruction(AT_LEAST, 0, 1, X32_BIT),
        _return(KILL),
    ]
    conditions = _conditions(process, orders)
    for name, number in sorted(machine.calls.items(), key=lambda item: item[1]):
        body = conditions.get(name, [_return(ALLOW)])
        steps += [Instruction(EQUAL, 0, len(body), number), *body]
    steps.append(_return(refused(errno.EPERM)))
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_void_p))


def machine() -> Machine | None:
    """The machine this process runs on, if its system calls are known here."""
    return MACHINES.get(platform.machine()) if kernel.LINUX and sys.byteorder == "little" else None


def available() -> bool:
    """Whether this kernel takes filters."""
    here = machine()
    if here is None:
        return False
    answer = ctypes.c_uint32(refused(0) & 0xFFFF0000)
    try:
        kernel.call("seccomp", here.seccomp, ctypes.c_uint(GET_ACTION), ctypes.c_uint(0), ctypes.byref(answer))
    except OSError:
        return False
    return True


def restrict(orders: int | None = None) -> None:
    """Install the filter on all threads of this process, for good; raises OSError. Needs no_new_privs."""
    here = machine()
    if here is None:
        # untranslated: as the system says what fails
        raise OSError(f"no table of system calls for {platform.machine()}")
    code = program(here, os.getpid(), orders)
    steps = ctypes.create_string_buffer(code, len(code))
    filter_ = _Program(len(code) // 8, ctypes.cast(steps, ctypes.c_void_p))
    stuck = kernel.call(
        "seccomp",
        here.seccomp,
        ctypes.c_uint(SET_MODE_FILTER),
        ctypes.c_uint(ON_ALL_THREADS),
        ctypes.byref(filter_),
    )
    if stuck:
        # untranslated: as the system says what fails
        raise OSError(errno.EBUSY, f"seccomp: thread {stuck} could not be locked")
