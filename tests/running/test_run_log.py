from __future__ import annotations

import errno
from pathlib import Path

from mockexam.running.log import RunLog


def test_a_log_stops_at_its_limit_and_says_so(tmp_path: Path) -> None:
    log = RunLog(tmp_path / "runs" / "1.log", max_bytes=10)
    log.open()
    for _ in range(5):
        log.write(b"1234")
    log.close()
    text = log.path.read_bytes()
    assert text.startswith(b"1234123412\n[mockexam: the log is full")
    assert text.count(b"full") == 1
    assert str(log.fault) == "it reached 0 MB"


def test_a_full_disk_ends_the_logging_only(tmp_path: Path) -> None:
    log = RunLog(tmp_path / "1.log")
    log.open()
    log.write(b"a")
    assert log._file is not None
    log._file.close()

    class Full:
        def write(self, data: bytes) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

        def close(self) -> None: ...

    log._file = Full()  # type: ignore[assignment]
    log.write(b"b")
    log.write(b"c")
    assert log.fault == "No space left on device"
    assert log.path.read_bytes() == b"a"
