"""The machine's own clocks."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from mockexam.exam.clock import Reading

# Linux counts sleep only in CLOCK_BOOTTIME; macOS' CLOCK_MONOTONIC already does.
_UPTIME = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
_AWAKE = getattr(time, "CLOCK_UPTIME_RAW", time.CLOCK_MONOTONIC)


class SystemClock:
    """Wall clock in UTC, boot identity, and seconds since boot with sleep counted."""

    def reading(self) -> Reading:
        """The clocks now."""
        uptime, utc = _uptime(), datetime.now(UTC)
        return Reading(
            utc=utc,
            boot=boot_id(),
            uptime=uptime,
            asleep=max(0.0, uptime - time.clock_gettime(_AWAKE)),
            offset=time.localtime(utc.timestamp()).tm_gmtoff // 60,
        )


def _uptime() -> float:
    """Seconds since boot, from /proc where there is one: libraries that fake clocks (libfaketime) leave it alone."""
    try:
        with open("/proc/uptime", "rb", buffering=0) as file:  # noqa: PTH123 - asked for many times a second
            return float(file.read(64).split()[0])
    except (OSError, ValueError, IndexError):
        return time.clock_gettime(_UPTIME)


@cache
def boot_id() -> str:
    """A name for this boot of this machine, different after every reboot."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return (_boot_session() if sys.platform == "darwin" else "") or _boot_minute()


def _boot_session() -> str:
    # Heavy to import, and not needed on Linux.
    import ctypes
    import ctypes.util

    libc = ctypes.CDLL(ctypes.util.find_library("c"))
    buffer = ctypes.create_string_buffer(64)
    size = ctypes.c_size_t(len(buffer))
    failed = libc.sysctlbyname(b"kern.bootsessionuuid", buffer, ctypes.byref(size), None, 0)
    return "" if failed else buffer.value.decode()


def _boot_minute() -> str:
    # Wall clock minus uptime wobbles as the clock is corrected, so it is rounded to ten minutes.
    return f"boot-{round((time.time() - time.clock_gettime(_UPTIME)) / 600)}"
