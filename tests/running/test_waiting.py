from __future__ import annotations

import platform
import sys
from pathlib import Path

import pytest

from mockexam.running.waiting import waits_for_input
from tests.running.programs import Recorded, until

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"), reason="only Linux shows system calls"
)


@pytest.mark.parametrize("before", ["", "import readline; "], ids=["plain", "with line editing"])
async def test_a_program_that_asks_is_known_until_it_is_answered(tmp_path: Path, before: str) -> None:
    program = Recorded(tmp_path, f"{before}print('got', input('name? '), flush=True)\nimport time; time.sleep(60)")
    await program.run.start()
    pid = program.run.pid
    assert pid is not None
    await until(lambda: waits_for_input(pid))
    program.run.write(b"Ada\r")
    await until(lambda: "got Ada" in program.output)
    await until(lambda: not waits_for_input(pid))
    await program.run.stop()
    assert not waits_for_input(pid)
