"""Run as a file: makes the terminal on standard input its own and becomes the program to run.

    python -I -S launcher.py PARENT_PID NICE PROGRAM [ARGUMENT ...]

A process of its own does this because the application has threads, in which code between fork and exec isn't safe.
A controlling terminal brings the hang-up signal when the application goes; the parent-death signal (Linux) ends a
program that ignores hang-ups. It imports nothing of the application and costs a few milliseconds of start-up.
"""

from __future__ import annotations

import os
import signal
import sys


def own_terminal() -> None:
    """Make standard input the controlling terminal of this session."""
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def die_with(parent: int) -> None:
    """Be killed when the thread that started us ends, or now if it has ended."""
    if sys.platform == "linux":
        import ctypes

        pr_set_pdeathsig, sigkill = 1, 9
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, sigkill, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(1)


def heed_signals() -> None:
    """Restore the default action of every signal: what is ignored or blocked here would be so in the program too.

    Shells make what they start in the background ignore Ctrl+C, and Python ignores SIGPIPE.
    """
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def main(arguments: list[str]) -> None:
    """Set the stage and hand over; exits 127 with a sentence when the program can't be run."""
    parent, niceness, program = int(arguments[0]), int(arguments[1]), arguments[2:]
    for prepare in (own_terminal, lambda: die_with(parent), lambda: os.nice(niceness), heed_signals):
        try:
            prepare()
        except OSError as error:
            # untranslated: nothing of the application may be imported here
            print(f"mockexam: running without a full terminal: {error.strerror}", file=sys.stderr)
    try:
        os.execvp(program[0], program)  # noqa: S606 - becoming the program is the point
    except OSError as error:
        # untranslated: nothing of the application may be imported here
        print(f"mockexam: {program[0]} can't be run: {error.strerror}", file=sys.stderr)
        sys.exit(127)


if __name__ == "__main__":
    main(sys.argv[1:])
